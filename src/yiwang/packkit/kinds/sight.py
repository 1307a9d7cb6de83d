"""Kinds about seeing: alerts over streams, indicators, map layers, screens."""

from typing import Literal

import msgspec

from yiwang.packkit.kinds.shared import Days, Kind, Parameter


class Stream(Kind, frozen=True, kw_only=True):
    """streams/: what a kind of device sends."""

    title: str
    organ: str
    quantity: str
    unit: str
    low: float
    """Physical lower limit; a reading below is quarantined."""
    high: float
    cycle: str
    devices: str
    """``pack.register`` of the devices: id, name, lon, lat, division."""


class Alert(Kind, frozen=True, kw_only=True):
    """alerts/: a condition over a stream that, held for a while, raises one incident per object."""

    title: str
    stream: str
    parameters: dict[str, Parameter] = msgspec.field(default_factory=dict)
    raise_when: str
    """Over ``value``, ``device.*`` columns and the parameters."""
    hold: Days = ""
    clear_when: str
    incident: str
    """``pack.incident``"""
    basis: str


class Indicator(Kind, frozen=True, kw_only=True):
    """indicators/: numerator over denominator, with exclusions, target and drill-down.

    ``numerator``, ``denominator`` and ``excluded`` are SQL queries over ``pack.table`` or the
    platform's own published tables (``platform.cases``, ``platform.calls`` …); each yields the
    rows counted, so that any value opens down to its rows.
    """

    title: str
    owner: str
    target: str = ""
    """An expression over ``value``: ``value >= 0.95``."""
    unit: Literal["percent", "count", "days", "hours", "yuan"] = "percent"
    numerator: str
    denominator: str = ""
    excluded: str = ""
    serves: tuple[str, ...] = ()
    basis: str


class Layer(Kind, frozen=True, kw_only=True):
    """layers/: a map layer from a register or table with coordinates or divisions."""

    title: str
    source: str
    """``pack.table``, ``pack.register``, ``divisions`` or ``incidents``."""
    geometry: Literal["point", "division"] = "point"
    label: str = ""
    color: str = ""
    max_grade: Literal[1, 2, 3, 4] = 2


class Widget(Kind, frozen=True, kw_only=True):
    """One part of a screen."""

    kind: Literal["indicator", "map", "chart", "list", "number"]
    title: str
    of: str
    """``pack.indicator``, a comma list of ``pack.layer`` for a map, or ``incidents``."""
    chart: Literal["", "bar", "line", "pie"] = ""
    by: str = ""
    wide: bool = False


class Screen(Kind, frozen=True, kw_only=True):
    """screens/: a board of widgets for one audience."""

    title: str
    audience: Literal["leader", "dispatcher", "steward", "public"]
    widgets: tuple[Widget, ...] = msgspec.field(default=())
