"""What the packs of a place say about data, read into plain entries the catalogue can store."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from yiwang.apps.catalog import grading
from yiwang.packkit import Library
from yiwang.packkit.kinds.resources import Feed, Table
from yiwang.packkit.kinds.shared import Column

Sources = Callable[[str, str], Sequence[tuple[str, str]]]
"""The columns from which (table, column) is computed."""
Graded = Callable[[str, str], int]
"""The grade of (table, column)."""


@dataclass(frozen=True)
class ColumnEntry:
    """One column as a pack describes it."""

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
    sources: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class DatasetEntry:
    """One feed or table as a pack describes it."""

    ref: str
    kind: str
    title: str
    organ: str
    grain: str
    key: tuple[str, ...]
    cycle: str
    share: str
    open: str
    subject: str
    description: str
    quality: tuple[Mapping[str, str], ...]
    columns: tuple[ColumnEntry, ...]


@dataclass(frozen=True)
class RegisterList:
    """One register with its entries by key."""

    ref: str
    title: str
    organ: str
    key: str
    columns: Mapping[str, str]
    source: str
    is_example: bool
    entries: Mapping[str, Mapping[str, object]]


def datasets_of(library: Library) -> list[DatasetEntry]:
    """Every feed and table of the library's packs, with lineage and grades as parsed from SQL."""
    feeds = [
        _feed_entry(ref, feed, organ=_organ_title(library, feed.organ))
        for ref, feed in library.feeds().items()
    ]
    tables = [
        _table_entry(ref, table, sources=library.sources, graded=library.grade)
        for ref, table in library.tables().items()
    ]
    return feeds + tables


def registers_of(library: Library) -> list[RegisterList]:
    """Every register of the library's packs, with the place's own entries."""
    return [
        RegisterList(
            ref=ref,
            title=register.title,
            organ=register.owner,
            key=register.key,
            columns={name: column.title for name, column in register.columns.items()},
            source=register.source,
            is_example=register.example,
            entries={
                str(entry[register.key]): {name: _plain(value) for name, value in entry.items()}
                for entry in library.entries(ref)
            },
        )
        for ref, register in library.registers().items()
    ]


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Decimal | date) else value


def _organ_title(library: Library, organ: str) -> str:
    known = library.organs().get(organ)
    return known.title if known else organ


def _feed_entry(ref: str, feed: Feed, *, organ: str) -> DatasetEntry:
    columns = []
    for name, column in feed.columns.items():
        grade = column.grade or 2
        entry = _column_entry(name, column, grade)
        columns.append(replace(entry, grade_reason=grading.declared_reason(organ, grade)))
    return DatasetEntry(
        ref=ref,
        kind="feed",
        title=feed.title,
        organ=feed.organ,
        grain="",
        key=feed.key,
        cycle=feed.cycle,
        share="none",  # a feed is shared through the tables made of it
        open="none",
        subject="",
        description=feed.description,
        quality=tuple(
            {
                "id": rule.id,
                "title": rule.title,
                "dimension": rule.dimension,
                "otherwise": rule.otherwise,
                "check": rule.check or rule.reference or "、".join(rule.unique),
            }
            for rule in feed.quality
        ),
        columns=tuple(columns),
    )


def _table_entry(ref: str, table: Table, *, sources: Sources, graded: Graded) -> DatasetEntry:
    columns = []
    for name, column in table.columns.items():
        grade = graded(ref, name)
        origins = tuple(sources(ref, name))
        reason = grading.derived_reason(
            [(source, own, graded(source, own)) for source, own in origins], column.grade, grade
        )
        entry = _column_entry(name, column, grade)
        columns.append(replace(entry, grade_reason=reason, sources=origins))
    return DatasetEntry(
        ref=ref,
        kind="table",
        title=table.title,
        organ=table.owner,
        grain=table.grain,
        key=table.key,
        cycle=table.cycle,
        share=table.share,
        open=table.open,
        subject=table.subject,
        description=table.description,
        quality=(),
        columns=tuple(columns),
    )


def _column_entry(name: str, column: Column, grade: int) -> ColumnEntry:
    return ColumnEntry(
        name=name,
        title=column.title,
        type=column.type,
        element=column.element,
        codes=column.codes,
        category=column.category,
        grade=grade,
        grade_reason="",
        grade_clause=grading.clause_of(
            element=column.element, category=column.category, column=name, title=column.title
        ),
        share=column.share,
        open=column.open,
        is_required=column.required,
    )
