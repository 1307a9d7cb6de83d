"""The clocks of a case: pure, and replayable from its trail.

Three clocks run: the promised and the legal limit over the whole, and the limit of the present
step. Each is a limit in one kind of time: working days (``5wd``), calendar days (``3d``), working
hours (``4wh``), or urgent time that runs around the clock (``2h``, ``15m``). A pause stops the
clocks that its rule names, for as long as its rule allows; one without a rule stops all. The
step's clock stands still with the promised one.

The day on which a clock begins is not counted (Civil Code of the PRC, article 201), nor is the
day on which it resumes; the day on which it pauses is.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Literal

from yiwang.kernel.clock import CHINA, local_date
from yiwang.kernel.limits import Limit, working_due
from yiwang.kernel.workdays import Calendar
from yiwang.packkit.kinds.work import Pause as PauseRule

Light = Literal["green", "yellow", "red"]
Clock = Literal["promised", "legal"]
CLOCKS: tuple[Clock, ...] = ("promised", "legal")

WARN_AFTER = 0.75
"""The yellow light comes on when this part of the time has passed."""
NEAR = timedelta(days=2)
"""Where only a day is known and no time runs: the yellow light comes on so long before it."""


@dataclass(frozen=True)
class Mark:
    """What the trail says to the clocks: when something happened, and at which step after it."""

    at: datetime
    verb: str
    step: str
    pause: str = ""
    """The flow's pause that began, by its id."""
    extension: str = ""
    """The time that was added here, to the step's and the whole clock."""


@dataclass(frozen=True)
class Limits:
    """How long a case may take: over the whole, and at each step."""

    promised: str
    legal: str = ""
    steps: Mapping[str, str] = field(default_factory=dict)
    pauses: Mapping[str, PauseRule] = field(default_factory=dict)


@dataclass(frozen=True)
class Pause:
    """A time in which clocks stand still; ``until`` is None while it lasts without an end."""

    since: datetime
    until: datetime | None = None
    title: str = "挂起"
    stops: frozenset[str] = frozenset(CLOCKS)


@dataclass(frozen=True)
class Reading:
    """The clocks at one moment; a due instant is None without a limit, or while it stands still
    for nobody knows how long."""

    due_at: datetime | None
    legal_due_at: datetime | None
    step_due_at: datetime | None
    warn_at: datetime | None
    """When the light of the soonest clock turns yellow."""
    step_since: datetime
    provisional: int | None = None
    """The year whose working days a due instant counts by weekdays, while nobody announced it."""

    @property
    def soonest_due_at(self) -> datetime | None:
        """The instant at which the first clock runs out."""
        dues = (self.due_at, self.legal_due_at, self.step_due_at)
        return min((due for due in dues if due), default=None)


@dataclass(frozen=True)
class Day:
    """One day of a case as the clocks saw it: the count after it, or None when not counted."""

    day: date
    promised: int | None
    legal: int | None
    why: str


def read(marks: Iterable[Mark], *, limits: Limits, calendar: Calendar) -> Reading:
    """All clocks, recomputed from the whole trail, which begins with the opening.

    A move to another step starts the step's clock anew; one that stays does not, and one that is
    taken back goes on with the clock that ran before, so nobody gains time by moving. Reopening
    starts all clocks.
    """
    trail = list(marks)
    whole_since = _whole_since(trail)
    step, entered = step_since(trail)
    pauses = pauses_of(trail, limits.pauses, calendar)
    by_clock = {one: [p for p in pauses if one in p.stops] for one in CLOCKS}
    whole = due_at(limits.promised, whole_since, by_clock["promised"], calendar)
    legal = due_at(limits.legal, whole_since, by_clock["legal"], calendar)
    own = due_at(limits.steps.get(step, ""), entered, by_clock["promised"], calendar)
    added = [(mark.at, mark.extension) for mark in trail if mark.extension]
    whole = _extended(whole, added, whole_since, calendar)
    own = _extended(own, added, entered, calendar)
    begun = ((whole_since, whole), (whole_since, legal), (entered, own))
    warnings = [warn_at(since, due) for since, due in begun if due]
    counted = (limits.promised, limits.legal, limits.steps.get(step, ""))
    provisional = [
        calendar.unannounced(local_date(since), local_date(due))
        for (since, due), limit in zip(begun, counted, strict=True)
        if due and (added or Limit.parse(limit).counts_days)
    ]
    return Reading(
        whole,
        legal,
        own,
        min(warnings, default=None),
        entered,
        min((year for year in provisional if year), default=None),
    )


def _extended(
    due: datetime | None,
    added: Iterable[tuple[datetime, str]],
    since: datetime,
    calendar: Calendar,
) -> datetime | None:
    """The end with the time that was agreed to since the clock began; the legal one has none."""
    for at, extension in added:
        if due is not None and at >= since:
            due = Limit.parse(extension).due(due, calendar)
    return due


def _whole_since(trail: Sequence[Mark]) -> datetime:
    return max((mark.at for mark in trail if mark.verb == "reopen"), default=trail[0].at)


