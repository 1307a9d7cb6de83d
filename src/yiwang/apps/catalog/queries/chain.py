"""全链路: where a table's columns come from and where they go, from the systems to the uses.

Columns and edges come from the parsed SQL, the latest run and publication from what was noted when
they were made, uses from the declarations of the packs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.catalog.feed_sources import library
from yiwang.apps.catalog.impact import Use, uses_of
from yiwang.apps.catalog.models import (
    CollectionRun,
    ColumnSource,
    Dataset,
    DatasetColumn,
    PublishedTable,
    Register,
)
from yiwang.apps.catalog.queries.columns import DatasetUnknown
from yiwang.apps.catalog.queries.runs import latest_of_each

Place = tuple[str, str]
"""A table and one of its columns."""


@dataclass(frozen=True)
class ChainColumn:
    """A column that takes part."""

    name: str
    title: str
    grade: int


@dataclass(frozen=True)
class ChainTable:
    """One table on the way. ``step`` counts from the sources: 0 is a feed or a register."""

    ref: str
    title: str
    kind: str
    organ: str
    step: int
    source: str
    """The system that a feed is collected from."""
    run: str
    """The latest run of a feed, or snapshot of a table; empty before the first."""
    at: datetime | None
    rows: int | None
    columns: tuple[ChainColumn, ...]


@dataclass(frozen=True)
class Chain:
    """Tables from the sources on, edges between their columns, and what uses them."""

    tables: tuple[ChainTable, ...]
    edges: tuple[tuple[Place, Place], ...]
    uses: tuple[Use, ...]


def chain(ref: str) -> Chain:
    """The whole chain through one dataset: two queries for columns, however long it is."""
    if not Dataset.objects.filter(ref=ref).exists():
        raise DatasetUnknown.of(ref)
    own = DatasetColumn.objects.filter(dataset__ref=ref, active_until=None)
    start = [(ref, name) for name in own.order_by("position").values_list("name", flat=True)]
    pairs = _pairs()
    above = _reached(start, [(to, come) for come, to in pairs])
    below = _reached(start, pairs)
    taking = above | below
    edges = tuple(
        (come, to)
        for come, to in pairs
        if (to in above and come in above) or (come in below and to in below)
    )
    tables = _tables(taking, edges)
    return Chain(tables, edges, tuple(uses_of(library(), sorted(below))))


def _pairs() -> list[tuple[Place, Place]]:
    rows = ColumnSource.objects.filter(
        column__active_until=None, column__dataset__active_until=None
    ).order_by("column__dataset__ref", "column__position", "pk")
    return [
        ((table, column), (ref, name))
        for table, column, ref, name in rows.values_list(
            "source_table", "source_column", "column__dataset__ref", "column__name"
        )
    ]


def _reached(start: Iterable[Place], pairs: Iterable[tuple[Place, Place]]) -> set[Place]:
    onward: dict[Place, list[Place]] = {}
    for one, other in pairs:
        onward.setdefault(one, []).append(other)
    seen = set(start)
    waiting = list(seen)
    while waiting:
        for place in onward.get(waiting.pop(), ()):
            if place not in seen:
                seen.add(place)
                waiting.append(place)
    return seen


def _tables(taking: set[Place], edges: Iterable[tuple[Place, Place]]) -> tuple[ChainTable, ...]:
    refs = {table for table, _ in taking}
    steps = _steps(refs, {(come[0], to[0]) for come, to in edges if come[0] != to[0]})
    datasets = {row.ref: row for row in Dataset.objects.filter(ref__in=refs)}
    ids = [row.pk for row in datasets.values()]
    runs = latest_of_each(CollectionRun.objects.filter(dataset__in=ids))
    published = latest_of_each(PublishedTable.objects.filter(dataset__in=ids))
    registers = {row.ref: row for row in Register.objects.filter(ref__in=refs)}
    columns = _columns(taking, datasets, registers)
    found = []
    for ref in sorted(refs, key=lambda one: (steps[one], one)):
        row, register = datasets.get(ref), registers.get(ref)
        run, table = (runs.get(row.pk), published.get(row.pk)) if row else (None, None)
        feed = library().feeds().get(ref)
        known = row or register
        found.append(
            ChainTable(
                ref=ref,
                title=known.title if known else ref,
                kind=row.kind if row else "register" if register else "platform",
                organ=known.organ if known else "",
                step=steps[ref],
                source=feed.source if feed else "",
                run=table.snapshot if table else run.run if run else "",
                at=table.published_at if table else run.collected_at if run else None,
                rows=table.rows if table else run.total if run else None,
                columns=tuple(columns.get(ref, ())),
            )
        )
    return tuple(found)


def _columns(
    taking: set[Place], datasets: Mapping[str, Dataset], registers: Mapping[str, Register]
) -> dict[str, list[ChainColumn]]:
    found: dict[str, list[ChainColumn]] = {}
    rows = DatasetColumn.objects.filter(
        dataset__in=[row.pk for row in datasets.values()], active_until=None
    ).order_by("dataset", "position")
    for ref, name, title, grade in rows.values_list("dataset__ref", "name", "title", "grade"):
        if (ref, name) in taking:
            found.setdefault(ref, []).append(ChainColumn(name, title, grade))
    for table, name in sorted(taking):
        if register := registers.get(table):
            title = str(register.columns.get(name, name))
            found.setdefault(table, []).append(ChainColumn(name, title, 1))
        elif table not in datasets:
            found.setdefault(table, []).append(ChainColumn(name, name, 1))
    return found


def _steps(refs: set[str], edges: set[tuple[str, str]]) -> dict[str, int]:
    """How many tables lie before each; SQL of packs has no cycles, one would end the count."""
    steps = dict.fromkeys(refs, 0)
    for _ in refs:
        moved = False
        for come, to in edges:
            if steps[to] <= steps[come] < len(refs):
                steps[to], moved = steps[come] + 1, True
        if not moved:
            break
    return steps
