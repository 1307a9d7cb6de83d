from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.clock import fixed_clock, local_date, system_clock
from yiwang.kernel.errors import Invalid, NotFound, YiwangError
from yiwang.kernel.ids import NumberMistyped, check_number, new_id, number

DAY = date(2026, 11, 2)


def test_ids_are_unique_and_sort_by_the_time_they_were_made():
    made = [new_id() for _ in range(1000)]
    assert len(set(made)) == 1000
    assert {len(each) for each in made} == {26}
    assert [each[:10] for each in made] == sorted(each[:10] for each in made)


@given(st.dates(date(2000, 1, 1), date(2099, 12, 31)), st.integers(0, 99_999_999))
def test_a_number_read_aloud_comes_back_in_canonical_form(day, sequence):
    written = number(prefix="SY", day=day, sequence=sequence)
    assert check_number(f" {written[:6]} {written[6:].lower()}") == written


@given(st.integers(0, 9999), st.integers(2, 13), st.integers(1, 9))
def test_one_wrong_digit_of_a_number_is_found(sequence, place, shift):
    written = number(prefix="SY", day=DAY, sequence=sequence)
    wrong = str((int(written[place]) + shift) % 10)
    with pytest.raises(NumberMistyped):
        check_number(written[:place] + wrong + written[place + 1 :])


@pytest.mark.parametrize(
    "text", ["", "SY", "2026110200170", "SY20261102001７0", "SY-20261102-0017"]
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(NumberMistyped):
        check_number(text)


def test_the_clock_is_aware_and_stands_still_when_told():
    assert system_clock().tzinfo is not None
    nine = datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert fixed_clock(nine)() == nine
    with pytest.raises(ValueError, match="aware"):
        fixed_clock(datetime(2026, 11, 2, 9))  # noqa: DTZ001 - a naive one on purpose


def test_the_local_day_is_china_s():
    assert local_date(datetime(2026, 11, 1, 16, 0, tzinfo=UTC)) == DAY


def test_an_error_carries_message_hint_code_and_facts():
    error = NotFound("没有这件事。", hint="核对编号。", number="7")
    assert str(error) == "没有这件事。（核对编号。）"
    assert (error.code, error.status, error.data) == ("yiwang.not_found", 404, {"number": "7"})
    assert str(Invalid("只有一句。")) == "只有一句。"
    assert isinstance(error, YiwangError)
