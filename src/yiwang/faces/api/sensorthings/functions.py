"""The functions of filters: text, numbers, time, and points against polygons."""

import math
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from yiwang.faces.api.sensorthings.refusals import NotOffered, malformed
from yiwang.kernel.clock import system_clock
from yiwang.packkit.areas import Ring, is_within, read_outline


@dataclass(frozen=True)
class Geometry:
    """A point, or the rings of a polygon; degrees, longitude before latitude."""

    point: tuple[float, float] | None = None
    rings: tuple[Ring, ...] = ()


def geometry_of(text: str) -> Geometry:
    """WKT: ``POINT(118.7 33.7)`` or a polygon."""
    words = text.strip().replace("(", " ").replace(")", " ").split()
    try:
        if words and words[0].upper() == "POINT":
            lon, lat = (float(one) for one in words[1:3])
            return Geometry(point=(lon, lat))
        return Geometry(rings=read_outline(text))
    except ValueError:
        if words and words[0].upper() in ("LINESTRING", "MULTIPOINT", "MULTILINESTRING"):
            raise NotOffered("不支持这种几何。", hint="用 POINT 或 POLYGON。") from None
        raise malformed(f"几何看不懂：{text[:60]}") from None


def located(value: Any) -> Geometry | None:
    """A GeoJSON value of an entity as a geometry."""
    if isinstance(value, Geometry):
        return value
    if not isinstance(value, Mapping):
        return None
    value = value.get("geometry", value)
    if value.get("type") == "Point":
        lon, lat = value["coordinates"][:2]
        return Geometry(point=(float(lon), float(lat)))
    if value.get("type") == "Polygon":
        rings = (tuple((float(p[0]), float(p[1])) for p in ring) for ring in value["coordinates"])
        return Geometry(rings=tuple(rings))
    return None


def _within(one: Any, other: Any) -> bool | None:
    a, b = located(one), located(other)
    if a is None or b is None or a.point is None or not b.rings:
        return None
    return is_within(b.rings, *a.point)


def _meet(one: Any, other: Any) -> bool | None:
    a, b = located(one), located(other)
    if a is None or b is None:
        return None
    if a.point and b.point:
        return a.point == b.point
    return _within(one, other) if a.point else _within(other, one)


def _distance(one: Any, other: Any) -> float | None:
    """Metres between two points on the sphere."""
    a, b = located(one), located(other)
    if a is None or b is None or a.point is None or b.point is None:
        return None
    (x1, y1), (x2, y2) = ((math.radians(x), math.radians(y)) for x, y in (a.point, b.point))
    half = math.sin((y2 - y1) / 2) ** 2
    half += math.cos(y1) * math.cos(y2) * math.sin((x2 - x1) / 2) ** 2
    return 2 * 6_371_008.8 * math.asin(math.sqrt(min(1.0, half)))


def _inverse(of: Callable[[Any, Any], bool | None]) -> Callable[[Any, Any], bool | None]:
    return lambda one, other: None if (found := of(one, other)) is None else not found


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _rounded(value: float) -> float:
    return math.floor(value + 0.5)


def _substring(text: str, start: int, length: int | None = None) -> str:
    return text[start:] if length is None else text[start : start + length]


COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "gt": operator.gt,
    "ge": operator.ge, "lt": operator.lt, "le": operator.le,
}  # fmt: skip
ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul,
    "div": operator.truediv, "mod": math.fmod,
}  # fmt: skip
FUNCTIONS: dict[str, tuple[tuple[int, ...], Callable[..., Any]]] = {
    "substringof": ((2,), lambda part, text: part in text),
    "contains": ((2,), lambda text, part: part in text),
    "startswith": ((2,), lambda text, part: text.startswith(part)),
    "endswith": ((2,), lambda text, part: text.endswith(part)),
    "length": ((1,), lambda text: len(text)),
    "indexof": ((2,), lambda text, part: text.find(part)),
    "substring": ((2, 3), _substring),
    "tolower": ((1,), lambda text: text.lower()),
    "toupper": ((1,), lambda text: text.upper()),
    "trim": ((1,), lambda text: text.strip()),
    "concat": ((2,), lambda one, other: str(one) + str(other)),
    "year": ((1,), lambda at: _utc(at).year),
    "month": ((1,), lambda at: _utc(at).month),
    "day": ((1,), lambda at: _utc(at).day),
    "hour": ((1,), lambda at: _utc(at).hour),
    "minute": ((1,), lambda at: _utc(at).minute),
    "second": ((1,), lambda at: _utc(at).second),
    "fractionalseconds": ((1,), lambda at: at.microsecond / 1_000_000),
    "date": ((1,), lambda at: _utc(at).replace(hour=0, minute=0, second=0, microsecond=0)),
    "time": ((1,), lambda at: _utc(at).time().isoformat()),
    "totaloffsetminutes": ((1,), lambda at: 0 * at.year),
    "now": ((0,), system_clock),
    "mindatetime": ((0,), lambda: datetime.min.replace(tzinfo=UTC)),
    "maxdatetime": ((0,), lambda: datetime.max.replace(tzinfo=UTC)),
    "round": ((1,), _rounded),
    "floor": ((1,), lambda value: math.floor(value)),
    "ceiling": ((1,), lambda value: math.ceil(value)),
    "geo.distance": ((2,), _distance),
    "geo.intersects": ((2,), _meet),
    "st_intersects": ((2,), _meet),
    "st_within": ((2,), _within),
    "st_contains": ((2,), lambda one, other: _within(other, one)),
    "st_equals": ((2,), lambda one, other: located(one) == located(other)),
    "st_disjoint": ((2,), _inverse(_meet)),
}
"""Name → (numbers of arguments, meaning). The others of the standard are not offered (501)."""
