"""Pieces that several kinds use."""

from datetime import date
from typing import Literal

import msgspec

Type = Literal["text", "integer", "decimal", "boolean", "date", "instant", "json"]
"""The types of a value. 18-digit numbers are text; money is decimal."""

Grade = Literal[1, 2, 3, 4]
"""Sensitivity, from 1 (public) to 4 (must not leave its organ unmasked)."""

Share = Literal["unconditional", "conditional", "none"]
"""共享属性: 无条件共享, 有条件共享, 不予共享."""

Open = Literal["unconditional", "conditional", "none"]
"""开放属性: 无条件开放, 有条件开放, 不予开放."""

Days = str
"""A limit: ``5wd`` (working days), ``3d`` (calendar days), ``4wh`` (working hours),
``2h``, ``15m``."""


class Kind(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Base of every struct in a pack: unknown keys are refused, values do not change."""


class Basis(Kind, frozen=True, kw_only=True):
    """One legal basis. ``example`` marks a value that no plan or statute spells out."""

    id: str
    title: str
    number: str = ""
    clause: str = ""
    source: str = ""
    example: bool = False


class Column(Kind, frozen=True, kw_only=True):
    """A column of a feed or table, with its standard element, category and grade."""

    title: str
    type: Type = "text"
    element: str = ""
    codes: str = ""
    """A code table: ``pack.register`` id."""
    category: str = ""
    grade: Grade | None = None
    """Needed on a feed; on a table it is derived from the SQL and may only be raised."""
    share: Share = "conditional"
    open: Open = "none"
    required: bool = False
    description: str = ""


class DatedValue(Kind, frozen=True, kw_only=True):
    """A value in force from one day (inclusive) until another (exclusive)."""

    from_: date = msgspec.field(name="from")
    until: date | None = None
    value: int | str | bool
    """A decimal is written as text: ``"50.00"``."""
    basis: str


class Parameter(Kind, frozen=True, kw_only=True):
    """A named value that changes by date: an age, an amount, a threshold."""

    title: str
    type: Literal["integer", "decimal", "text", "boolean", "date"] = "integer"
    unit: str = ""
    values: tuple[DatedValue, ...]
