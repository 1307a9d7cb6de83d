"""From counts to a value."""

from decimal import Decimal

import pytest

from yiwang.apps.boards.measuring import Counts, plain, shown, target_shown, value_of


@pytest.mark.parametrize(
    ("numerator", "denominator", "excluded", "value", "text"),
    [
        (3, 4, 0, "0.75", "75.0%"),
        (3, 4, 1, "1", "100.0%"),
        (0, 4, 0, "0", "0.0%"),
        (0, 0, 0, None, "无可比对象"),
        (0, 2, 2, None, "无可比对象"),
        (1, 3, 0, "0.333333", "33.3%"),
    ],
)
def test_a_share_says_what_it_divides(numerator, denominator, excluded, value, text):
    got = value_of(Counts(Decimal(numerator), Decimal(denominator), Decimal(excluded)))

    assert got == (None if value is None else Decimal(value))
    assert shown(got, unit="percent") == text


def test_a_count_needs_no_denominator():
    assert shown(value_of(Counts(Decimal(50061), None)), unit="count") == "50,061"
    assert shown(value_of(Counts(Decimal(7), Decimal(2))), unit="days") == "3.5 天"


@pytest.mark.parametrize(
    ("target", "unit", "text"),
    [
        ("value >= 0.95", "percent", "≥ 95.0%"),
        ("value <= 8", "days", "≤ 8.0 天"),
        ("value > 1000", "yuan", "> 1,000 元"),
        ("value >= 0.9 and value < 1", "percent", "value >= 0.9 and value < 1"),
        ("", "percent", ""),
    ],
)
def test_a_target_is_shown_as_a_person_reads_it(target, unit, text):
    assert target_shown(target, unit=unit) == text


def test_a_large_sum_is_read_in_hundreds_of_millions():
    assert shown(Decimal("315000000000"), unit="yuan") == "3,150.00 亿元"


def test_an_amount_is_shown_without_trailing_zeros():
    assert [str(plain(Decimal(text))) for text in ("66.000000", "3700", "6.50")] == [
        "66",
        "3700",
        "6.5",
    ]
