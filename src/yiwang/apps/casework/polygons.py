"""Areas on the map: whether a place lies in one, and what is wrong with a drawn one. Pure."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from yiwang.kernel.errors import Invalid

Ring = Sequence[Sequence[float]]


class AreaBroken(Invalid):
    """The area is no polygon that can be used: open, too small, off the earth, or too large."""

    code = "casework.area_broken"


MOST_POINTS = 20_000


def polygons(area: Any) -> list[list[Ring]]:
    """The polygons of a GeoJSON Polygon or MultiPolygon, or ``AreaBroken``."""
    kind = area.get("type") if isinstance(area, dict) else None
    if kind not in ("Polygon", "MultiPolygon"):
        raise AreaBroken(
            "范围不是 Polygon 或 MultiPolygon。",
            hint="请导出 WGS 84 的面图层（GeoJSON）。",
        )
    coordinates = area.get("coordinates")
    found = [coordinates] if kind == "Polygon" else coordinates
    rings = [ring for polygon in _lists(found) for ring in _lists(polygon)]
    if not rings or sum(len(_lists(ring)) for ring in rings) > MOST_POINTS:
        raise AreaBroken("范围没有坐标，或坐标点过多。", hint=f"不超过 {MOST_POINTS} 个点。")
    for ring in rings:
        _require_ring(ring)
    return found


def bounds(area: Any) -> tuple[float, float, float, float]:
    """West, south, east, north."""
    points = [point for polygon in polygons(area) for point in polygon[0]]
    lons, lats = [p[0] for p in points], [p[1] for p in points]
    return min(lons), min(lats), max(lons), max(lats)


def contains(area: Any, lon: float, lat: float) -> bool:
    """Whether a place lies in the area and in none of its holes (even-odd, on the plane).

    A place on a border belongs to the area to its east or north, so that neighbours share none.
    """
    coordinates = area["coordinates"]
    found = [coordinates] if area["type"] == "Polygon" else coordinates
    return any(sum(_crosses(ring, lon, lat) for ring in polygon) % 2 for polygon in found)


def _crosses(ring: Ring, lon: float, lat: float) -> int:
    """How often a ray to the east crosses the ring."""
    count = 0
    for (x1, y1, *_), (x2, y2, *_) in pairwise(ring):
        if (y1 > lat) != (y2 > lat) and lon < (x2 - x1) * (lat - y1) / (y2 - y1) + x1:
            count += 1
    return count


def _lists(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise AreaBroken("范围的坐标不是列表。", hint="请检查导出的 GeoJSON。")
    return value


def _require_ring(ring: Any) -> None:
    points = list(_points(ring))
    if len(points) < 4 or points[0] != points[-1]:
        raise AreaBroken("范围的边界没有闭合。", hint="首尾坐标应相同，至少四个点。")
    if not all(-180 <= lon <= 180 and -90 <= lat <= 90 for lon, lat in points):
        raise AreaBroken("坐标超出经纬度范围。", hint="请先转换为 WGS 84 经纬度，不要用投影坐标。")
    doubled = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(points))
    if not doubled:
        raise AreaBroken("范围的面积为零。", hint="请检查导出的 GeoJSON。")


def _points(ring: Any) -> Iterator[tuple[float, float]]:
    for point in _lists(ring):
        pair = _lists(point)[:2]
        if len(pair) < 2 or not all(
            isinstance(one, int | float) and not isinstance(one, bool) for one in pair
        ):
            raise AreaBroken("坐标不是一对数字。", hint="请检查导出的 GeoJSON。")
        yield float(pair[0]), float(pair[1])
