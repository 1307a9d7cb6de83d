"""Loads of feeds noted, balanced and scored."""

from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from yiwang.apps.catalog import scoring
from yiwang.apps.catalog.models import CollectionRun, Dataset, DimensionScore
from yiwang.apps.catalog.queries.columns import DatasetUnknown
from yiwang.kernel.errors import Conflict
from yiwang.lake import Collection


class CountsUnbalanced(Conflict):
    """A collection says it read another number of rows than it accepted and rejected."""

    code = "catalog.counts_unbalanced"


@transaction.atomic
def record_collection(collection: Collection, *, at: datetime) -> None:
    """Note one load of a feed, its balance and its score. Noting it twice changes nothing."""
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
    total, parts = scoring.score(rows=collection.read, rules=rules, failed=collection.by_rule)
    run, is_new = CollectionRun.objects.get_or_create(
        dataset=dataset,
        run=collection.run,
        defaults={
            "read": collection.read,
            "accepted": collection.accepted,
            "rejected": collection.rejected,
            "flagged": collection.flagged,
            "by_rule": dict(collection.by_rule),
            "snapshot": collection.snapshot or "",
            "seconds": collection.seconds,
            "score": total,
            "collected_at": at,
        },
    )
    if is_new:
        DimensionScore.objects.bulk_create([DimensionScore(run=run, **asdict(p)) for p in parts])
