from datetime import date
from pathlib import Path

import pytest

from yiwang.kernel.workdays import Calendar, CalendarBroken, YearNotAnnounced

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


def test_a_year_nobody_announced_is_an_error_that_names_the_file(calendar):
    with pytest.raises(YearNotAnnounced) as refused:
        calendar.is_working_day(date(2027, 1, 4))

    assert refused.value.data["year"] == 2027
    assert str(REGISTER) in refused.value.hint


def test_a_limit_that_runs_into_an_unannounced_year_is_not_guessed(calendar):
    with pytest.raises(YearNotAnnounced):
        calendar.add(date(2026, 12, 30), 5)


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
