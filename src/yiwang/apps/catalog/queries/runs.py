"""Loads of feeds, their quality, and rows in quarantine."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Max, QuerySet

from yiwang.apps.catalog import scoring
from yiwang.apps.catalog.models import CollectionRun, Dataset
from yiwang.apps.catalog.queries.columns import DatasetUnknown
from yiwang.apps.catalog.serving import lake
from yiwang.apps.identity import public as identity
from yiwang.lake import Rejected


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


def latest_of_each(rows: QuerySet[Any]) -> dict[int, Any]:
    newest = rows.values("dataset").annotate(newest=Max("id")).values_list("newest", flat=True)
    return {row.dataset_id: row for row in rows.filter(pk__in=list(newest))}


def since_whole(rows: QuerySet[CollectionRun]) -> list[CollectionRun]:
    """Of one feed's loads, those that its table stands on: the last of the whole and all since."""
    whole = rows.filter(mode="whole").order_by("-id").values_list("id", flat=True).first()
    return list(rows.filter(id__gte=whole or 0).order_by("id"))


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
