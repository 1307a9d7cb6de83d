"""What a person writes is a number only if it can be compared, added up and rounded."""

from decimal import Decimal

import pytest

from yiwang.kernel.numbers import number_in


@pytest.mark.parametrize(
    ("text", "number"), [(" 60.00 ", "60.00"), ("-0.5", "-0.5"), ("1e3", "1000")]
)
def test_a_number_is_read_as_it_is_written(text, number):
    assert number_in(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    ["", "六十", "NaN", "sNaN", "-Infinity", "inf", "1e999999", "1e-999999", "0e99", "9" * 16],
)
def test_what_cannot_be_reckoned_with_is_no_number(text):
    with pytest.raises(ValueError):
        number_in(text)
