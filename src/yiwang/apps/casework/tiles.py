"""Squares of the map with how many incidents lie in each: kept with every change of one.

Squares are those of Web Mercator, so a map at any zoom sums a few of them.
"""

import math
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from yiwang.apps.casework.models import Case, MapTile
from yiwang.apps.casework.storing import add_rows

ZOOMS = (8, 10, 12, 14)
"""The sizes of squares that are kept."""


@dataclass(frozen=True)
class Shift:
    """An incident that appears (``by`` 1) or goes (-1) as it lies and stands."""

    row: Case
    division: str
    is_ended: bool
    by: int


def square(lon: float, lat: float, zoom: int) -> tuple[int, int]:
    """The square of a place; beyond 85° the outermost one."""
    count, bounded = 2**zoom, math.radians(max(-85.05, min(85.05, lat)))
    x = int((lon + 180) / 360 * count)
    y = int((1 - math.asinh(math.tan(bounded)) / math.pi) / 2 * count)
    return min(max(x, 0), count - 1), min(max(y, 0), count - 1)


def opened(rows: Iterable[Case]) -> None:
    """New incidents appear on the map."""
    shift(Shift(row, row.division, False, 1) for row in rows)


def moved(row: Case, *, division: str, was_ended: bool) -> Iterable[Shift]:
    """What an act changed on the map: nothing, or another square of state or division."""
    is_ended = row.state == Case.State.ENDED
    if row.profile == "incident" and (division, was_ended) != (row.division, is_ended):
        yield Shift(row, division, was_ended, -1)
        yield Shift(row, row.division, is_ended, 1)


def shift(shifts: Iterable[Shift]) -> None:
    """Change the counts, each square once."""
    found: dict[tuple[object, ...], list[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    for one in shifts:
        row = one.row
        if row.lon is None or row.lat is None:
            continue
        for zoom in ZOOMS:
            x, y = square(row.lon, row.lat, zoom)
            sums = found[zoom, one.is_ended, x, y, one.division, row.kind]
            for place, value in enumerate((1, row.lon, row.lat)):
                sums[place] += one.by * value
    add_rows(
        MapTile,
        ("zoom", "is_ended", "x", "y", "division", "kind"),
        ("count", "lon_sum", "lat_sum"),
        [(*key, *found[key]) for key in sorted(found, key=repr)],
    )
