"""Devices on the map: points where few are in view, else circles with how many stand there."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from yiwang.apps.sensing.models import AlertState
from yiwang.apps.sensing.queries.devices import DeviceView, device_views, matching

MOST_POINTS = 200
MOST_ALONE = 60
"""Alerts that are points among circles; more are told by the colour of the circles."""
ACROSS = 12
"""Circles side by side in view."""
Spot = tuple[float, float, bool]
"""Longitude, latitude, whether an alert stands."""


@dataclass(frozen=True)
class DeviceCircle:
    """Devices that stand close together: about where, how many, how many with an alert."""

    lon: float
    lat: float
    count: int
    alerting: int


@dataclass(frozen=True)
class DeviceMap:
    """What to draw."""

    points: tuple[DeviceView, ...]
    circles: tuple[DeviceCircle, ...]


def device_map(*, text: str, stream: str, box: tuple[float, float, float, float]) -> DeviceMap:
    """The devices in view; those with an alert are points even where the others are circles."""
    west, south, east, north = box
    found = matching(text, stream).filter(
        lon__gte=west, lon__lte=east, lat__gte=south, lat__lte=north
    )
    places = list(found.values_list("id", "lon", "lat"))
    if len(places) <= MOST_POINTS:
        return DeviceMap(tuple(device_views(found.order_by("id"), main=stream)), ())
    raised = AlertState.objects.filter(cleared_at=None).exclude(raised_at=None)
    alerting = set(raised.values_list("device_id", flat=True)) & {id_ for id_, _, _ in places}
    alone = alerting if len(alerting) <= MOST_ALONE else set()
    cell = max(east - west, 1e-6) / ACROSS
    heaps: dict[tuple[int, int], list[Spot]] = defaultdict(list)
    for id_, lon, lat in places:
        if id_ not in alone:
            at = (int((lon - west) / cell), int((lat - south) / cell))
            heaps[at].append((lon, lat, id_ in alerting))
    shown = found.filter(id__in=sorted(alone)).order_by("id")
    circles = tuple(_circle(heap) for heap in heaps.values())
    return DeviceMap(tuple(device_views(shown, main=stream)), circles)


def _circle(heap: Sequence[Spot]) -> DeviceCircle:
    lons, lats, alerting = zip(*heap, strict=True)
    return DeviceCircle(sum(lons) / len(heap), sum(lats) / len(heap), len(heap), sum(alerting))
