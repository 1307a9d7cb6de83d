"""Kinds about data: registers, feeds, tables (and their SQL), grants."""

from typing import Literal

import msgspec

from yiwang.packkit.kinds.shared import Column, Days, Grade, Kind, Open, Share


class Register(Kind, frozen=True, kw_only=True):
    """registers/: a typed list, with its entries in ``registers/<id>.csv`` beside it."""

    title: str
    owner: str
    key: str
    columns: dict[str, Column]
    source: str
    example: bool = False


class Header(Kind, frozen=True, kw_only=True):
    """Where a spreadsheet's column names stand; found by content when omitted."""

    row: int | None = None
    rows: int = 1


class Shape(Kind, frozen=True, kw_only=True):
    """What the source looks like: a table of a database, or files by pattern."""

    table: str = ""
    file: str = ""
    encoding: str = "auto"
    separator: str = "auto"
    sheet: str = ""
    header: Header = msgspec.field(default_factory=Header)


class FeedColumn(Column, frozen=True, kw_only=True):
    """A column of a feed: ``from`` names the source's own column (or several accepted names)."""

    from_: str | tuple[str, ...] = msgspec.field(name="from")
    formats: tuple[str, ...] = ()
    """Accepted spellings of a date or instant, as ``%Y-%m-%d``; the usual ones when empty."""


class QualityRule(Kind, frozen=True, kw_only=True):
    """A check of a feed. ``check`` is an expression that is yes for a good row.

    Unknown counts as failed only when ``unknown`` says so. ``unique`` and ``reference`` are the
    two checks that look beyond the row.
    """

    id: str
    title: str
    dimension: Literal[
        "completeness", "validity", "accuracy", "consistency", "uniqueness", "timeliness"
    ]
    check: str = ""
    unique: tuple[str, ...] = ()
    reference: str = ""
    """``column in pack.table.column``"""
    otherwise: Literal["reject", "flag"] = "reject"
    unknown: Literal["pass", "fail"] = "pass"


class Feed(Kind, frozen=True, kw_only=True):
    """feeds/: one dataset of a department as it arrives, and what a good row is."""

    title: str
    organ: str
    source: str
    """A name that the place binds to a database or folder; never an address."""
    shape: Shape
    key: tuple[str, ...]
    cycle: str
    """ISO 8601 duration between loads: P1D, P1M."""
    columns: dict[str, FeedColumn]
    quality: tuple[QualityRule, ...] = ()
    description: str = ""


class Table(Kind, frozen=True, kw_only=True):
    """tables/: the contract of what ``sql/<id>.sql`` produces."""

    title: str
    owner: str
    grain: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    cycle: str = "P1D"
    share: Share = "conditional"
    open: Open = "none"
    description: str = ""
    subject: Literal["", "person", "firm"] = ""
    """Rows are about one person or firm: the table joins their file."""


class Grant(Kind, frozen=True, kw_only=True):
    """grants/: a sharing decision that a pack asks for; it binds once the provider agrees."""

    title: str
    table: str
    """``pack.table``"""
    to: str
    """The receiving organ."""
    purpose: str
    basis: str
    columns: tuple[str, ...]
    lookup: tuple[str, ...]
    """Columns a caller must give; no lookup columns means pages over all rows."""
    rows: str = ""
    """An expression every delivered row fulfils."""
    clear: tuple[str, ...] = ()
    """Columns delivered unmasked; all others are masked by their grade."""
    quota_per_day: int = 1000
    rate_per_second: int = 20
    valid: Days = "365d"
    max_grade: Grade = 3
