"""Kinds about data: registers, feeds, tables (and their SQL), grants."""

from typing import Literal

import msgspec

from yiwang.packkit.kinds.shared import Column, Days, Grade, Kind, Open, Share
from yiwang.packkit.kinds.subjects import Describes, Event


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
    two checks that look beyond the row. That a key is unique, and that a column keeps to its
    element and code table, follows without being written; a rule about the same stands instead.
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


class Increment(Kind, frozen=True, kw_only=True):
    """How only what is new is read: rows whose ``by`` is newer replace those of their key."""

    by: str
    """A date, an instant or a growing number: a column of the feed."""
    overlap: str = "P1D"
    """Read again so much before the newest known: ``P2D``, ``PT6H``; for a number ``1000``."""
    gone: str = ""
    """A column that says a row is no longer in force …"""
    gone_values: tuple[str, ...] = ()
    """… by one of these values."""
    whole_days: int = 30
    """So often everything is compared, which finds deletions that nobody flagged."""


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
    describes: tuple[Describes, ...] = ()
    """The persons or firms that a row speaks of, and what it states about them."""
    description: str = ""
    schedule: str = ""
    """When to load: ``daily 02:30``, ``workday 08:30``, ``monthly 3wd 04:00``; else by cycle."""
    increment: Increment | None = None
    newest_by: str = ""
    """The column whose newest value says how new a delivery is: an older one is held."""


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
    event: Event | None = None
    """Each row is an event: it joins the time line of the file."""


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


class Release(Kind, frozen=True, kw_only=True):
    """releases/: what a pack offers to open to society; it is measured and decided like any other.

    The name in the catalogue of open data is ``pack-thing``.
    """

    title: str
    table: str
    """``pack.table``"""
    columns: tuple[str, ...]
    terms: Literal["unconditional", "conditional"]
    theme: str
    """An entry of the register of themes."""
    license: str
    """An entry of the register of licences."""
    contact: str
    description: str = ""
    coarse: dict[str, str] = msgspec.field(default_factory=dict)
    """Column to how coarse it is made: month, year, years:5, band:10, digits:9, prefix:2."""
    declared: dict[str, Literal["quasi", "sensitive"]] = msgspec.field(default_factory=dict)
    """Roles in the measure that the catalogue would not give by itself."""
    keywords: tuple[str, ...] = ()
    cycle: str = ""
    leaves_out: bool = False
    """Rows of groups below the threshold are not opened, instead of refusing the whole."""
