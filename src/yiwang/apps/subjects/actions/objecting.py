"""Conflicts become objections by themselves, one for each value, and end with the conflict."""

from collections.abc import Sequence
from datetime import datetime

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.subjects.models import Conflict
from yiwang.apps.subjects.plan import PlannedEntity
from yiwang.kernel import errors

MOST = 20
"""New objections of one reconciliation: a source gone wrong is one matter, not ten thousand.
The rest stand in the list and are objected to at the next ones."""

BY = "subjects"


def object_to_new(entity: PlannedEntity, *, at: datetime) -> int:
    """Object to what the pack wants objected to and nobody objected to yet; returns how many.

    The organ of the authoritative source is asked whether its value stands; the organ of the
    other source objects. A second source that contradicts the same value joins the objection.
    """
    items = [name for name, item in entity.items.items() if item.objects]
    waiting = Conflict.objects.filter(
        entity=entity.ref, item__in=items, kind=Conflict.Kind.DIFFERS, closed_at=None, objection=""
    ).order_by("pk")
    done = [row for row in waiting[:MOST] if _objected(entity, row, at)]
    Conflict.objects.bulk_update(done, ["objection"], batch_size=500)
    return len(done)


def _objected(entity: PlannedEntity, row: Conflict, at: datetime) -> bool:
    try:
        row.objection = catalog.object_to(
            entity.ref,
            key=row.subject,
            column=row.item,
            claimed=row.value,
            reason=f"多源校核：来源“{_title(row.source)}”的值与权威来源“{_title(row.authority)}”"
            "不一致，请核实。",
            by=BY,
            at=at,
            source="reconciliation",
            organ=row.organ,
            against=row.authority_organ,
        )
    except (catalog.ObjectionMalformed, catalog.RowUnknown):
        return False  # the published row says the same by now: the next look closes the conflict
    return True


def _title(ref: str) -> str:
    """A table as people call it."""
    try:
        return catalog.dataset(ref).title
    except catalog.DatasetUnknown:
        return ref


def close_objections(conflicts: Sequence[Conflict], *, at: datetime) -> int:
    """Take back the objections of conflicts that are gone; returns how many.

    An objection that other sources share stays, and so does one that somebody decides already.
    """
    numbers = {row.objection for row in conflicts if row.objection}
    shared = Conflict.objects.filter(objection__in=numbers, closed_at=None)
    closed = 0
    for number in sorted(numbers - set(shared.values_list("objection", flat=True))):
        try:
            case = casework.act(
                number=number, verb="withdraw", officer=BY, at=at, reason="来源已与权威来源一致。"
            )
        except (errors.Conflict, errors.Invalid, errors.NotAllowed):
            continue
        catalog.conclude_objection(case, at=at)
        closed += 1
    return closed
