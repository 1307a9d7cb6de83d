"""Cycles: due instants in local time, working days, ends of months, and what is refused."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.clock import CHINA
from yiwang.kernel.cycles import (
    CycleUnreadable,
    cycle_of_duration,
    days_of_duration,
    read_cycle,
)
from yiwang.kernel.workdays import Calendar


@pytest.fixture(scope="module")
def calendar(repository):
    return Calendar.read(repository / "packs/base/registers/workdays.csv")


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("text", "last", "next_"),
    [
        ("every 5m", "2026-11-04 10:00", "2026-11-04 10:05"),
        ("every 2h", "2026-11-04 10:00", "2026-11-04 12:00"),
        ("every 7h", "2026-11-04 07:00", "2026-11-04 14:00"),
        ("daily 02:30", "2026-11-04 02:30", "2026-11-05 02:30"),
        ("daily 10:02", "2026-11-04 10:02", "2026-11-05 10:02"),
        ("weekly 1 03:00", "2026-11-02 03:00", "2026-11-09 03:00"),
        ("monthly 31 04:00", "2026-10-31 04:00", "2026-11-30 04:00"),
        ("monthly -1 04:00", "2026-10-31 04:00", "2026-11-30 04:00"),
        ("monthly 3wd 04:00", "2026-11-04 04:00", "2026-12-03 04:00"),
        ("quarterly 1 05:00", "2026-10-01 05:00", "2027-01-01 05:00"),
        ("quarterly -1 05:00", "2026-09-30 05:00", "2026-12-31 05:00"),
        ("yearly 02-29 05:00", "2026-02-28 05:00", "2027-02-28 05:00"),
    ],
)
def test_a_cycle_is_due_when_it_says(text, last, next_, calendar):
    now = at("2026-11-04 10:02")
    cycle = read_cycle(text)

    assert cycle.last(now, calendar) == at(last)
    assert cycle.next(now, calendar) == at(next_)


def test_a_working_day_s_cycle_rests_over_the_national_day_and_works_on_moved_days(calendar):
    cycle = read_cycle("workday 08:30")

    eve = cycle.next(at("2026-09-30 09:00"), calendar)

    assert eve.date().isoformat() == "2026-10-08"  # the week of the holiday is off
    assert cycle.last(at("2026-10-11 00:00"), calendar) == at(
        "2026-10-10 08:30"
    )  # a Saturday worked


def test_in_a_year_that_nobody_announced_work_goes_on_by_weekdays(calendar):
    cycle = read_cycle("workday 08:30")

    assert cycle.next(at("2027-01-01 09:00"), calendar) == at("2027-01-04 08:30")


@given(
    text=st.sampled_from(
        ["every 5m", "every 7h", "daily 23:59", "weekly 7 00:00", "monthly 31 00:30",
         "quarterly 92 12:00", "yearly 12-31 23:00"]
    ),
    minutes=st.integers(0, 60 * 24 * 800),
)  # fmt: skip
def test_what_is_next_becomes_the_last_and_nothing_lies_between(text, minutes):
    now, none = at("2025-01-01 00:00") + timedelta(minutes=minutes), Calendar({}, "")
    cycle = read_cycle(text)
    next_ = cycle.next(now, none)

    assert cycle.last(now, none) <= now < next_
    assert cycle.last(next_, none) == next_
    assert cycle.last(next_ - timedelta(seconds=1), none) == cycle.last(now, none)


@pytest.mark.parametrize(
    "text",
    ["", "hourly", "every 0m", "every 25h", "daily 24:00", "daily 2 02:00", "weekly 8 03:00",
     "monthly 0 04:00", "monthly 32 04:00", "monthly 24wd 04:00", "yearly 13-01 05:00",
     "weekly 03:00"],
)  # fmt: skip
def test_what_is_no_cycle_is_refused_with_examples(text):
    with pytest.raises(CycleUnreadable) as refused:
        read_cycle(text)
    assert "daily 02:30" in refused.value.hint


def test_cycles_and_durations_read_as_people_say_them():
    said = [
        read_cycle(text).title
        for text in ("every 5m", "workday 08:30", "weekly 1 03:00", "monthly 3wd 04:00",
                     "monthly -1 04:00", "quarterly 15 05:00", "yearly 01-05 05:00")
    ]  # fmt: skip

    assert said == [
        "每 5 分钟", "每个工作日 08:30", "每周一 03:00", "每月第3个工作日 04:00",
        "每月最后一天 04:00", "每季第15天 05:00", "每年1月5日 05:00",
    ]  # fmt: skip
    assert cycle_of_duration("P1D").text == "daily 02:00"
    assert cycle_of_duration("PT5M").text == "every 5m"
    assert cycle_of_duration("P10Y") is None


@pytest.mark.parametrize(
    ("duration", "days"),
    [("PT0S", 1), ("PT5M", 1), ("P1D", 1), ("P7D", 7), ("P1W", 7), ("P1M", 31), ("P6M", 186),
     ("P1Y", 366), ("", None), ("不定期", None)],
)  # fmt: skip
def test_a_duration_says_after_how_many_days_data_is_old(duration, days):
    assert days_of_duration(duration) == days
