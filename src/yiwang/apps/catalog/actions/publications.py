"""Publications of shared tables: noted, and made anew when what they are made of changed."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db import transaction

from yiwang.apps.catalog.models import Dataset, PublishedTable
from yiwang.apps.catalog.queries.columns import DatasetUnknown
from yiwang.apps.catalog.serving import lake, refresh
from yiwang.kernel.errors import YiwangError
from yiwang.lake import Publication
from yiwang.lake.publishing import ContractBroken
from yiwang.packkit.current import current_library


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


def republish(refs: Iterable[str], *, at: datetime) -> list[str]:
    """Publish anew every table that reads one of ``refs``, also through others; returns which.

    What was written anew with the same content makes nothing new: the tables of the platform are
    written every night, most of them unchanged. A table waits until all it reads has been loaded
    once. One that breaks its contract keeps its earlier snapshot and does not hold up the others;
    its error is raised when they are done.
    """
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    store, changed = lake(), set(refs)
    made: list[str] = []
    broken: list[YiwangError] = []
    known = set(store.tables())
    for ref in library.publish_order():
        reads = set(library.derived.queries[ref].reads)
        if not reads & changed or not reads <= known:
            continue
        sql, contract = library.queries()[ref], library.table_contract(ref)
        changed.add(ref)
        if store.is_as_made(ref, sql, contract=contract):
            continue
        try:
            record_publication(store.publish(ref, sql, contract=contract, at=at), at=at)
        except ContractBroken as error:
            broken.append(error)
            changed.remove(ref)
            continue
        known.add(ref)
        made.append(ref)
    refresh(tables=sorted(changed))
    if broken:
        raise broken[0]
    return made
