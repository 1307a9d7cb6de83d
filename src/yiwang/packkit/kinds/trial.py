"""The kind of a pack's own tests: given tables, expected tables, verdicts and alerts."""

from datetime import date
from typing import Any, Literal

import msgspec

from yiwang.packkit.kinds.shared import Kind

Row = dict[str, Any]


class ExpectedVerdict(Kind, frozen=True, kw_only=True):
    """What a rule must say of one subject, and why."""

    key: str
    verdict: Literal["yes", "no", "unknown"]
    because: tuple[str, ...] = ()
    """Ids of the conditions that are no or unknown; all of them when given."""
    missing: tuple[str, ...] = ()
    outputs: Row = msgspec.field(default_factory=dict)


class ExpectedVerdicts(Kind, frozen=True, kw_only=True):
    """The verdicts of one rule set over the given table."""

    rules: str
    """``pack.rules``"""
    subjects: tuple[ExpectedVerdict, ...]


class ExpectedAlert(Kind, frozen=True, kw_only=True):
    """Readings of one device in order, and whether the alert stands after the last one."""

    alert: str
    """``pack.alert``"""
    device: Row = msgspec.field(default_factory=dict)
    readings: tuple[tuple[str, str], ...]
    """Pairs of time of day and value: ``["08:00", "14.20"]``."""
    others: dict[str, tuple[tuple[str, str], ...]] = msgspec.field(default_factory=dict)
    """Readings of another stream or device, by ``device pack.stream``."""
    silent: int = 0
    """Minutes after the last reading in which none came."""
    raised: bool


class ExpectedForm(Kind, frozen=True, kw_only=True):
    """What a form asks and needs once some values are there: of one item, or of a one-thing."""

    item: str = ""
    bundle: str = ""
    values: Row = msgspec.field(default_factory=dict)
    asks: tuple[str, ...] = ()
    """Every field still asked, in any order."""
    materials: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    """The members of the one-thing that are wanted."""


class Trial(Kind, frozen=True, kw_only=True):
    """tests/: given rows by ``pack.feed`` or ``pack.table``, and what must come out."""

    title: str
    as_of: date
    given: dict[str, tuple[Row, ...]] = msgspec.field(default_factory=dict)
    expect: dict[str, tuple[Row, ...]] = msgspec.field(default_factory=dict)
    """Rows of ``pack.table`` or ``pack.indicator`` (its numerator; ``pack.indicator.denominator``
    and ``.excluded`` are its other parts); only named columns compare."""
    verdicts: tuple[ExpectedVerdicts, ...] = ()
    alerts: tuple[ExpectedAlert, ...] = ()
    forms: tuple[ExpectedForm, ...] = ()
