"""Legal and operational clocks, replayed from the trail."""

from datetime import datetime, timedelta

import pytest
from cast import NINE
from hypothesis import given
from hypothesis import strategies as st

from yiwang.apps.casework import clock
from yiwang.apps.casework.clock import Mark, Pause
from yiwang.kernel.clock import CHINA
from yiwang.kernel.workdays import Calendar


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
    reading = clock.read(marks, limit="1d", step_limits={"handle": "2h"}, calendar=calendar)

    assert reading.step_due_at == NINE + timedelta(hours=2)


def test_a_return_starts_the_steps_clock_again_but_not_the_whole(calendar):
    marks = [
        Mark(NINE, "open", "handle"),
        Mark(NINE + timedelta(hours=1), "handle", "check"),
        Mark(NINE + timedelta(hours=2), "return", "handle"),
    ]
    reading = clock.read(marks, limit="6h", step_limits={"handle": "2h"}, calendar=calendar)

    assert reading.step_due_at == NINE + timedelta(hours=4)
    assert reading.due_at == NINE + timedelta(hours=6)


def test_the_lights_turn_with_the_sooner_clock(calendar):
    reading = clock.read(
        [Mark(NINE, "open", "a")], limit="4h", step_limits={"a": "1h"}, calendar=calendar
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
    read = clock.pauses_of(marks)
    total = sum((p.until - p.since for p in read), timedelta())

    plain = clock.due_at(f"{hours}h", NINE, (), calendar)
    stretched = clock.due_at(f"{hours}h", NINE, read, calendar)

    assert plain <= stretched <= plain + total
