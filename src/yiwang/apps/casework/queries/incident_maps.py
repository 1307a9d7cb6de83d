"""Incidents on the map: points where few are in view, else circles with how many lie there."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import NamedTuple

from django.db.models import Q, Sum

from yiwang.apps.casework import tiles
from yiwang.apps.casework.access import stem
from yiwang.apps.casework.models import Case, MapTile
from yiwang.apps.casework.queries.incidents import (
    AskedIncidents,
    IncidentLine,
    incident_lines,
    numbers_of,
    watches_all,
)
from yiwang.apps.casework.unindexed import placed
from yiwang.apps.identity import public as identity

MOST_POINTS = 300
MOST_OWN = 2000
"""Incidents that are put on the map of who does not watch over a division; the newest."""


@dataclass(frozen=True)
class Box:
    """What is in view: west, south, east, north, and the map's zoom."""

    west: float
    south: float
    east: float
    north: float
    zoom: float


@dataclass(frozen=True)
class Circle:
    """Incidents that lie close together: how many, and about where."""

    lon: float
    lat: float
    count: int


@dataclass(frozen=True)
class MapPart:
    """What to draw: points, or circles where there would be too many."""

    points: tuple[IncidentLine, ...]
    circles: tuple[Circle, ...]


def incident_map(
    *, officer: identity.Officer, at: datetime, asked: AskedIncidents, box: Box
) -> MapPart:
    """The incidents in view that the officer may see, grouped by the server."""
    if not (watches_all(officer) or "incident.watch" in officer.rights):
        return _of_own(officer, at, asked, box)
    level = next((zoom for zoom in tiles.ZOOMS if zoom >= box.zoom + 2), 0)
    circles = _circles(officer, asked, box, level) if level else ()
    if level and sum(one.count for one in circles) > MOST_POINTS:
        return MapPart((), circles)
    rows = placed(south=box.south, north=box.north, west=box.west, east=box.east)
    rows = asked.narrow(rows).filter(_covered(officer))
    found = list(rows.order_by("-pk").values_list("pk", flat=True)[: MOST_POINTS + 1])
    if len(found) > MOST_POINTS and not level:
        return MapPart((), _circles(officer, asked, box, tiles.ZOOMS[-1]))
    return _points(found[:MOST_POINTS], at)


def _points(numbers: Iterable[int], at: datetime) -> MapPart:
    rows = Case.objects.filter(pk__in=numbers).select_related("flow").order_by("-pk")
    return MapPart(incident_lines(list(rows), at), ())


def _covered(officer: identity.Officer) -> Q:
    if watches_all(officer):
        return Q()
    found = Q(pk=None)
    for division in officer.divisions:
        found |= Q(division__startswith=stem(division))
    return found


def _circles(
    officer: identity.Officer, asked: AskedIncidents, box: Box, level: int
) -> tuple[Circle, ...]:
    left, top = tiles.square(box.west, box.north, level)
    right, bottom = tiles.square(box.east, box.south, level)
    rows = MapTile.objects.filter(
        zoom=level, x__range=(left, right), y__range=(top, bottom), count__gt=0
    ).filter(_covered(officer))
    # ``in`` and not the bare column, which no index of SQLite answers
    wanted = [asked.state == "ended"] if asked.state else [False, True]
    rows = rows.filter(is_ended__in=wanted)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.division:
        rows = rows.filter(division__startswith=stem(asked.division))
    sums = rows.values("x", "y").annotate(
        total=Sum("count"), lons=Sum("lon_sum"), lats=Sum("lat_sum")
    )
    return tuple(
        Circle(one["lons"] / one["total"], one["lats"] / one["total"], one["total"]) for one in sums
    )


def _of_own(officer: identity.Officer, at: datetime, asked: AskedIncidents, box: Box) -> MapPart:
    numbers = list(islice(numbers_of(officer, asked, 0), MOST_OWN))
    spots = [
        Spot(pk, lon, lat)
        for pk, lon, lat in Case.objects.filter(pk__in=numbers).values_list("pk", "lon", "lat")
        if lon is not None and box.west <= lon <= box.east and box.south <= lat <= box.north
    ]
    if len(spots) > MOST_POINTS:
        return MapPart((), tuple(_grouped(spots, box)))
    return _points([one.pk for one in spots], at)


class Spot(NamedTuple):
    """Where an incident lies."""

    pk: int
    lon: float
    lat: float


def _grouped(spots: Iterable[Spot], box: Box) -> Iterator[Circle]:
    level = next((zoom for zoom in tiles.ZOOMS if zoom >= box.zoom + 2), tiles.ZOOMS[-1])
    found: dict[tuple[int, int], list[Spot]] = defaultdict(list)
    for one in spots:
        found[tiles.square(one.lon, one.lat, level)].append(one)
    for group in found.values():
        lons, lats = [one.lon for one in group], [one.lat for one in group]
        yield Circle(sum(lons) / len(group), sum(lats) / len(group), len(group))
