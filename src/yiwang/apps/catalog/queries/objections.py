"""What objections show, to whom: the source, the bureau, whoever objected; to nobody else."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from yiwang.apps.catalog.models import Correction, Objection, Objector
from yiwang.apps.catalog.queries.columns import columns_of
from yiwang.apps.catalog.queries.origins import places_of
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound


class ObjectionUnknown(NotFound):
    """No objection has this number, or the actor may not know it."""

    code = "catalog.objection_unknown"


@dataclass(frozen=True)
class ObjectorView:
    """异议人: from where an objection came, and what was claimed."""

    source: str
    source_title: str
    organ: str
    claimed: str
    reason: str
    reference: str
    at: datetime


@dataclass(frozen=True)
class ObjectionView:
    """异议 as who may know it sees it. ``key`` and the values are personal: never log them.

    ``found`` is None for an organ that only objected: it knows what it claimed, not what is held.
    """

    number: str
    table: str
    key: dict[str, str]
    column: str
    found: str | None
    claimed: str
    answered: str
    reason: str
    provider: str
    feed: str
    state: str
    state_title: str
    opened_at: datetime
    due_at: datetime | None
    decided_at: datetime | None
    objectors: tuple[ObjectorView, ...]
    value: str
    """The corrected value, where it was corrected."""
    carried_at: datetime | None
    settled_at: datetime | None

    @property
    def sources(self) -> str:
        """From where it came, in words."""
        return "、".join(dict.fromkeys(one.source_title for one in self.objectors))


def objections(
    *, actor: identity.Actor, state: str = "", query: str = "", offset: int = 0, limit: int = 50
) -> list[ObjectionView]:
    """The objections that concern the actor, newest first."""
    rows = _known_to(actor)
    if state:
        rows = rows.filter(state=state)
    if query:
        rows = rows.filter(Q(number__iexact=query) | Q(table__contains=query))
    return [objection_view(row, actor) for row in rows.order_by("-pk")[offset : offset + limit]]


def objection(number: str, *, actor: identity.Actor) -> ObjectionView:
    """One objection; a stranger is told that there is none."""
    row = _known_to(actor).filter(number=number).first()
    if row is None:
        raise ObjectionUnknown(f"没有异议 {number}。", hint="请核对编号。", number=number)
    return objection_view(row, actor)


def corrections(
    *, table: str = "", since: datetime | None = None, limit: int = 1000
) -> list[tuple[str, str, str, datetime]]:
    """Corrections decided, oldest first: objection, table, column, when. No value, no key.

    For the rooms above, which know who used the wrong values.
    """
    rows = Correction.objects.select_related("objection")
    if table:
        rows = rows.filter(objection__table=table)
    if since:
        rows = rows.filter(decided_at__gt=since)
    return [
        (row.objection.number, row.objection.table, row.objection.column, row.decided_at)
        for row in rows.order_by("decided_at", "pk")[:limit]
    ]


@dataclass(frozen=True)
class Contested:
    """What the rooms above need to know of a contested value: no value, but the subject."""

    subject: str
    """The person or firm that the row is about; empty for a table about neither."""
    provider: str
    table: str
    column_title: str
    places: tuple[tuple[str, str], ...]
    """Every table and column that shows the same datum."""


def contested(number: str) -> Contested:
    """Where the contested datum stands, and about whom it is; not for pages."""
    row = Objection.objects.filter(number=number).first()
    if row is None:
        raise ObjectionUnknown(f"没有异议 {number}。", hint="请核对编号。", number=number)
    titles = {one.name: one.title for one in columns_of(row.table)}
    same = places_of(row.feed, row.feed_column) if row.feed else set()
    return Contested(
        subject=row.about,
        provider=row.provider,
        table=row.table,
        column_title=titles.get(row.column, row.column),
        places=tuple(sorted({*same, (row.table, row.column)})),
    )


def objection_view(row: Objection, actor: identity.Actor | str) -> ObjectionView:
    """The stored objection as a value; the caller has checked that the actor may know it."""
    correction = getattr(row, "correction", None)
    seen = isinstance(actor, str) or _sees_values(actor, row)
    names = "number table column claimed answered reason provider feed state opened_at due_at"
    return ObjectionView(
        **{name: getattr(row, name) for name in names.split()},
        key=dict(row.key),
        found=row.found if seen else None,
        state_title=row.get_state_display(),
        decided_at=row.decided_at,
        objectors=tuple(_objector(one) for one in row.objectors.order_by("pk")),
        value=correction.value if correction else "",
        carried_at=correction.carried_at if correction else None,
        settled_at=correction.settled_at if correction else None,
    )


def _objector(row: Objector) -> ObjectorView:
    return ObjectorView(
        source=row.source,
        source_title=row.get_source_display(),
        organ=row.organ,
        claimed=row.claimed,
        reason=row.reason,
        reference=row.reference,
        at=row.at,
    )


def _sees_values(actor: identity.Actor, row: Objection) -> bool:
    if isinstance(actor, identity.Applicant):
        return True
    return actor.organ == row.provider or identity.may(actor, "catalog.watch")


def _known_to(actor: identity.Actor) -> QuerySet[Any]:
    """An applicant's own; for an officer those of the organ, as source or objector."""
    rows = Objection.objects.select_related("correction").prefetch_related("objectors")
    if isinstance(actor, identity.Applicant):
        return rows.filter(objectors__subject=actor.subject).distinct()
    if identity.may(actor, "catalog.watch"):
        return rows
    identity.require(actor, "catalog.object")
    return rows.filter(
        Q(provider=actor.organ) | Q(objectors__organ=actor.organ) & ~Q(objectors__organ="")
    ).distinct()
