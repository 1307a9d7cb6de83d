"""Availability: what was measured minute by minute, and what it comes to.

Nothing is assumed: a minute in which nobody measured (the machine was off) counts as down.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q
from django.db.models.functions import TruncDate

from yiwang.apps.jobs.models import Probe
from yiwang.kernel.clock import CHINA, local_date

MINUTE = timedelta(minutes=1)
KEPT = timedelta(days=400)
"""Measurements are kept so long: a year and a month."""


@dataclass(frozen=True)
class Day:
    """One day of availability. ``minutes`` are those that had passed, or since measuring began."""

    on: date
    minutes: int
    up: int

    @property
    def share(self) -> float:
        """How much of it the platform answered."""
        return min(1.0, self.up / self.minutes) if self.minutes else 1.0


@dataclass(frozen=True)
class Outage:
    """A stretch without an answer; ``until`` is the first minute that answered again."""

    since: datetime
    until: datetime
    note: str

    @property
    def minutes(self) -> int:
        """How long it was."""
        return round((self.until - self.since) / MINUTE)


@dataclass(frozen=True)
class Availability:
    """What the measurements of a time come to."""

    since: datetime
    days: tuple[Day, ...]
    outages: tuple[Outage, ...]
    last: datetime | None

    @property
    def share(self) -> float | None:
        """Minutes with an answer among all; None before the first measurement."""
        minutes = sum(day.minutes for day in self.days)
        return sum(min(day.up, day.minutes) for day in self.days) / minutes if minutes else None


def record_probe(*, at: datetime, is_up: bool, millis: int, note: str = "") -> None:
    """Keep what one minute's measurement found; the first of a minute stands."""
    Probe.objects.get_or_create(
        minute=at.replace(second=0, microsecond=0),
        defaults={"is_up": is_up, "millis": millis, "note": note[:200]},
    )


def clear_probes(at: datetime) -> int:
    """Forget what is too old."""
    return Probe.objects.filter(minute__lt=at - KEPT).delete()[0]


def availability(*, at: datetime, days: int = 90) -> Availability:
    """The last ``days`` days, or since measuring began."""
    first = Probe.objects.order_by("minute").values_list("minute", flat=True).first()
    last = Probe.objects.order_by("-minute").values_list("minute", flat=True).first()
    if first is None or last is None:
        return Availability(at, (), (), None)
    midnight = at.astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    since = max(first, midnight - timedelta(days=days - 1))
    counted = (
        Probe.objects.filter(minute__gte=since, minute__lte=at)
        .annotate(on=TruncDate("minute", tzinfo=CHINA))
        .values("on")
        .annotate(up=Count("minute", filter=Q(is_up=True)))
        .values_list("on", "up")
    )
    up = dict(counted)
    found = [Day(on, _minutes(on, since, at), up.get(on, 0)) for on in _days(since, at)]
    return Availability(since, tuple(found), tuple(outages(since=since, at=at)), last)


def outages(*, since: datetime, at: datetime, most: int = 50) -> list[Outage]:
    """Stretches without an answer, newest first."""
    rows = Probe.objects.filter(minute__gte=since, minute__lte=at).order_by("minute")
    found: list[Outage] = []
    expected, down, note = since.replace(second=0, microsecond=0), None, ""
    for minute, is_up, said in rows.values_list("minute", "is_up", "note").iterator():
        if minute > expected + MINUTE and down is None:  # one missing minute is jitter
            down, note = expected, "没有测量（平台或整机停机）"
        if is_up and down is not None:
            found.append(Outage(down, minute, note))
            down = None
        elif not is_up and down is None:
            down, note = minute, said
        expected = minute + MINUTE
    if down is not None or at > expected + 2 * MINUTE:
        found.append(Outage(down or expected, at, note or "没有测量（平台或整机停机）"))
    return found[::-1][:most]


def _days(since: datetime, at: datetime) -> Iterable[date]:
    day = local_date(since)
    while day <= local_date(at):
        yield day
        day += timedelta(days=1)


def _minutes(on: date, since: datetime, at: datetime) -> int:
    begin = datetime(on.year, on.month, on.day, tzinfo=CHINA)
    span = min(at, begin + timedelta(days=1)) - max(since, begin)
    return max(1, int(span / MINUTE))
