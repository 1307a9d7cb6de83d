"""What is a citizen's number within a text, and what is not."""

import pytest

from yiwang.apps.journal.keys import ID_NUMBER

NUMBER = "320825195603140028"


@pytest.mark.parametrize(
    "text", [NUMBER, f"办件{NUMBER}。", f"a\n{NUMBER}", f"0a{NUMBER}", "32082519560314002x"]
)
def test_a_number_is_found_wherever_it_stands(text):
    assert ID_NUMBER.search(text)


@pytest.mark.parametrize(
    "text", [f"9{NUMBER}", f"{NUMBER}0", f"{NUMBER}X", "320825195613140028", NUMBER[1:]]
)
def test_a_run_of_other_digits_is_none(text):
    assert not ID_NUMBER.search(text)
