"""多源校核: after each publication the sources are compared with the authoritative one.

A difference is remembered once while it lasts; one whose source now agrees is closed by itself,
and its objection with it. For items that the pack says so, a new difference is objected to.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from yiwang.apps.catalog import public as catalog
from yiwang.apps.subjects.actions.objecting import close_objections, object_to_new
from yiwang.apps.subjects.models import Conflict, Reconciliation
from yiwang.apps.subjects.plan import PlannedEntity, plan
from yiwang.lake import Lake
from yiwang.lake.store import TableUnknown
from yiwang.packkit.entities import APART, CHOSEN, DIFFERS

Key = tuple[str, str, str, str]
"""Item, subject, source, kind."""


@dataclass(frozen=True)
class Difference:
    """What a source says other than the authoritative one, at one look."""

    item: str
    subject: str
    kind: str
    source: str
    organ: str
    value: str
    authority: str
    authority_organ: str
    authority_value: str

    @property
    def key(self) -> Key:
        return (self.item, self.subject, self.source, self.kind)


@dataclass(frozen=True)
class Outcome:
    """What one reconciliation of one entity did."""

    entity: str
    opened: int
    closed: int
    standing: int
    objections: int


def reconcile(*, at: datetime, lake: Lake | None = None) -> list[Outcome]:
    """Compare every entity's sources with its authorities and remember the differences."""
    source = lake or catalog.lake()
    found = []
    for entity in plan().entities.values():
        try:
            snapshot = source.snapshots(entity.values)[-1].id
        except TableUnknown:
            continue
        began = time.monotonic()
        differences = [*_differing(source, entity), *_after_end(source, entity)]
        outcome = _take_over(entity, differences, at=at)
        Reconciliation.objects.create(
            entity=entity.ref,
            snapshot=snapshot,
            opened=outcome.opened,
            closed=outcome.closed,
            standing=outcome.standing,
            objections=outcome.objections,
            seconds=time.monotonic() - began,
            reconciled_at=at,
        )
        found.append(outcome)
    return found


def _differing(lake: Lake, entity: PlannedEntity) -> Iterator[Difference]:
    """Values in force that are not those of the authoritative source, where that one is chosen."""
    rows = lake.rows(
        "SELECT v.identifier AS subject, v.item AS item, v.state AS state, v.source AS source, "
        "v.organ AS organ, v.value AS value, w.source AS authority, w.organ AS authority_organ, "
        f"w.value AS authority_value FROM {entity.values} AS v JOIN {entity.values} AS w "
        f"ON w.identifier = v.identifier AND w.item = v.item AND w.state = '{CHOSEN}' "
        f"WHERE v.state IN ('{DIFFERS}', '{APART}')"
    )
    for row in rows:
        item = entity.items.get(row["item"])
        is_apart = row["state"] == APART
        if item is None or row["authority"] != item.authority:
            continue
        if is_apart and row["item"] != entity.apart:
            continue
        yield Difference(
            item=row["item"],
            subject=row["subject"],
            kind="apart" if is_apart else "differs",
            **{name: row[name] for name in _SAID},
        )


_SAID = ("source", "organ", "value", "authority", "authority_organ", "authority_value")


def _after_end(lake: Lake, entity: PlannedEntity) -> Iterator[Difference]:
    """Events later than the subject's end, as their tables tell them."""
    if not entity.ends:
        return
    authority = entity.items[entity.ends].authority
    for table in catalog.tables_about(entity.subject):
        event = plan().events.get(table.ref)
        if event is None or event.after_end or not table.subject_column:
            continue
        try:
            rows = lake.rows(
                f"SELECT e.{table.subject_column} AS subject, MAX(CAST(e.{event.on} AS DATE)) "
                f"AS day, MAX(g.{entity.ends}) AS ended FROM {table.ref} AS e "
                f"JOIN {entity.ref} AS g ON g.{entity.identifier} = e.{table.subject_column} "
                f"WHERE CAST(e.{event.on} AS DATE) > g.{entity.ends} "
                f"GROUP BY e.{table.subject_column}"
            )
        except TableUnknown:
            continue
        for row in rows:
            yield Difference(
                item=entity.ends,
                subject=row["subject"],
                kind="after_end",
                source=table.ref,
                organ=table.organ,
                value=f"{event.what} {row['day']}",
                authority=authority,
                authority_organ=entity.organs.get(authority, entity.owner),
                authority_value=str(row["ended"]),
            )


@transaction.atomic
def _take_over(
    entity: PlannedEntity, differences: Iterable[Difference], *, at: datetime
) -> Outcome:
    found = {one.key: one for one in differences}
    known = {
        (row.item, row.subject, row.source, row.kind): row
        for row in Conflict.objects.filter(entity=entity.ref, closed_at=None)
    }
    gone = [row for key, row in known.items() if key not in found]
    _touch(known, found, at)
    Conflict.objects.filter(pk__in=[row.pk for row in gone]).update(closed_at=at)
    close_objections(gone, at=at)
    new = Conflict.objects.bulk_create(
        [_row(entity.ref, one, at) for key, one in found.items() if key not in known],
        batch_size=500,
    )
    objected = object_to_new(entity, at=at)
    return Outcome(entity.ref, len(new), len(gone), len(found), objected)


def _touch(known: Mapping[Key, Conflict], found: Mapping[Key, Difference], at: datetime) -> None:
    standing = [row for key, row in known.items() if key in found]
    for row in standing:
        said = found[row.item, row.subject, row.source, row.kind]
        row.value, row.authority_value = said.value[:300], said.authority_value[:300]
        row.last_seen_at = max(at, row.first_seen_at)
    Conflict.objects.bulk_update(
        standing, ["value", "authority_value", "last_seen_at"], batch_size=500
    )


def _row(entity: str, said: Difference, at: datetime) -> Conflict:
    return Conflict(
        entity=entity,
        item=said.item,
        subject=said.subject,
        kind=said.kind,
        source=said.source,
        organ=said.organ,
        value=said.value[:300],
        authority=said.authority,
        authority_organ=said.authority_organ,
        authority_value=said.authority_value[:300],
        first_seen_at=at,
        last_seen_at=at,
    )
