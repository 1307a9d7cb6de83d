"""The clocks of a case: pure, and replayable from its trail.

Two clocks run: over the whole (the legal or operational limit) and over the present step. Each is
a limit in one of three kinds of time: working days (``5wd``), calendar days (``3d``), or urgent
time that runs around the clock (``2h``, ``15m``). A pause stops both clocks.

The day on which a clock begins is not counted (Civil Code of the PRC, article 201), nor is the
day on which it resumes; the day on which it pauses is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Literal

from yiwang.kernel.clock import CHINA, local_date
from yiwang.kernel.limits import Limit
from yiwang.kernel.workdays import Calendar

Light = Literal["green", "yellow", "red"]

WARN_AFTER = 0.75
"""The yellow light comes on when this part of the time has passed."""


@dataclass(frozen=True)
class Mark:
    """What the trail says to the clocks: when something happened, and at which step after it."""

    at: datetime
    verb: str
    step: str


@dataclass(frozen=True)
class Pause:
    """A time in which the clocks stand still; ``until`` is None while it lasts."""

    since: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class Reading:
    """The two clocks at one moment; a due instant is None while paused or without a limit."""

    due_at: datetime | None
    step_due_at: datetime | None
    warn_at: datetime | None
    """When the light of the sooner clock turns yellow."""
    step_since: datetime

    @property
    def soonest_due_at(self) -> datetime | None:
        """The instant at which the first clock runs out."""
        return min((due for due in (self.due_at, self.step_due_at) if due), default=None)


def read(
    marks: Iterable[Mark], *, limit: str, step_limits: Mapping[str, str], calendar: Calendar
) -> Reading:
    """Both clocks, recomputed from the whole trail.

    ``marks`` begin with the opening. A move to another step starts the step's clock anew; one that
    stays does not, so nobody gains time by moving in place. Reopening starts both clocks.
    """
    trail = list(marks)
    whole_since = step_since = trail[0].at
    step = trail[0].step
    for mark in trail[1:]:
        if mark.verb == "reopen":
            whole_since = step_since = mark.at
        elif mark.step != step:
            step_since = mark.at
        step = mark.step
    pauses = pauses_of(trail)
    whole = due_at(limit, whole_since, pauses, calendar)
    own = due_at(step_limits.get(step, ""), step_since, pauses, calendar)
    warnings = [warn_at(s, d) for s, d in ((whole_since, whole), (step_since, own)) if d]
    return Reading(whole, own, min(warnings, default=None), step_since)


def pauses_of(marks: Iterable[Mark]) -> tuple[Pause, ...]:
    """The pauses in a trail; the last one may still last."""
    pauses: list[Pause] = []
    since: datetime | None = None
    for mark in marks:
        if mark.verb == "pause":
            since = mark.at
        elif since is not None:
            pauses.append(Pause(since, mark.at))
            since = None
    if since is not None:
        pauses.append(Pause(since))
    return tuple(pauses)


def due_at(
    limit: str, since: datetime, pauses: Iterable[Pause], calendar: Calendar
) -> datetime | None:
    """When a limit that began at ``since`` runs out; None without a limit or while paused."""
    relevant = [p for p in pauses if p.until is None or p.until > since]
    if not limit or any(p.until is None for p in relevant):
        return None
    parsed = Limit.parse(limit)
    if not relevant:
        return parsed.due(since, calendar)
    if parsed.unit in ("h", "m"):
        return _urgent_due(parsed, since, relevant, calendar)
    stopped = [(local_date(p.since), local_date(p.until)) for p in relevant if p.until]
    day, left = local_date(since), parsed.amount
    while left:
        day += timedelta(days=1)
        if any(begun < day <= ended for begun, ended in stopped):
            continue
        left -= parsed.unit == "d" or calendar.is_working_day(day)
    # The kernel says how the last day ends, and that a natural day's end waits for a working day.
    before = datetime.combine(day - timedelta(days=1), time(12), tzinfo=CHINA)
    return Limit(1, "d").due(before, calendar)


def _urgent_due(limit: Limit, since: datetime, pauses: list[Pause], calendar: Calendar) -> datetime:
    due = limit.due(since, calendar)
    for pause in sorted(pauses, key=lambda p: p.since):
        begun = max(pause.since, since)
        if pause.until and begun < due:
            due += pause.until - begun
    return due


def warn_at(since: datetime, due: datetime) -> datetime:
    """When the yellow light comes on."""
    return since + (due - since) * WARN_AFTER


def light_of(due: datetime | None, warn: datetime | None, at: datetime) -> Light:
    """Red after the sooner clock ran out (``due``), yellow from ``warn``, else green."""
    if due and at > due:
        return "red"
    return "yellow" if warn and at >= warn else "green"
