"""What the catalogue answers: datasets, columns, lineage, runs, rejected rows, registers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from django.db.models import Count, Max, Q, QuerySet, Sum

from yiwang.apps.catalog import scoring
from yiwang.apps.catalog.folding import words_of
from yiwang.apps.catalog.models import (
    CollectionRun,
    ColumnSource,
    Dataset,
    DatasetColumn,
    PublishedTable,
    Register,
    RegisterEntry,
)
from yiwang.apps.catalog.serving import lake
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound
from yiwang.lake import Rejected
from yiwang.packkit.kinds.shared import Type


class DatasetUnknown(NotFound):
    """The catalogue has no dataset of this id."""

    code = "catalog.dataset_unknown"

    @classmethod
    def of(cls, ref: str) -> "DatasetUnknown":
        return cls(f"数据目录中没有“{ref}”。", hint="请在数据目录中检索现有的数据资源。", ref=ref)


class RegisterUnknown(NotFound):
    """There is no register of this id."""

    code = "catalog.register_unknown"


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
class DimensionView:
    """One dimension of a run's quality: points of 100, and the weight they carry."""

    dimension: str
    title: str
    rules: int
    failed: int
    score: Decimal
    weight: Decimal


@dataclass(frozen=True)
class RunView:
    """归集批次: counts that balance (read = accepted + rejected) and the score."""

    run: str
    ref: str
    title: str
    organ: str
    read: int
    accepted: int
    rejected: int
    flagged: int
    by_rule: tuple[tuple[str, str, int], ...]  # rule, its title, failing rows
    snapshot: str
    seconds: float
    score: Decimal | None
    collected_at: datetime
    dimensions: tuple[DimensionView, ...] = ()


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


@dataclass(frozen=True)
class RegisterView:
    """名录 with the number of its entries in force."""

    ref: str
    title: str
    organ: str
    key: str
    columns: dict[str, str]
    source: str
    is_example: bool
    count: int


def datasets(
    *, query: str = "", organ: str = "", kind: str = "", offset: int = 0, limit: int = 500
) -> list[DatasetLine]:
    """Datasets in force whose folded text has every word of ``query``."""
    found = Dataset.objects.filter(active_until=None)
    for word in words_of(query):
        found = found.filter(folded__contains=word)
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
    runs = _latest(CollectionRun.objects.filter(dataset__in=ids))
    tables = _latest(PublishedTable.objects.filter(dataset__in=ids))
    return [
        DatasetLine(**_line(row, counts.get(row.pk, 0), runs.get(row.pk), tables.get(row.pk)))
        for row in rows
    ]


def _latest(rows: QuerySet[Any]) -> dict[int, Any]:
    newest = rows.values("dataset").annotate(newest=Max("id")).values_list("newest", flat=True)
    return {row.dataset_id: row for row in rows.filter(pk__in=list(newest))}


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
        "rows": table.rows if table else run.accepted if run else None,
        "score": run.score if run else None,
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


def collections(*, ref: str = "", offset: int = 0, limit: int = 50) -> list[RunView]:
    """Runs, newest first, of one feed or of all."""
    rows = CollectionRun.objects.select_related("dataset").prefetch_related(
        "dimensions", "dataset__columns"
    )
    if ref:
        rows = rows.filter(dataset__ref=ref)
    return [_run(row) for row in rows.order_by("-id")[offset : offset + limit]]


