"""One query over both: the hot window and the day files behind it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.sensing import hot
from yiwang.apps.sensing.cold import day_store
from yiwang.apps.sensing.instants import SECOND, instant, micros
from yiwang.apps.sensing.models import Point, Reading

HOUR = 3600 * SECOND
Row = tuple[int, int, float, bool]


@dataclass(frozen=True)
class ReadingView:
    """A value at an instant, in the unit of its stream."""

    at: datetime
    value: float
    is_late: bool


@dataclass(frozen=True, slots=True)
class MeanView:
    """The mean of a point over a step of time, and of how many readings."""

    point: int
    begins_at: datetime
    mean: float
    count: int


def readings(
    *,
    device: str,
    since: datetime,
    until: datetime | None = None,
    stream: str = "",
    limit: int = 2000,
) -> list[ReadingView]:
    """The newest ``limit`` readings of a device's point (the first, unless named), oldest first."""
    points = Point.objects.filter(device=device).order_by("id")
    point = (points.filter(stream=stream) if stream else points).first()
    if point is None:
        return []
    end = micros(until) if until else 2**62
    rows = merged([point.pk], since=micros(since), until=end)[-limit:]
    return [ReadingView(instant(at), value, late) for _, at, value, late in rows]


def hourly_means(*, since: datetime, until: datetime) -> list[MeanView]:
    """Means of every point and hour of [since, until)."""
    begin, end = micros(since), micros(until)
    oldest = hot.oldest()
    sums: dict[tuple[int, int], tuple[float, int]] = {}
    cold = day_store().means(since=begin, until=end, step=HOUR)
    warm = hot.means(since=begin, until=end, step=HOUR) if oldest is not None else []
    if not warm or not cold:
        return _told(cold or warm)
    if _overlap(begin, end, oldest or end):
        return _exact_means(begin, end)
    for point, at, total, count in (*cold, *warm):
        known = sums.get((point, at), (0.0, 0))
        sums[point, at] = (known[0] + total, known[1] + count)
    return _told([(*key, *found) for key, found in sums.items()])


def merged(points: Iterable[int], *, since: int, until: int) -> list[Row]:
    """Rows of points in [since, until) from both stores, once each, in order of instants."""
    wanted = sorted(points)
    warm = hot.window(since=since, until=until, points=wanted)
    cold = day_store().rows(since=since, until=min(until, 2**62), points=wanted)
    if not cold:
        return sorted(warm, key=lambda row: (row[1], row[0]))
    once = {(row[0], row[1]): row for row in (*warm, *cold)}
    return sorted(once.values(), key=lambda row: (row[1], row[0]))


def count_readings() -> int:
    """How many readings the hot window holds."""
    return Reading.objects.count()


def _overlap(begin: int, end: int, oldest: int) -> bool:
    """Whether a row may lie in both stores: only where settled days reach into the hot window."""
    return bool(day_store().rows(since=max(begin, oldest), until=end, limit=1))


def _exact_means(begin: int, end: int) -> list[MeanView]:
    points = Point.objects.values_list("pk", flat=True)
    sums: dict[tuple[int, int], tuple[float, int]] = {}
    for point, at, value, _ in merged(points, since=begin, until=end):
        total, count = sums.get((point, at - at % HOUR), (0.0, 0))
        sums[point, at - at % HOUR] = (total + value, count + 1)
    return _told([(*key, *found) for key, found in sums.items()])


def _told(sums: Sequence[tuple[int, int, float, int]]) -> list[MeanView]:
    """Of (point, hour, sum, count); the same few hours come for thousands of points."""
    hours = {at: instant(at) for at in {row[1] for row in sums}}
    return [MeanView(p, hours[at], total / n, n) for p, at, total, n in sums]
