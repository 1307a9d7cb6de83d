"""Columns of datasets: names, types, elements, grades, sources."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from yiwang.apps.catalog.models import Dataset, DatasetColumn
from yiwang.kernel.errors import NotFound
from yiwang.packkit.kinds.shared import Type


class DatasetUnknown(NotFound):
    """The catalogue has no dataset of this id."""

    code = "catalog.dataset_unknown"

    @classmethod
    def of(cls, ref: str) -> "DatasetUnknown":
        return cls(f"数据目录中没有“{ref}”。", hint="请在数据目录中检索现有的数据资源。", ref=ref)


@dataclass(frozen=True)
class ColumnView:
    """数据项 as the catalogue shows it. ``sources`` are the columns it is computed from."""

    name: str
    title: str
    type: str
    element: str
    codes: str
    category: str
    grade: int
    grade_reason: str
    grade_clause: str
    share: str
    open: str
    is_required: bool
    active_from: datetime
    sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class KeyedColumn:
    """A column of a table with one row per division (or per other key)."""

    table: str
    table_title: str
    organ: str
    name: str
    title: str
    type: str
    grade: int

    @property
    def path(self) -> str:
        """``pack.table.column``"""
        return f"{self.table}.{self.name}"


def columns_keyed_by(key: str) -> list[KeyedColumn]:
    """The shared columns of every table in force whose key is the one column ``key``."""
    rows = DatasetColumn.objects.filter(
        active_until=None, dataset__active_until=None, dataset__kind=Dataset.Kind.TABLE
    ).exclude(dataset__share="none")
    return [
        KeyedColumn(
            row.dataset.ref,
            row.dataset.title,
            row.dataset.organ,
            row.name,
            row.title,
            row.type,
            row.grade,
        )
        for row in rows.select_related("dataset").order_by("dataset__ref", "position")
        if row.dataset.key == [key] and row.name != key
    ]


def types_of(ref: str) -> dict[str, Type]:
    """Column name to type, as expressions over the table need them."""
    return {column.name: cast(Type, column.type) for column in columns_of(ref)}


def subject_column(ref: str) -> str:
    """The column that says which person or firm a row is about; empty for other tables.

    It is the column with the identifying element (``id_number``, ``uscc``), the key's first.
    """
    found = Dataset.objects.filter(ref=ref, active_until=None).exclude(subject="")
    row = found.only("subject", "key").first()
    if row is None:
        return ""
    element = "id_number" if row.subject == "person" else "uscc"
    names = [column.name for column in columns_of(ref) if column.element == element]
    return next((name for name in row.key if name in names), names[0] if names else "")


def columns_of(ref: str) -> tuple[ColumnView, ...]:
    """The columns in force of a dataset, in order; empty for an unknown one."""
    rows = DatasetColumn.objects.filter(
        dataset__ref=ref, active_until=None, dataset__active_until=None
    )
    return tuple(
        ColumnView(
            **{name: getattr(row, name) for name in ColumnView.__match_args__ if name != "sources"},
            sources=tuple((one.source_table, one.source_column) for one in row.sources.all()),
        )
        for row in rows.order_by("position").prefetch_related("sources")
    )
