from datetime import date
from pathlib import Path

import pytest

from yiwang.kernel.workdays import Calendar, CalendarBroken

REGISTER = Path(__file__).parents[3] / "packs/base/registers/workdays.csv"


@pytest.fixture(scope="module")
def calendar():
    return Calendar.read(REGISTER)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 11, 2), True),  # an ordinary Monday
        (date(2026, 11, 1), False),  # an ordinary Sunday
        (date(2026, 2, 14), True),  # Saturday worked before Spring Festival
        (date(2026, 2, 23), False),  # Monday, last day of Spring Festival
        (date(2026, 10, 10), True),  # Saturday worked after National Day
        (date(2025, 10, 8), False),  # Mid-Autumn joined to National Day
        (date(2024, 2, 9), True),  # New Year's Eve 2024: not in the notice
        (date(2024, 5, 11), True),
    ],
)
def test_a_day_works_as_the_notice_says(calendar, day, works):
    assert calendar.is_working_day(day) is works


def test_five_working_days_skip_the_national_holiday(calendar):
    assert calendar.add(date(2026, 9, 29), 2) == date(2026, 10, 8)
    assert calendar.add(date(2026, 9, 29), 4) == date(2026, 10, 10)
    assert calendar.add(date(2026, 9, 29), 5) == date(2026, 10, 12)


def test_counting_back_undoes_counting_forward_between_working_days(calendar):
    for n in range(1, 40):
        last = calendar.add(date(2026, 4, 1), n)
        assert calendar.add(last, -n) == date(2026, 4, 1)
        assert calendar.between(date(2026, 4, 1), last) == n
        assert calendar.between(last, date(2026, 4, 1)) == -n


def test_no_days_from_a_day_off_lead_to_the_next_working_day(calendar):
    assert calendar.add(date(2026, 10, 3), 0) == date(2026, 10, 8)
    assert calendar.add(date(2026, 11, 2), 0) == date(2026, 11, 2)


def test_a_year_nobody_announced_counts_by_weekdays_and_is_told(calendar):
    assert calendar.is_working_day(date(2027, 1, 1))  # a Friday: the notice will say otherwise
    assert not calendar.is_working_day(date(2027, 1, 2))
    assert calendar.add(date(2026, 12, 30), 5) == date(2027, 1, 6)
    assert calendar.unannounced(date(2026, 12, 30), date(2027, 1, 6)) == 2027


def test_what_lies_in_announced_years_alone_is_certain(calendar):
    assert calendar.unannounced(date(2025, 12, 30), date(2026, 1, 6)) is None


def test_a_contradicting_row_is_named_with_its_line(tmp_path):
    path = tmp_path / "workdays.csv"
    path.write_text("day,kind,name,source\n2026-01-01,holiday,,\n2026-01-01,workday,,\n", "utf-8")
    with pytest.raises(CalendarBroken, match=r"workdays\.csv:3"):
        Calendar.read(path)


@pytest.mark.parametrize("row", ["2026-13-01,holiday,,", ",holiday,,", "2026-01-01,fest,,"])
def test_a_row_that_cannot_be_read_is_refused(tmp_path, row):
    path = tmp_path / "workdays.csv"
    path.write_text(f"day,kind,name,source\n{row}\n", "utf-8")
    with pytest.raises(CalendarBroken):
        Calendar.read(path)
