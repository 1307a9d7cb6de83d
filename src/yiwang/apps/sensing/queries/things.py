"""Devices and points with all that a SensorThings client may see of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yiwang.apps.sensing import hot
from yiwang.apps.sensing.cold import day_store
from yiwang.apps.sensing.instants import instant, micros
from yiwang.apps.sensing.models import (
    Device,
    DeviceRoster,
    LatestReading,
    Point,
    ThingsEntity,
    ThingsKey,
)
from yiwang.apps.sensing.secrecy import digest


@dataclass(frozen=True)
class PointRow:
    """A point: its number, its stream, and what a client said of it."""

    id: int
    device: str
    stream: str
    facts: Mapping[str, Any]


@dataclass(frozen=True)
class ThingRow:
    """A device with its points."""

    id: str
    title: str
    organ: str
    register: str
    lon: float
    lat: float
    placed_at: datetime | None
    facts: Mapping[str, Any]
    points: tuple[PointRow, ...]


@dataclass(frozen=True)
class EntityRow:
    """A sensor, property, place or feature that a client described."""

    id: int
    kind: str
    organ: str
    content: Mapping[str, Any]


@dataclass(frozen=True)
class KeyView:
    """Whom a key stands for."""

    organ: str
    may_create: bool


@dataclass(frozen=True)
class ObservationRow:
    """A reading of a point."""

    point: int
    at: datetime
    value: float
    is_late: bool


def things_version() -> int:
    """Another after every change of a device, a point or a described entity."""
    return DeviceRoster.objects.filter(id=1).values_list("version", flat=True).first() or 0


def things() -> list[ThingRow]:
    """All active devices with their points, in order of their ids."""
    points: dict[str, list[PointRow]] = {}
    for one in Point.objects.order_by("pk"):
        row = PointRow(one.pk, one.device_id, one.stream, one.facts)
        points.setdefault(one.device_id, []).append(row)
    return [
        ThingRow(
            one.id,
            one.title,
            one.organ,
            one.register,
            one.lon,
            one.lat,
            one.placed_at,
            one.facts,
            tuple(points.get(one.id, ())),
        )
        for one in Device.objects.filter(is_active=True).order_by("id")
    ]


def described_entities() -> list[EntityRow]:
    """What clients described."""
    found = ThingsEntity.objects.order_by("pk")
    return [EntityRow(one.pk, one.kind, one.organ, one.content) for one in found]


def key_of(secret: str) -> KeyView | None:
    """Whom a key stands for, if it is one in force."""
    found = ThingsKey.objects.filter(digest=digest(secret), is_active=True).first()
    return KeyView(found.organ, found.may_create) if secret and found else None


def observations(
    *,
    points: Sequence[int] | None,
    since: datetime | None,
    until: datetime | None,
    offset: int,
    limit: int,
    newest_first: bool = False,
) -> list[ObservationRow]:
    """A page of the readings of points (None: of all) in [since, until), by instant."""
    if points is not None and not points:
        return []
    begin, end = _span(since, until)
    wanted = offset + limit
    chosen = tuple(points or ())
    rows = [
        *hot.page(begin, end, points=chosen, limit=wanted, newest_first=newest_first),
        *day_store().rows(
            since=begin, until=end, points=chosen, limit=wanted, newest_first=newest_first
        ),
    ]
    once = {(row[0], row[1]): row for row in rows}
    ordered = sorted(once.values(), key=lambda row: (row[1], row[0]), reverse=newest_first)
    return [
        ObservationRow(point, instant(at), value, bool(late))
        for point, at, value, late in ordered[offset:wanted]
    ]


def count_observations(
    *, points: Sequence[int] | None, since: datetime | None, until: datetime | None
) -> int:
    """How many readings there are in both stores."""
    if points is not None and not points:
        return 0
    begin, end = _span(since, until)
    chosen = tuple(points or ())
    return hot.count(begin, end, points=chosen) + day_store().count(
        since=begin, until=end, points=chosen
    )


def observed_since(
    newest: Mapping[int, int] | None,
) -> tuple[list[ObservationRow], dict[int, int]]:
    """What was observed after ``newest`` (point → instant), by instant, and what is newest now.

    Late readings are not among them. None: nothing, and where to begin.
    """
    now = dict(LatestReading.objects.values_list("point", "at"))
    if newest is None:
        return [], now
    begins = {point: newest.get(point, at - 1) for point, at in now.items()}
    moved = {point: begin for point, begin in begins.items() if begin < now[point]}
    rows = [
        ObservationRow(point, instant(at), value, is_late=False)
        for point, readings in (hot.since(moved) if moved else {}).items()
        for at, value in readings
        if at <= now[point]
    ]
    return sorted(rows, key=lambda one: (one.at, one.point)), now


def stream_of_point(point: int) -> str:
    """The stream of a point; "" for none."""
    return Point.objects.filter(pk=point).values_list("stream", flat=True).first() or ""


def organ_of_device(device: str) -> str:
    """The organ that manages a device; "" for none."""
    found = Device.objects.filter(id=device, is_active=True)
    return found.values_list("organ", flat=True).first() or ""


def _span(since: datetime | None, until: datetime | None) -> tuple[int, int]:
    begin = micros(since) if since else -(2**60)
    return begin, micros(until) if until else 2**60
