"""What the packs of a place say about data, read into plain entries the catalogue can store."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from yiwang.apps.catalog import grading
from yiwang.packkit import Library
from yiwang.packkit.derived import Raised
from yiwang.packkit.kinds.resources import Feed, QualityRule, Table
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


def datasets_of(
    library: Library, *, raised: Mapping[tuple[str, str], Raised] | None = None
) -> list[DatasetEntry]:
    """Every feed and table of the library's packs, with lineage and grades as parsed from SQL.

    ``raised`` are the grades that organs decided: they hold, and what is computed follows.
    """
    decided = raised or {}
    graded = library.derived.raised_by(decided).grade
    feeds = [
        _feed_entry(
            ref, feed, organ=_organ_title(library, feed.organ), quality=library.quality(ref)
        )
        for ref, feed in library.feeds().items()
    ]
    tables = [
        _table_entry(ref, table, sources=library.sources, graded=graded)
        for ref, table in library.tables().items()
    ]
    return [_decided(entry, decided) for entry in feeds + tables]


def _decided(entry: DatasetEntry, decided: Mapping[tuple[str, str], Raised]) -> DatasetEntry:
    columns = tuple(
        replace(
            column,
            grade=max(column.grade, found.grade),
            category=found.category,
            grade_reason=f"由提供机构决定调为 {found.grade} 级：{found.reason}",
            grade_clause=found.clause,
        )
        if (found := decided.get((entry.ref, column.name)))
        else column
        for column in entry.columns
    )
    return replace(entry, columns=columns)


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
                str(entry[register.key]): {name: plain(value) for name, value in entry.items()}
                for entry in library.entries(ref)
            },
        )
        for ref, register in library.registers().items()
    ]


def plain(value: object) -> object:
    """A typed cell as it is kept: an exact number and a day as text."""
    return str(value) if isinstance(value, Decimal | date) else value


def _organ_title(library: Library, organ: str) -> str:
    known = library.organs().get(organ)
    return known.title if known else organ


def _feed_entry(
    ref: str, feed: Feed, *, organ: str, quality: Sequence[QualityRule]
) -> DatasetEntry:
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
            for rule in quality
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
