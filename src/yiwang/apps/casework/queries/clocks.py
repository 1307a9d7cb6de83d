"""The clock of one case, replayed day by day from its trail."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from yiwang.apps.casework import clock, place, states
from yiwang.apps.casework.access import require_seeing
from yiwang.apps.casework.at_hand import trail_of
from yiwang.apps.casework.clock import Day, Light, Pause
from yiwang.apps.casework.queries.cases import find_case, frozen_flow
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date
from yiwang.kernel.limits import Limit

LONGEST = timedelta(days=400)
"""No page lists more days than this."""


@dataclass(frozen=True)
class ClockLine:
    """One clock: its name, its limit in words, when it runs out, and its light."""

    title: str
    limit: str
    due_at: datetime | None
    light: Light


@dataclass(frozen=True)
class ClockView:
    """The clocks of a case and every day that they counted or did not, and why."""

    clocks: tuple[ClockLine, ...]
    pauses: tuple[Pause, ...]
    days: tuple[Day, ...]
    """Empty when the limits are hours or minutes, which run through nights and days off."""
    provisional: int | None
    """The year whose working days are counted by weekdays until it is announced."""


def clock_of(number: str, *, actor: identity.Actor, at: datetime) -> ClockView:
    """The clocks of a case, recomputed from nothing but its trail and the calendar."""
    row = find_case(number)
    require_seeing(actor, row)
    content, trail = frozen_flow(row.flow), trail_of(row)
    limits = states.limits_of(content, row.limit, row.legal_limit)
    marks, calendar = states.marks_of(trail), place.calendar()
    if row.state == "ended":
        marks = marks[:-1]
    reading = clock.read(marks, limits=limits, calendar=calendar)
    now = row.ended_at or at
    step = content.steps[marks[-1].step]
    lines = (
        ("承诺时限", limits.promised, reading.due_at),
        ("法定时限", limits.legal, reading.legal_due_at),
        (f"环节时限（{step.title}）", step.limit, reading.step_due_at),
    )
    in_days = Limit.parse(limits.promised).unit in ("wd", "d")
    last = _last_day(local_date(now), reading)
    return ClockView(
        clocks=tuple(
            ClockLine(title, Limit.parse(limit).words, due, _light(due, row.opened_at, now))
            for title, limit, due in lines
            if limit
        ),
        pauses=clock.pauses_of(marks, limits.pauses, calendar),
        days=tuple(clock.days(marks, limits=limits, calendar=calendar, until=last))
        if in_days
        else (),
        provisional=reading.provisional,
    )


def _last_day(today: date, reading: clock.Reading) -> date:
    """Until today, or until the last clock runs out."""
    dues = [local_date(due) for due in (reading.due_at, reading.legal_due_at) if due]
    first = local_date(reading.step_since)
    return min(max([today, *dues]), first + LONGEST)


def _light(due: datetime | None, since: datetime, at: datetime) -> Light:
    return clock.light_of(due, clock.warn_at(since, due) if due else None, at)
