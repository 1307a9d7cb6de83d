"""Kinds about seeing: alerts over streams, indicators, map layers, screens."""

from datetime import date
from typing import Literal

import msgspec

from yiwang.packkit.kinds.shared import Days, Kind, Parameter


class Wire(Kind, frozen=True, kw_only=True):
    """How a stream comes over a field protocol: which code is its value, and who speaks."""

    protocol: Literal["sl651", "hj212"]
    code: str
    """The element's code in the protocol: ``39`` (SL 651), ``a34004`` (HJ 212)."""
    address: str
    """The register's column with the station's address on the wire."""
    crc: str = ""
    """The register's column with the check sum that the device computes: annex or modbus."""


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
    wire: Wire | None = None


class Input(Kind, frozen=True, kw_only=True):
    """A further value that an alert's conditions read, besides ``value`` and the device's facts.

    Of readings within a while before (``of`` and ``within``), of the same stream or another, of
    the same device or the one that a column names; or of a register's entry (``column`` of the
    entry whose key is what ``key`` says); or whether the device stands in an ``area``.
    """

    of: Literal["", "last", "change", "sum", "mean", "least", "most", "spread", "count"] = ""
    within: Days = ""
    stream: str = ""
    """``pack.stream``; empty: the alert's own."""
    device: str = ""
    """The column of the device's register that names another device; empty: the device itself."""
    register: str = ""
    """``pack.register`` whose entry is looked up."""
    key: str = ""
    """The column of the device's register that holds the key of that entry."""
    column: str = ""
    area: str = ""
    """``pack.register`` with a column ``outline`` of polygons (WKT, longitude before latitude)."""


class Alert(Kind, frozen=True, kw_only=True):
    """alerts/: a condition over a stream that, held for a while, raises one incident per object."""

    title: str
    stream: str
    parameters: dict[str, Parameter] = msgspec.field(default_factory=dict)
    inputs: dict[str, Input] = msgspec.field(default_factory=dict)
    raise_when: str
    """Over ``value``, ``silent_minutes``, ``device.*`` columns, the inputs and the parameters."""
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
    version: str = "1"
    reading: str = ""
    """口径: how the words are understood, where they can be understood in more than one way."""
    target: str = ""
    """An expression over ``value``: ``value >= 0.95``."""
    band: str = ""
    """预警区间: an expression that is yes for a value that misses the target by little."""
    due: date | None = None
    """The day the target is to be met."""
    counts: Literal["rows", "values"] = "rows"
    """What a query yields: one for each row, or the sum of the column ``value``."""
    unit: Literal["percent", "count", "days", "hours", "yuan"] = "percent"
    numerator: str
    denominator: str = ""
    excluded: str = ""
    serves: tuple[str, ...] = ()
    basis: str


class Part(Kind, frozen=True, kw_only=True):
    """A part of a score tree: a dimension, or with ``indicator`` a leaf that is scored.

    A leaf has no points at ``zero``, all at ``full``, and in proportion between; where less is
    better, ``full`` is the smaller.
    """

    title: str
    under: str = ""
    """The part that it belongs to; empty: a dimension of its own."""
    weight: int
    """Among the parts of the same level."""
    weights: dict[str, int] = msgspec.field(default_factory=dict)
    """Another weight for an organ, or for a kind of organs."""
    indicator: str = ""
    """``pack.indicator``"""
    by: str = "organ"
    """The column of the indicator's rows that names the organ."""
    zero: str = "0"
    full: str = "1"


class Assessment(Kind, frozen=True, kw_only=True):
    """assessments/: how organs are scored and ranked, each kind of organ among its own."""

    title: str
    owner: str
    """The organ that assesses and hears appeals."""
    kinds: tuple[str, ...]
    """The kinds of organs that are assessed."""
    parts: dict[str, Part]
    appeals: str
    """``pack.flow`` of an appeal; its party ``office`` is the owner."""
    basis: str
    example: bool = False


class VitalSign(Kind, frozen=True, kw_only=True):
    """A place in a tree of vital signs: a branch, or with ``indicator`` a leaf."""

    title: str = ""
    """Empty on a leaf: what the indicator is called."""
    under: str = ""
    """The branch that it belongs to; empty: a branch of its own."""
    indicator: str = ""
    """``pack.indicator``; its target and band say what is green, yellow and red."""


class Vitals(Kind, frozen=True, kw_only=True):
    """vitals/: a tree of indicators that shows at a glance how the place is."""

    title: str
    owner: str
    """The organ that watches over the tree; each sign has the owner of its indicator."""
    signs: dict[str, VitalSign]


class Layer(Kind, frozen=True, kw_only=True):
    """layers/: a map layer from a register or table with coordinates or divisions."""

    title: str
    source: str
    """``pack.table``, ``pack.register``, ``divisions``, ``incidents`` (those of every kind) or
    ``own_incidents`` (those of the kinds of its own pack)."""
    geometry: Literal["point", "division"] = "point"
    label: str = ""
    color: str = ""
    max_grade: Literal[1, 2, 3, 4] = 2


class Widget(Kind, frozen=True, kw_only=True):
    """One part of a screen."""

    kind: Literal["indicator", "map", "chart", "list", "number", "vitals", "text"]
    title: str
    of: str
    """``pack.indicator``, a comma list of ``pack.layer`` for a map, ``incidents`` or a comma list
    of ``pack.incident`` for a list, ``pack.vitals`` for a tree of vital signs, or the words of a
    text."""
    chart: Literal["", "bar", "line", "pie"] = ""
    by: str = ""
    """Of a chart: the column of the indicator's rows that the bars are counted by."""
    size: Literal["", "small", "medium", "half", "large", "full"] = ""
    """A quarter, a third, half, two thirds or the whole of the width; empty: as is usual."""


class Screen(Kind, frozen=True, kw_only=True):
    """screens/: a board of widgets for one audience."""

    title: str
    audience: Literal["leader", "dispatcher", "steward", "public"]
    widgets: tuple[Widget, ...] = msgspec.field(default=())
