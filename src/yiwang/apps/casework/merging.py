"""Whether a signal is about an open incident: near in kind, place and time. Pure."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

EARTH_METRES = 6_371_008.8
MANY = "*"
"""How the object of an incident of many begins, so that one is open for a source and an area."""


@dataclass(frozen=True)
class Sighting:
    """Where, when and of what something was seen; ``object`` is a device or place id, or empty."""

    object: str
    lon: float | None
    lat: float | None
    at: datetime


def is_same(signal: Sighting, known: Sighting, *, within: timedelta, metres: int) -> bool:
    """Whether two sightings of one kind are one incident.

    The same object is always the same incident, however old, for exactly one may be open. Two
    different named objects never are. Otherwise both place and time must be near.
    """
    if signal.object and known.object:
        return signal.object == known.object
    if abs(signal.at - known.at) > within:
        return False
    distance = metres_between(signal.lon, signal.lat, known.lon, known.lat)
    return distance is not None and distance <= metres


def metres_between(
    lon: float | None, lat: float | None, other_lon: float | None, other_lat: float | None
) -> float | None:
    """The great-circle distance of two places in metres; None when one has no place."""
    if lon is None or lat is None or other_lon is None or other_lat is None:
        return None
    phi, other_phi = math.radians(lat), math.radians(other_lat)
    half = (
        math.sin((other_phi - phi) / 2) ** 2
        + math.cos(phi) * math.cos(other_phi) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    )
    return 2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(half)))


def box(lat: float, metres: int) -> tuple[float, float]:
    """Half the width in degrees of longitude and of latitude of a box that holds the circle."""
    up = math.degrees(metres / EARTH_METRES)
    return up / max(math.cos(math.radians(lat)), 0.01), up
