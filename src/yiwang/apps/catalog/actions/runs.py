"""Loads of feeds noted, balanced and scored."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from yiwang.apps.catalog import scoring
from yiwang.apps.catalog.models import CollectionRun, Dataset, DimensionScore
from yiwang.apps.catalog.queries.columns import DatasetUnknown
from yiwang.apps.catalog.queries.limits import quality_weights
from yiwang.apps.catalog.queries.runs import since_whole
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict
from yiwang.lake import Collection


class CountsUnbalanced(Conflict):
    """A collection says it read another number of rows than it accepted and rejected."""

    code = "catalog.counts_unbalanced"


_SAME = ("read", "accepted", "rejected", "flagged", "seconds")


@transaction.atomic
def record_collection(collection: Collection, *, at: datetime, mode: str = "whole") -> None:
    """Note one load of a feed, its balance and its score. Noting it twice changes nothing.

    Its ``standing`` is the score of the table as the load leaves it: that of a load of the whole,
    and after partial ones the mean of it and them, weighted by the rows that each has read. So
    twelve good rows do not hide what is wrong with the fifty thousand that they are added to.
    """
    dataset = Dataset.objects.filter(ref=collection.feed).first()
    if dataset is None:
        raise DatasetUnknown.of(collection.feed)
    if collection.read != collection.accepted + collection.rejected:
        raise CountsUnbalanced(
            f"归集批次 {collection.run} 计数不平：读取 {collection.read}，"
            f"入库 {collection.accepted}，隔离 {collection.rejected}。",
            hint="请停用该批次并报告平台管理员；在查明之前不要使用这批数据。",
            run=collection.run,
        )
    rules = {rule["id"]: rule["dimension"] for rule in dataset.quality}
    total, parts = scoring.score(
        rows=collection.read,
        rules=rules,
        failed=collection.by_rule,
        weights=quality_weights(on=local_date(at)),
    )
    run, is_new = CollectionRun.objects.get_or_create(
        dataset=dataset,
        run=collection.run,
        defaults={
            **{name: getattr(collection, name) for name in _SAME},
            "by_rule": dict(collection.by_rule),
            "snapshot": collection.snapshot or "",
            "mode": mode,
            "total": collection.accepted if mode == "whole" else collection.total,
            "score": total,
            "standing": _standing(dataset, collection.read, total, mode),
            "collected_at": at,
        },
    )
    if is_new:
        DimensionScore.objects.bulk_create([DimensionScore(run=run, **asdict(p)) for p in parts])


def _standing(dataset: Dataset, read: int, score: Decimal | None, mode: str) -> Decimal | None:
    before = [] if mode == "whole" else since_whole(dataset.runs.all())
    return scoring.weighted([*((run.score, run.read) for run in before), (score, read)])
