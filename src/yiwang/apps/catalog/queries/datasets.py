"""Datasets as lines and as whole entries."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count

from yiwang.apps.catalog import searching
from yiwang.apps.catalog.models import (
    CollectionRun,
    ColumnSource,
    Dataset,
    DatasetColumn,
    PublishedTable,
)
from yiwang.apps.catalog.queries.columns import ColumnView, DatasetUnknown, columns_of
from yiwang.apps.catalog.queries.runs import RunView, collections, latest_of_each


@dataclass(frozen=True)
class DatasetLine:
    """A dataset as one line of a list."""

    ref: str
    kind: str
    kind_title: str
    title: str
    organ: str
    grade: int
    share: str
    open: str
    subject: str
    cycle: str
    columns: int
    rows: int | None
    score: Decimal | None
    updated_at: datetime | None


@dataclass(frozen=True)
class DatasetView(DatasetLine):
    """A dataset with everything known about it."""

    grain: str
    key: tuple[str, ...]
    description: str
    column_views: tuple[ColumnView, ...]
    quality: tuple[dict[str, str], ...]
    runs: tuple[RunView, ...]
    upstream: tuple[str, ...]
    downstream: tuple[str, ...]
    active_from: datetime
    active_until: datetime | None

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories of its columns, that of the highest grade first."""
        columns = sorted(self.column_views, key=lambda one: -one.grade)
        return tuple(dict.fromkeys(one.category for one in columns if one.category))


def datasets(
    *, query: str = "", organ: str = "", kind: str = "", offset: int = 0, limit: int = 500
) -> list[DatasetLine]:
    """Datasets in force that have every word of ``query``, those with it in the title first."""
    if query.strip():
        marks = [searching.mark("organ", organ)] if organ else []
        marks += [searching.mark("type", kind)] if kind else []
        refs = searching.found("dataset", query, marks=marks, offset=offset, limit=limit)
        rows = {row.ref: row for row in Dataset.objects.filter(ref__in=refs, active_until=None)}
        return _lines(rows[ref] for ref in refs if ref in rows)
    found = Dataset.objects.filter(active_until=None)
    if organ:
        found = found.filter(organ=organ)
    if kind:
        found = found.filter(kind=kind)
    return _lines(found.order_by("kind", "ref")[offset : offset + limit])


def _lines(found: Iterable[Dataset]) -> list[DatasetLine]:
    rows = list(found)
    ids = [row.pk for row in rows]
    counts = dict(
        DatasetColumn.objects.filter(dataset__in=ids, active_until=None)
        .values_list("dataset")
        .annotate(Count("id"))
    )
    runs = latest_of_each(CollectionRun.objects.filter(dataset__in=ids))
    tables = latest_of_each(PublishedTable.objects.filter(dataset__in=ids))
    return [
        DatasetLine(**_line(row, counts.get(row.pk, 0), runs.get(row.pk), tables.get(row.pk)))
        for row in rows
    ]


def _line(
    row: Dataset, columns: int, run: CollectionRun | None, table: PublishedTable | None
) -> dict[str, Any]:
    return {
        "ref": row.ref,
        "kind": row.kind,
        "kind_title": row.get_kind_display(),
        "title": row.title,
        "organ": row.organ,
        "grade": row.grade,
        "share": row.share,
        "open": row.open,
        "subject": row.subject,
        "cycle": row.cycle,
        "columns": columns,
        "rows": table.rows if table else run.total if run else None,
        "score": run.standing if run else None,
        "updated_at": table.published_at if table else run.collected_at if run else None,
    }


def dataset(ref: str) -> DatasetView:
    """Everything known about one dataset, or ``DatasetUnknown``."""
    row = Dataset.objects.filter(ref=ref).first()
    if row is None:
        raise DatasetUnknown.of(ref)
    columns = columns_of(ref)
    runs = collections(ref=ref, limit=20)
    run = row.runs.order_by("-id").first()
    line = _line(row, len(columns), run, row.publications.order_by("-id").first())
    above = {table for column in columns for table, _ in column.sources}
    below = ColumnSource.objects.filter(source_table=ref).values_list("column__dataset__ref")
    return DatasetView(
        **line,
        grain=row.grain,
        key=tuple(row.key),
        description=row.description,
        column_views=columns,
        quality=tuple(row.quality),
        runs=tuple(runs),
        upstream=tuple(sorted(above)),
        downstream=tuple(sorted({name for (name,) in below.distinct()})),
        active_from=row.active_from,
        active_until=row.active_until,
    )
