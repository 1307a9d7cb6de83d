"""Legal and operational clocks, replayed from the trail."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from cast import NINE
from hypothesis import given
from hypothesis import strategies as st

from yiwang.apps.casework import clock
from yiwang.apps.casework.clock import Limits, Mark, Pause
from yiwang.kernel.clock import CHINA
from yiwang.kernel.workdays import Calendar
from yiwang.packkit.kinds.work import Pause as PauseRule


@pytest.fixture(scope="module")
def calendar(repository) -> Calendar:
    return Calendar.read(repository / "packs/base/registers/workdays.csv")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("limit", "since", "due"),
    [
        ("5wd", "2026-11-02 09:00", "2026-11-09 23:59:59"),
        # Spring Festival 2026: off from 15 to 23 February, Saturdays 14 and 28 worked.
        ("5wd", "2026-02-12 16:00", "2026-02-26 23:59:59"),
        ("3d", "2026-11-02 09:00", "2026-11-05 23:59:59"),
        ("2h", "2026-11-02 23:00", "2026-11-03 01:00"),
        ("15m", "2026-11-07 10:00", "2026-11-07 10:15"),
    ],
)
def test_a_limit_runs_out_in_its_kind_of_time(calendar, limit, since, due):
    assert clock.due_at(limit, at(since), (), calendar) == at(due)


def test_the_days_of_a_pause_are_not_counted(calendar):
    pauses = [Pause(at("2026-11-04 10:00"), at("2026-11-11 15:00"))]

    # 3 and 4 November count, then 12, 13 and 16.
    assert clock.due_at("5wd", NINE, pauses, calendar) == at("2026-11-16 23:59:59")


def test_urgent_time_is_paused_to_the_second(calendar):
    pauses = [Pause(NINE + timedelta(minutes=30), NINE + timedelta(minutes=50))]

    assert clock.due_at("2h", NINE, pauses, calendar) == NINE + timedelta(minutes=140)


def test_a_paused_clock_has_no_due_instant(calendar):
    assert clock.due_at("5wd", NINE, [Pause(NINE)], calendar) is None


def test_moving_in_place_gains_no_time(calendar):
    marks = [Mark(NINE, "open", "handle"), Mark(NINE + timedelta(hours=1), "assist", "handle")]
    reading = clock.read(marks, limits=Limits("1d", steps={"handle": "2h"}), calendar=calendar)

    assert reading.step_due_at == NINE + timedelta(hours=2)


def test_a_return_starts_the_steps_clock_again_but_not_the_whole(calendar):
    marks = [
        Mark(NINE, "open", "handle"),
        Mark(NINE + timedelta(hours=1), "handle", "check"),
        Mark(NINE + timedelta(hours=2), "return", "handle"),
    ]
    reading = clock.read(marks, limits=Limits("6h", steps={"handle": "2h"}), calendar=calendar)

    assert reading.step_due_at == NINE + timedelta(hours=4)
    assert reading.due_at == NINE + timedelta(hours=6)


def test_the_lights_turn_with_the_sooner_clock(calendar):
    reading = clock.read(
        [Mark(NINE, "open", "a")], limits=Limits("4h", steps={"a": "1h"}), calendar=calendar
    )

    def light(minutes: int) -> str:
        moment = NINE + timedelta(minutes=minutes)
        return clock.light_of(reading.soonest_due_at, reading.warn_at, moment)

    assert [light(0), light(45), light(60), light(61)] == ["green", "yellow", "yellow", "red"]


@given(
    hours=st.integers(1, 500),
    pauses=st.lists(st.tuples(st.integers(0, 300), st.integers(0, 100)), max_size=4),
)
def test_a_pause_never_shortens_a_limit(calendar, hours, pauses):
    marks, moment = [Mark(NINE, "open", "a")], NINE
    for wait, length in pauses:
        moment += timedelta(hours=wait)
        marks.append(Mark(moment, "pause", "a"))
        moment += timedelta(hours=length)
        marks.append(Mark(moment, "resume", "a"))
    read = clock.pauses_of(marks, {}, calendar)
    total = sum((p.until - p.since for p in read), timedelta())

    plain = clock.due_at(f"{hours}h", NINE, (), calendar)
    stretched = clock.due_at(f"{hours}h", NINE, read, calendar)

    assert plain <= stretched <= plain + total


SUPPLEMENT = PauseRule(title="补正材料", stops=("legal", "promised"), most="3wd", basis="law")
PUBLICITY = PauseRule(title="公示", stops=("legal",), most="5d", basis="law")
BOTH = Limits("5wd", legal="8wd", pauses={"supplement": SUPPLEMENT, "publicity": PUBLICITY})


def test_each_day_across_the_spring_festival_is_counted_or_says_why_not(calendar):
    marks = [Mark(at("2026-02-12 16:00"), "open", "a")]
    found = clock.days(marks, limits=BOTH, calendar=calendar, until=at("2026-03-02 09:00").date())

    counted = {str(day.day): day.promised for day in found if day.promised}
    assert counted == {
        "2026-02-13": 1, "2026-02-14": 2, "2026-02-24": 3, "2026-02-25": 4, "2026-02-26": 5,
        "2026-02-27": 6, "2026-02-28": 7, "2026-03-02": 8,
    }  # fmt: skip
    why = {str(day.day): day.why for day in found}
    assert why["2026-02-12"].startswith("立案当日不计")
    assert (why["2026-02-14"], why["2026-02-15"]) == ("调休上班", "节假日放假")
    assert (why["2026-02-28"], why["2026-03-01"]) == ("调休上班", "周末")
    reading = clock.read(marks, limits=BOTH, calendar=calendar)
    assert reading.due_at == at("2026-02-26 23:59:59")
    assert reading.legal_due_at == at("2026-03-02 23:59:59")


def test_a_pause_over_the_spring_festival_ends_after_its_most_working_days(calendar):
    marks = [
        Mark(at("2026-02-12 16:00"), "open", "a"),
        Mark(at("2026-02-13 10:00"), "pause", "a", "supplement"),
    ]
    reading = clock.read(marks, limits=BOTH, calendar=calendar)

    # 13 February counts; 14, 24 and 25 are the three of the pause; 26, 27, 28 and 2 March count.
    assert reading.due_at == at("2026-03-02 23:59:59")


def test_a_pause_stops_only_the_clocks_its_rule_names(calendar):
    marks = [
        Mark(NINE, "open", "a"),
        Mark(at("2026-11-03 10:00"), "pause", "a", "publicity"),
        Mark(at("2026-11-06 10:00"), "resume", "a"),
    ]
    with_pause = clock.read(marks, limits=BOTH, calendar=calendar)
    without = clock.read(marks[:1], limits=BOTH, calendar=calendar)

    assert with_pause.due_at == without.due_at
    assert with_pause.legal_due_at == without.legal_due_at + timedelta(days=5)


def test_an_act_taken_back_gives_the_step_no_new_time(calendar):
    limits = Limits("6h", steps={"handle": "2h", "check": "1h"})
    marks = [
        Mark(NINE, "open", "handle"),
        Mark(NINE + timedelta(hours=1), "handle", "check"),
        Mark(NINE + timedelta(hours=1, minutes=5), "recall", "handle"),
    ]

    assert clock.read(marks, limits=limits, calendar=calendar).step_since == NINE


@given(
    opened=st.integers(0, 40),
    acts=st.lists(
        st.tuples(
            st.integers(0, 9), st.sampled_from(["supplement", "publicity"]), st.integers(0, 9)
        ),
        max_size=3,
    ),
)
def test_the_day_the_count_reaches_the_limit_is_the_day_it_is_due(calendar, opened, acts):
    moment = at("2026-01-20 10:00") + timedelta(days=opened)
    marks = [Mark(moment, "open", "a")]
    for wait, pause, length in acts:
        marks.append(Mark(moment := moment + timedelta(days=wait), "pause", "a", pause))
        marks.append(Mark(moment := moment + timedelta(days=length), "resume", "a"))
    reading = clock.read(marks, limits=BOTH, calendar=calendar)
    found = clock.days(
        marks, limits=BOTH, calendar=calendar, until=reading.legal_due_at.date() + timedelta(days=9)
    )

    assert reading.due_at.date() == next(day.day for day in found if day.promised == 5)
    assert reading.legal_due_at.date() == next(day.day for day in found if day.legal == 8)


def announced(calendar: Calendar, *days: date) -> Calendar:
    """The calendar with days off of a further year."""
    return replace(calendar, days={**calendar.days, **dict.fromkeys(days, "holiday")})


def test_a_limit_into_a_year_not_announced_counts_weekdays_and_says_which_year(calendar):
    marks = [Mark(at("2026-12-28 10:00"), "open", "a")]
    limits = Limits("5wd", steps={"a": "2wd"})
    before = clock.read(marks, limits=limits, calendar=calendar)
    after = clock.read(marks, limits=limits, calendar=announced(calendar, date(2027, 1, 1)))

    assert (before.due_at, before.provisional) == (at("2027-01-04 23:59:59"), 2027)
    assert (after.due_at, after.provisional) == (at("2027-01-05 23:59:59"), None)


def test_hours_around_the_clock_are_never_provisional(calendar):
    marks = [Mark(at("2026-12-31 23:00"), "open", "a")]

    assert clock.read(marks, limits=Limits("4h"), calendar=calendar).provisional is None


def test_the_replay_says_of_each_day_that_its_year_is_not_announced(calendar):
    marks = [Mark(at("2026-12-30 10:00"), "open", "a")]
    found = clock.days(
        marks, limits=Limits("3wd"), calendar=calendar, until=at("2027-01-04 00:00").date()
    )

    assert [one.promised for one in found] == [None, 1, 2, None, None, 3]
    assert "放假安排未公布" in found[-1].why
    assert "放假安排未公布" not in found[1].why
