"""Polygons as registers hold them (WKT, longitude before latitude), and whether a point is within.

Even-odd rule over all rings, so holes are holes; a point on an edge may fall on either side.
"""

import re
from collections.abc import Sequence

Ring = tuple[tuple[float, float], ...]
_NUMBER = r"-?\d{1,3}(?:\.\d+)?"
_RING = re.compile(r"\(\s*(%s\s+%s(?:\s*,\s*%s\s+%s){3,})\s*\)" % ((_NUMBER,) * 4))


def read_outline(text: str) -> tuple[Ring, ...]:
    """The rings of a ``POLYGON`` or ``MULTIPOLYGON``; ValueError when it is none."""
    rings = tuple(
        tuple((float(x), float(y)) for x, y in (pair.split() for pair in found.split(",")))
        for found in _RING.findall(text)
    )
    if not rings or not text.lstrip().upper().startswith(("POLYGON", "MULTIPOLYGON")):
        raise ValueError(f"no outline: {text[:60]}")
    return rings


def is_within(rings: Sequence[Ring], lon: float, lat: float) -> bool:
    """Whether a point lies within the outline."""
    inside = False
    for ring in rings:
        for (x1, y1), (x2, y2) in zip(ring, (*ring[1:], ring[0]), strict=True):
            if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
                inside = not inside
    return inside