def _run(row: CollectionRun) -> RunView:
    titles = {rule["id"]: rule["title"] for rule in row.dataset.quality}
    by_rule = sorted(row.by_rule.items(), key=lambda item: -item[1])
    columns = {column.name: column.title for column in row.dataset.columns.all()}
    return RunView(
        run=row.run,
        ref=row.dataset.ref,
        title=row.dataset.title,
        organ=row.dataset.organ,
        read=row.read,
        accepted=row.accepted,
        rejected=row.rejected,
        flagged=row.flagged,
        by_rule=tuple(
            (rule, titles.get(rule) or _implicit_title(rule, columns), count)
            for rule, count in by_rule
        ),
        snapshot=row.snapshot,
        seconds=row.seconds,
        score=row.score,
        collected_at=row.collected_at,
        dimensions=tuple(
            DimensionView(
                one.dimension,
                scoring.TITLES.get(one.dimension, one.dimension),
                one.rules,
                one.failed,
                one.score,
                one.weight,
            )
            for one in sorted(row.dimensions.all(), key=lambda one: one.pk)
        ),
    )


_IMPLICIT = {"type": "类型不符", "required": "缺少必填值"}


def _implicit_title(rule: str, columns: Mapping[str, str]) -> str:
    """What a check that follows from the column itself is called: ``death_on.type``."""
    column, _, kind = rule.partition(".")
    return f"{columns.get(column, column)}{_IMPLICIT.get(kind, kind)}"


def rejected(
    ref: str, *, officer: identity.Actor, run: str | None = None, offset: int = 0, limit: int = 50
) -> list[Rejected]:
    """Rows in quarantine: for the steward of the organ that provides them, and the data bureau."""
    row = Dataset.objects.filter(ref=ref).first()
    if row is None:
        raise DatasetUnknown.of(ref)
    require_quarantine(officer, organ=row.organ)
    return lake().rejected(ref, run=run, offset=offset, limit=limit)


def require_quarantine(officer: identity.Actor, *, organ: str) -> None:
    """The right to see rejected rows of ``organ``: its own data officer's, or who watches all."""
    if not identity.may(officer, "catalog.watch"):
        identity.require(officer, "catalog.see_rejected", organ=organ)


def registers() -> list[RegisterView]:
    """Every register."""
    rows = Register.objects.annotate(count=Count("entries", filter=Q(entries__active_until=None)))
    return [_register(row) for row in rows.order_by("ref")]


def _register(row: Any) -> RegisterView:
    return RegisterView(
        row.ref, row.title, row.organ, row.key, row.columns, row.source, row.is_example, row.count
    )


def entries(ref: str) -> list[dict[str, Any]]:
    """The entries in force of a register, by key, or ``RegisterUnknown``."""
    row = Register.objects.filter(ref=ref).first()
    if row is None:
        raise RegisterUnknown(f"没有名录“{ref}”。", hint="请查看名录清单。", ref=ref)
    return [one.values for one in row.entries.filter(active_until=None).order_by("key")]


def code_title(ref: str, code: str) -> str:
    """What a code of a code table stands for; the code itself when the table does not know it."""
    rows = RegisterEntry.objects.filter(register__ref=ref, key=code, active_until=None)
    values = rows.values_list("values", flat=True).first() or {}
    return str(values.get("title") or values.get("name") or code)


@dataclass(frozen=True)
class Totals:
    """Counts for a home page."""

    datasets: int
    columns: int
    registers: int
    runs: int
    read: int
    accepted: int
    rejected: int
    score: Decimal | None


def totals() -> Totals:
    """How much is catalogued and collected; the score is the mean over the latest runs."""
    counts = CollectionRun.objects.aggregate(Sum("read"), Sum("accepted"), Sum("rejected"))
    latest = _latest(CollectionRun.objects.all()).values()
    scores = [run.score for run in latest if run.score is not None]
    mean = (sum(scores, Decimal(0)) / len(scores)).quantize(Decimal("0.1")) if scores else None
    return Totals(
        datasets=Dataset.objects.filter(active_until=None).count(),
        columns=DatasetColumn.objects.filter(active_until=None).count(),
        registers=Register.objects.count(),
        runs=CollectionRun.objects.count(),
        read=counts["read__sum"] or 0,
        accepted=counts["accepted__sum"] or 0,
        rejected=counts["rejected__sum"] or 0,
        score=mean,
    )