def step_since(trail: Sequence[Mark]) -> tuple[str, datetime]:
    """The step after the trail, and since when its clock runs."""
    stays = [(trail[0].step, trail[0].at)]
    for mark in trail[1:]:
        step, since = stays[-1]
        if mark.verb == "recall":
            stays.append(stays[-2] if len(stays) > 1 else stays[-1])
        elif mark.step != step or mark.verb == "reopen":
            stays.append((mark.step, mark.at))
        else:
            stays.append((step, since))
    return stays[-1]


def pauses_of(
    marks: Iterable[Mark], rules: Mapping[str, PauseRule], calendar: Calendar
) -> tuple[Pause, ...]:
    """The pauses in a trail, each ending when the case went on or its rule's time was over."""
    pauses: list[Pause] = []
    begun: Mark | None = None
    for mark in marks:
        if mark.verb == "pause":
            begun = mark
        elif begun is not None:
            pauses.append(_pause(begun, mark.at, rules, calendar))
            begun = None
    if begun is not None:
        pauses.append(_pause(begun, None, rules, calendar))
    return tuple(pauses)


def _pause(
    begun: Mark, until: datetime | None, rules: Mapping[str, PauseRule], calendar: Calendar
) -> Pause:
    rule = rules.get(begun.pause)
    if rule is None:
        return Pause(begun.at, until)
    most = Limit.parse(rule.most).due(begun.at, calendar)
    ends = min(until, most) if until else most
    return Pause(begun.at, ends, rule.title, frozenset(rule.stops))


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
    if parsed.unit == "wh":
        halts = [(p.since, p.until) for p in relevant if p.until is not None]
        return working_due(parsed.amount, since, calendar, halts)
    if parsed.unit in ("h", "m"):
        return _urgent_due(parsed, since, relevant, calendar)
    day, left = local_date(since), parsed.amount
    while left:
        day += timedelta(days=1)
        left -= not _stopped(day, relevant) and (parsed.unit == "d" or calendar.is_working_day(day))
    # The kernel says how the last day ends, and that a natural day's end waits for a working day.
    before = datetime.combine(day - timedelta(days=1), time(12), tzinfo=CHINA)
    return Limit(1, "d").due(before, calendar)


def _stopped(day: date, pauses: Iterable[Pause]) -> Pause | None:
    """The pause in which a day is not counted."""
    for one in pauses:
        if local_date(one.since) < day and (one.until is None or day <= local_date(one.until)):
            return one
    return None


def _urgent_due(limit: Limit, since: datetime, pauses: list[Pause], calendar: Calendar) -> datetime:
    due = limit.due(since, calendar)
    for pause in sorted(pauses, key=lambda p: p.since):
        begun = max(pause.since, since)
        if pause.until and begun < due:
            due += pause.until - begun
    return due


def days(marks: Iterable[Mark], *, limits: Limits, calendar: Calendar, until: date) -> list[Day]:
    """Each day since the clocks began, counted or not and why; for limits in days.

    The day on which a count reaches its limit is the day on which ``read`` says it is due, but
    for a natural day's end that waits for a working day.
    """
    trail = list(marks)
    since = local_date(_whole_since(trail))
    pauses = pauses_of(trail, limits.pauses, calendar)
    count: dict[Clock, int] = dict.fromkeys(CLOCKS, 0)
    found = [Day(since, None, None, "立案当日不计（民法典第二百零一条）")]
    for day in _each(since + timedelta(days=1), until):
        ran = {one: _runs(day, _limit_of(limits, one), one, pauses, calendar) for one in CLOCKS}
        for one in CLOCKS:
            count[one] += ran[one]
        shown = {one: count[one] if ran[one] else None for one in CLOCKS}
        found.append(Day(day, shown["promised"], shown["legal"], _why(day, pauses, calendar)))
    return found


def _each(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        yield day
        day += timedelta(days=1)


def _limit_of(limits: Limits, clock: Clock) -> str:
    return limits.promised if clock == "promised" else limits.legal


def _runs(day: date, limit: str, clock: Clock, pauses: Iterable[Pause], calendar: Calendar) -> bool:
    if not limit or _stopped(day, [one for one in pauses if clock in one.stops]):
        return False
    return not limit.endswith("wd") or calendar.is_working_day(day)


def _why(day: date, pauses: Iterable[Pause], calendar: Calendar) -> str:
    parts = []
    if paused := _stopped(day, pauses):
        names = {"promised": "承诺", "legal": "法定"}
        which = "、".join(names[one] for one in CLOCKS if one in paused.stops)
        parts.append(f"{paused.title}，{which}时限停计" if which else f"{paused.title}，不停计")
    moved, works = day in calendar.days, calendar.is_working_day(day)
    if calendar.unannounced(day, day):
        parts.append("放假安排未公布，按周几暂算")
    if moved:
        parts.append("调休上班" if works else "节假日放假")
    else:
        parts.append("工作日" if works else "周末")
    return "；".join(parts)


def warn_at(since: datetime, due: datetime) -> datetime:
    """When the yellow light comes on."""
    return since + (due - since) * WARN_AFTER


def light_of(due: datetime | None, warn: datetime | None, at: datetime) -> Light:
    """Red after the sooner clock ran out (``due``), yellow from ``warn``, else green."""
    if due and at > due:
        return "red"
    return "yellow" if warn and at >= warn else "green"


def light_before(due: datetime, at: datetime) -> Light:
    """The light of what is due without a clock of its own: yellow from ``NEAR`` before it."""
    return light_of(due, due - NEAR, at)
