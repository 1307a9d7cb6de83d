"""What changes the catalogue: packs installed, collections and publications recorded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from yiwang.apps.catalog import scoring
from yiwang.apps.catalog.folding import fold
from yiwang.apps.catalog.models import (
    CollectionRun,
    ColumnSource,
    Dataset,
    DatasetColumn,
    DimensionScore,
    PublishedTable,
    Register,
    RegisterEntry,
)
from yiwang.apps.catalog.queries import DatasetUnknown
from yiwang.apps.catalog.reading import ColumnEntry, DatasetEntry, RegisterList
from yiwang.kernel.errors import Conflict
from yiwang.lake import Collection, Publication


class CountsUnbalanced(Conflict):
    """A collection says it read another number of rows than it accepted and rejected."""

    code = "catalog.counts_unbalanced"


@transaction.atomic
def install_entries(
    *, datasets: Sequence[DatasetEntry], registers: Sequence[RegisterList], at: datetime
) -> None:
    """Make the catalogue say what the packs say; what they no longer say is closed at ``at``."""
    _install_datasets(datasets, at)
    _install_columns(datasets, at)
    for register in registers:
        _install_register(register, at)


def _install_datasets(entries: Sequence[DatasetEntry], at: datetime) -> None:
    rows = [Dataset(**_dataset_values(entry), active_from=at) for entry in entries]
    fields = [name for name in _dataset_values(entries[0]) if name != "ref"] if entries else []
    if rows:
        Dataset.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["ref"],
            update_fields=[*fields, "active_until"],
            batch_size=200,
        )
    gone = Dataset.objects.filter(active_until=None).exclude(ref__in=[one.ref for one in entries])
    _close(gone.exclude(kind=Dataset.Kind.PLATFORM), at)


def _dataset_values(entry: DatasetEntry) -> dict[str, Any]:
    names = [text for column in entry.columns for text in (column.name, column.title)]
    return {
        "ref": entry.ref,
        "pack": entry.ref.partition(".")[0],
        "kind": entry.kind,
        "title": entry.title,
        "organ": entry.organ,
        "grain": entry.grain,
        "key": list(entry.key),
        "cycle": entry.cycle,
        "share": entry.share,
        "open": entry.open,
        "subject": entry.subject,
        "grade": max((column.grade for column in entry.columns), default=1),
        "description": entry.description,
        "quality": [dict(rule) for rule in entry.quality],
        "folded": fold(entry.ref, entry.title, entry.description, *names),
    }


def _install_columns(entries: Sequence[DatasetEntry], at: datetime) -> None:
    ids = dict(Dataset.objects.values_list("ref", "id"))
    rows, sources = [], {}
    for entry in entries:
        for position, column in enumerate(entry.columns):
            values = _column_values(column)
            rows.append(
                DatasetColumn(
                    dataset_id=ids[entry.ref], position=position, active_from=at, **values
                )
            )
            sources[ids[entry.ref], column.name] = column.sources
    if rows:
        fields = ["position", "active_until", *_column_values(entries[0].columns[0])]
        DatasetColumn.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["dataset", "name"],
            update_fields=[name for name in fields if name != "name"],
            batch_size=50,
        )
    live = DatasetColumn.objects.filter(active_until=None, dataset__kind__in=["feed", "table"])
    gone = [column.pk for column in live if (column.dataset_id, column.name) not in sources]
    _close(DatasetColumn.objects.filter(pk__in=gone), at)
    _install_sources(sources)


def _column_values(column: ColumnEntry) -> dict[str, Any]:
    values = asdict(column)
    del values["sources"]
    return values


def _install_sources(sources: Mapping[tuple[int, str], Iterable[tuple[str, str]]]) -> None:
    ids = {
        (dataset, name): pk
        for pk, dataset, name in DatasetColumn.objects.values_list("id", "dataset_id", "name")
    }
    ColumnSource.objects.all().delete()
    ColumnSource.objects.bulk_create(
        [
            ColumnSource(column_id=ids[place], source_table=table, source_column=column)
            for place, origins in sources.items()
            for table, column in dict.fromkeys(origins)
        ],
        batch_size=200,
    )


def _install_register(entry: RegisterList, at: datetime) -> None:
    register, _ = Register.objects.update_or_create(
        ref=entry.ref,
        defaults={
            "title": entry.title,
            "organ": entry.organ,
            "key": entry.key,
            "columns": dict(entry.columns),
            "source": entry.source,
            "is_example": entry.is_example,
        },
    )
    live = {one.key: one for one in register.entries.filter(active_until=None)}
    stale = [one.pk for key, one in live.items() if entry.entries.get(key) != one.values]
    _close(RegisterEntry.objects.filter(pk__in=stale), at)
    RegisterEntry.objects.bulk_create(
        [
            RegisterEntry(register=register, key=key, values=dict(values), active_from=at)
            for key, values in entry.entries.items()
            if key not in live or live[key].values != values
        ],
        batch_size=200,
    )


def _close(rows: Any, at: datetime) -> None:
    """End the validity of ``rows``; an entry that began at ``at`` was never in force."""
    rows.filter(active_from__gte=at).filter(~Q(active_from__lt=at)).delete()
    rows.update(active_until=at)


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


@transaction.atomic
def record_publication(publication: Publication, *, at: datetime) -> None:
    """Note that a shared table was replaced: its snapshot and how many rows it has now."""
    dataset = Dataset.objects.filter(ref=publication.name).first()
    if dataset is None:
        raise DatasetUnknown.of(publication.name)
    PublishedTable.objects.create(
        dataset=dataset,
        snapshot=publication.snapshot,
        rows=publication.rows,
        seconds=publication.seconds,
        published_at=at,
    )
