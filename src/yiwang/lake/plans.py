"""What the lake is told: the plan of a feed, the contract of a table, where a source is.

packkit turns a pack's ``Feed`` and ``Table`` into these; the lake knows no pack kinds. A table's
name is always ``<pack>.<id>``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from yiwang.kernel.errors import Invalid

Type = Literal["text", "integer", "decimal", "boolean", "date", "instant", "json"]
"""The types of a value, as in packs. ``decimal`` keeps 12 digits before the point and 6 after."""

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_COLUMN = re.compile(r"[a-z][a-z0-9_]*")
_REFERENCE = re.compile(
    r"\s*([a-z][a-z0-9_]*)\s+in\s+([a-z][a-z0-9_]*\.[a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)\s*", re.I
)


class PlanMalformed(Invalid):
    """A plan, contract or source binding says something the lake cannot do."""

    code = "lake.plan_malformed"


@dataclass(frozen=True, kw_only=True)
class FeedColumn:
    """A column to be kept: ``sources`` are the accepted names in the source, the first found wins.

    ``formats`` are the accepted spellings of a date or instant (strptime); empty means the
    spellings of ``lake.casts``. ``required`` quarantines rows without a value.
    """

    name: str
    sources: tuple[str, ...]
    type: Type = "text"
    title: str = ""
    required: bool = False
    formats: tuple[str, ...] = ()
    absent: bool = False
    """It was decided that the source no longer has this column: its values are missing."""


@dataclass(frozen=True, kw_only=True)
class Increment:
    """How only what is new is read: rows whose ``by`` lies in a window replace those of their key.

    ``by`` is a date, an instant or a growing number. Rows whose ``gone`` column holds one of the
    ``gone_values`` are removed.
    """

    by: str
    gone: str = ""
    gone_values: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Window:
    """A stretch of ``Increment.by``: from ``since`` (inclusive) to ``until`` (exclusive).

    Values as text: ISO dates and instants, digits of a number; empty is unbounded. A row whose
    value is missing belongs to every window that is unbounded above.
    """

    since: str = ""
    until: str = ""


@dataclass(frozen=True, kw_only=True)
class Shape:
    """What the source looks like: ``table`` of a database, or ``file`` (a pattern) in a folder.

    ``header_row`` counts from 1; without it the header is found by content. ``header_rows`` is how
    many rows it spans; 0 lets the reader find out.
    """

    table: str = ""
    file: str = ""
    encoding: str = "auto"
    separator: str = "auto"
    sheet: str = ""
    header_row: int | None = None
    header_rows: int = 0


@dataclass(frozen=True, kw_only=True)
class Reference:
    """``column`` must be found in ``target`` of ``table`` (a lake table or a code table)."""

    column: str
    table: str
    target: str

    @classmethod
    def parse(cls, text: str) -> Reference:
        """Read ``column in pack.table.column``."""
        match = _REFERENCE.fullmatch(text)
        if not match:
            raise PlanMalformed(
                f"引用检查“{text}”的写法不对。", hint="请写成：列 in 包.表.列。", reference=text
            )
        return cls(column=match[1], table=match[2], target=match[3])


@dataclass(frozen=True, kw_only=True)
class Check:
    """One quality rule: an expression, a unique key or a reference; exactly one of the three."""

    id: str
    title: str = ""
    dimension: str = "validity"
    check: str = ""
    unique: tuple[str, ...] = ()
    reference: Reference | None = None
    otherwise: Literal["reject", "flag"] = "reject"
    unknown: Literal["pass", "fail"] = "pass"

    def __post_init__(self) -> None:
        if bool(self.check) + bool(self.unique) + (self.reference is not None) != 1:
            raise PlanMalformed(
                f"质量规则 {self.id} 应当且只应当写 check、unique、reference 之一。",
                hint="一条规则检查一件事。",
                rule=self.id,
            )


@dataclass(frozen=True, kw_only=True)
class FeedPlan:
    """How a feed is collected: shape, key, columns, checks and what the checks need.

    ``codes`` holds the valid codes of each code table (``pack.register`` → codes); ``values`` the
    parameter values in force on the day of collection.
    """

    name: str
    shape: Shape
    key: tuple[str, ...]
    columns: tuple[FeedColumn, ...]
    checks: tuple[Check, ...] = ()
    codes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)
    value_types: Mapping[str, Type] = field(default_factory=dict)
    increment: Increment | None = None
    newest_by: str = ""
    """The column whose newest value says how new a delivery is."""

    def __post_init__(self) -> None:
        check_name(self.name)
        names = [column.name for column in self.columns]
        _check_columns(self.name, names, self.key)
        more = [self.newest_by] if self.newest_by else []
        if self.increment is not None:
            more += [self.increment.by, *([self.increment.gone] if self.increment.gone else [])]
        if unknown := [name for name in more if name not in names]:
            raise PlanMalformed(
                f"{self.name} 的增量列 {'、'.join(unknown)} 不在列清单里。",
                hint="increment.by、increment.gone、newest_by 写 columns 中的列。",
                feed=self.name,
            )

    @property
    def types(self) -> dict[str, Type]:
        """The type of each kept column."""
        return {column.name: column.type for column in self.columns}


@dataclass(frozen=True, kw_only=True)
class ContractColumn:
    """A column that a published table must have."""

    name: str
    type: Type = "text"
    required: bool = False


@dataclass(frozen=True, kw_only=True)
class TableContract:
    """What a published table promises: exactly these columns, a unique key, no missing values.

    A table that ``remembers`` keeps every row it ever held, by key; the lake itself fills its
    columns ``seen_from`` and ``seen_until`` (the instants of the publications).
    """

    name: str
    key: tuple[str, ...]
    columns: tuple[ContractColumn, ...]
    remembers: bool = False

    def __post_init__(self) -> None:
        check_name(self.name)
        _check_columns(self.name, [column.name for column in self.columns], self.key)


@dataclass(frozen=True, kw_only=True)
class Source:
    """Where a department's system is: ``path`` for sqlite and folder, ``url`` for servers."""

    kind: Literal["sqlite", "folder", "postgres", "mariadb"]
    path: Path = Path()
    url: str = field(default="", repr=False)

    @classmethod
    def of(cls, binding: Mapping[str, str], *, home: Path) -> Source:
        """Read one entry of sources.yaml; paths are relative to ``home``."""
        match kind := binding.get("kind", ""):
            case "sqlite" | "folder":
                return cls(kind=kind, path=home / binding["path"])
            case "postgres" | "mariadb":
                return cls(kind=kind, url=binding["url"])
        raise PlanMalformed(
            f"数据源种类“{kind}”未知。",
            hint="可用：sqlite、folder、postgres、mariadb。",
            kind=kind,
        )


def check_name(name: str) -> tuple[str, str]:
    """``(pack, id)`` of a table name, or ``PlanMalformed``."""
    if not _NAME.fullmatch(name):
        raise PlanMalformed(
            f"表名“{name}”的写法不对。", hint="请写成：包.表，小写英文、数字、下划线。", table=name
        )
    pack, _, table = name.partition(".")
    return pack, table


def check_column_names(names: list[str]) -> None:
    """Refuse names that are not plain lower-case words: they become identifiers in SQL."""
    for name in names:
        if not _COLUMN.fullmatch(name):
            raise PlanMalformed(
                f"列名“{name}”的写法不对。", hint="列名用小写英文、数字、下划线。", column=name
            )


def _check_columns(table: str, names: list[str], key: tuple[str, ...]) -> None:
    check_column_names(names)
    if missing := [column for column in key if column not in names]:
        raise PlanMalformed(
            f"{table} 的主键列 {'、'.join(missing)} 不在列清单里。",
            hint="请补上列，或改正主键。",
            table=table,
        )
    if len(set(names)) != len(names):
        raise PlanMalformed(f"{table} 有重名的列。", hint="每个列名只能出现一次。", table=table)
