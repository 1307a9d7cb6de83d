"""The shared tables about persons or firms with their columns, and codes in bulk: for files.

Both are kept per edition of the catalogue: a file asks for one row and reads the rest from memory.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from yiwang.apps.catalog.editions import edition
from yiwang.apps.catalog.models import Dataset, DatasetColumn, RegisterEntry
from yiwang.apps.catalog.models.periods import in_force
from yiwang.kernel import masking
from yiwang.kernel.clock import CHINA, system_clock


@dataclass(frozen=True, slots=True)
class AboutColumn:
    """A column as a file needs it. ``masked_as`` is the personal element that it is masked by."""

    name: str
    title: str
    type: str
    element: str
    codes: str
    category: str
    grade: int
    masked_as: str


@dataclass(frozen=True, slots=True)
class AboutTable:
    """A table whose rows are about one person or firm, found by ``subject_column``."""

    ref: str
    title: str
    organ: str
    subject_column: str
    columns: tuple[AboutColumn, ...]


def tables_about(kind: str) -> tuple[AboutTable, ...]:
    """Every table in force about a ``person`` or ``firm``."""
    mark = edition()
    return _kept_tables(mark, kind) if mark else _tables(kind)


def _tables(kind: str) -> tuple[AboutTable, ...]:
    """Two queries, however many tables there are."""
    rows = list(
        Dataset.objects.filter(kind=Dataset.Kind.TABLE, subject=kind, active_until=None).order_by(
            "ref"
        )
    )
    columns: dict[int, list[AboutColumn]] = {row.pk: [] for row in rows}
    found = DatasetColumn.objects.filter(dataset__in=columns, active_until=None)
    names = ("dataset_id", "name", "title", "type", "element", "codes", "category", "grade")
    for dataset, name, title, type_, element, codes, category, grade in found.order_by(
        "position"
    ).values_list(*names):
        masked_as = masking.element_of(element=element, column=name, title=title)
        columns[dataset].append(
            AboutColumn(name, title, type_, element, codes, category, grade, masked_as)
        )
    wanted = "id_number" if kind == "person" else "uscc"
    return tuple(
        AboutTable(
            row.ref,
            row.title,
            row.organ,
            _identifying(row.key, columns[row.pk], wanted),
            tuple(columns[row.pk]),
        )
        for row in rows
    )


def _identifying(key: Collection[str], columns: list[AboutColumn], element: str) -> str:
    names = [column.name for column in columns if column.element == element]
    return next((name for name in key if name in names), names[0] if names else "")


def code_titles(codes: Collection[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """What each ``(code table, code)`` stands for; those unknown are left out."""
    mark, now = edition(), system_clock()
    day = now.astimezone(CHINA).date()
    tables = {
        table: _kept_titles(mark, table, day) if mark else _titles(table, now)
        for table in {table for table, _ in codes}
    }
    return {(table, code): tables[table][code] for table, code in codes if code in tables[table]}


def _titles(register: str, at: datetime) -> Mapping[str, str]:
    """Every code in force of one code table. One query."""
    rows = RegisterEntry.objects.filter(in_force(at), register__ref=register)
    return {key: _title(key, values) for key, values in rows.values_list("key", "values")}


def _title(key: str, values: Mapping[str, Any]) -> str:
    return str(values.get("title") or values.get("name") or key)


@lru_cache(maxsize=8)
def _kept_tables(_mark: str, kind: str) -> tuple[AboutTable, ...]:
    return _tables(kind)


@lru_cache(maxsize=128)
def _kept_titles(_mark: str, register: str, day: date) -> Mapping[str, str]:
    """As of the end of ``day``: changes of a code table begin with a day."""
    return _titles(register, datetime.combine(day, time.max, tzinfo=CHINA))
