"""Entries of the catalogue made to say what the packs say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from yiwang.apps.catalog import searching
from yiwang.apps.catalog.editions import begin_edition
from yiwang.apps.catalog.models import (
    ColumnSource,
    Dataset,
    DatasetColumn,
    Register,
    RegisterEntry,
    StandardChange,
)
from yiwang.apps.catalog.reading import ColumnEntry, DatasetEntry, RegisterList
from yiwang.kernel.folding import fold


@transaction.atomic
def install_entries(
    *, datasets: Sequence[DatasetEntry], registers: Sequence[RegisterList], at: datetime
) -> None:
    """Make the catalogue say what the packs say; what they no longer say is closed at ``at``."""
    _install_datasets(datasets, at)
    _install_columns(datasets, at)
    for register in registers:
        _install_register(register, at)
    begin_edition()


def _install_datasets(entries: Sequence[DatasetEntry], at: datetime) -> None:
    known = dict(Dataset.objects.filter(active_until=None).values_list("ref", "folded"))
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
    gone = gone.exclude(kind=Dataset.Kind.PLATFORM)
    searching.forget("dataset", list(gone.values_list("ref", flat=True)))
    _close(gone, at)
    searching.index("dataset", [_findable(row) for row in rows if known.get(row.ref) != row.folded])


def _findable(row: Dataset) -> searching.Indexed:
    return searching.Indexed(
        key=row.ref,
        organ=row.organ,
        title=row.title,
        texts=(row.folded,),
        marks=(searching.mark("type", row.kind),),
    )


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
    published = StandardChange.objects.filter(register=entry.ref, state="published")
    changed = {line["key"] for one in published for line in one.lines}
    # changed by people since a pack brought them: they stay as people made them
    live = {one.key: one for one in register.entries.filter(active_until=None)}
    stale = [
        one.pk
        for key, one in live.items()
        if key not in changed and entry.entries.get(key) != one.values
    ]
    _close(RegisterEntry.objects.filter(pk__in=stale), at)
    RegisterEntry.objects.bulk_create(
        [
            RegisterEntry(register=register, key=key, values=dict(values), active_from=at)
            for key, values in entry.entries.items()
            if key not in changed and (key not in live or live[key].values != values)
        ],
        batch_size=200,
    )


def _close(rows: Any, at: datetime) -> None:
    """End the validity of ``rows``; an entry that began at ``at`` was never in force."""
    rows.filter(active_from__gte=at).filter(~Q(active_from__lt=at)).delete()
    rows.update(active_until=at)
