"""Values that components draw: an act in a trail, a point on a map, a line of a chart."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Tone = Literal["", "green", "yellow", "red", "blue", "grey"]


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act in a trail: ``ui.trail([Act(…)…])``, newest first."""

    at: datetime
    title: str
    who: str = ""
    text: str = ""
    tone: Tone = ""


@dataclass(frozen=True, kw_only=True)
class Point:
    """One point of a map: ``ui.map(…, points=[Point(…)…])``; WGS 84 / CGCS2000 degrees."""

    lon: float
    lat: float
    title: str
    text: str = ""
    tone: Tone = "blue"
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Series:
    """One named row of values of a chart, in the order of its categories."""

    name: str
    values: Sequence[float | int | None]
