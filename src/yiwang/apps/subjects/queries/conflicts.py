"""What sources disagree about: by item, organ and time, and row by row for those concerned."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.subjects.models import Conflict, IdentifierLink, Reconciliation
from yiwang.apps.subjects.plan import Plan, plan
from yiwang.kernel import masking
from yiwang.kernel.clock import local_date


@dataclass(frozen=True)
class SourceOfItem:
    """One datum: its authoritative source, who else states it, and how far they agree."""

    entity: str
    entity_title: str
    item: str
    title: str
    authority: str
    authority_title: str
    organ_title: str
    others: int
    standing: int
    objections: int


@dataclass(frozen=True)
class OrganCount:
    """Conflicts of one organ's sources that stand now, and that ended."""

    organ: str
    title: str
    standing: int
    ended: int


@dataclass(frozen=True)
class ConflictView:
    """One conflict, its values masked unless the reader's organ provides the source."""

    number: int
    entity: str
    item: str
    title: str
    kind: str
    kind_title: str
    subject: str
    source: str
    source_title: str
    organ_title: str
    value: str
    authority_title: str
    authority_value: str
    first_seen_at: datetime
    last_seen_at: datetime
    closed_at: datetime | None
    objection: str


@dataclass(frozen=True)
class Trend:
    """Conflicts opened and closed on each day, oldest first."""

    days: tuple[date, ...]
    opened: tuple[int, ...]
    closed: tuple[int, ...]


def sources_of_items() -> list[SourceOfItem]:
    """一数一源: every datum of every entity with its authoritative source."""
    known = plan()
    organs = {one.id: one.title for one in identity.organs()}
    counts = {
        (row["entity"], row["item"]): row
        for row in Conflict.objects.filter(closed_at=None)
        .values("entity", "item")
        .annotate(n=Count("pk"), objected=Count("pk", filter=~Q(objection="")))
    }
    others = _others()
    found = []
    for ref, entity in known.entities.items():
        for name, item in entity.items.items():
            count = counts.get((ref, name), {"n": 0, "objected": 0})
            organ = entity.organs.get(item.authority, "")
            found.append(
                SourceOfItem(
                    entity=ref,
                    entity_title=entity.title,
                    item=name,
                    title=item.title,
                    authority=item.authority,
                    authority_title=known.feeds.get(item.authority, ""),
                    organ_title=organs.get(organ, organ),
                    others=max(0, others.get((ref, name), 0) - bool(item.authority)),
                    standing=count["n"],
                    objections=count["objected"],
                )
            )
    return found


def _others() -> dict[tuple[str, str], int]:
    """How many sources state each item: the columns that the golden column comes from."""
    return {
        (ref, column.name): len({table for table, _ in column.sources})
        for ref in plan().entities
        for column in catalog.columns_of(ref)
    }


def conflicts_by_organ() -> list[OrganCount]:
    """Conflicts of each organ's sources, most first."""
    organs = {one.id: one.title for one in identity.organs()}
    rows = Conflict.objects.values("organ").annotate(
        standing=Count("pk", filter=Q(closed_at=None)),
        ended=Count("pk", filter=~Q(closed_at=None)),
    )
    return [
        OrganCount(
            row["organ"], organs.get(row["organ"], row["organ"]), row["standing"], row["ended"]
        )
        for row in rows.order_by("-standing", "organ")
    ]


def conflict_trend(*, at: datetime, days: int = 30) -> Trend:
    """Opened and closed per day of the last ``days``."""
    today = local_date(at)
    span = [today - timedelta(days=back) for back in reversed(range(days))]
    opened, closed = dict.fromkeys(span, 0), dict.fromkeys(span, 0)
    for row in Reconciliation.objects.filter(reconciled_at__gte=at - timedelta(days=days + 1)):
        day = local_date(row.reconciled_at)
        if day in opened:
            opened[day] += row.opened
            closed[day] += row.closed
    return Trend(tuple(span), tuple(opened.values()), tuple(closed.values()))


def conflicts(
    *,
    officer: identity.Actor,
    entity: str = "",
    item: str = "",
    organ: str = "",
    kind: str = "",
    closed: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> list[ConflictView]:
    """Conflicts row by row: for the data bureau, and for the organ of either source."""
    rows = _visible(officer)
    rows = rows.exclude(closed_at=None) if closed else rows.filter(closed_at=None)
    for name, value in (("entity", entity), ("item", item), ("organ", organ), ("kind", kind)):
        if value:
            rows = rows.filter(**{name: value})
    known, organs = plan(), {one.id: one.title for one in identity.organs()}
    return [
        _view(row, officer, known, organs)
        for row in rows.order_by("-first_seen_at", "pk")[offset : offset + limit]
    ]


def count_to_settle(*, officer: identity.Officer) -> int:
    """Sources that seem to speak of somebody else and wait for the officer's organ to decide."""
    own = [ref for ref, entity in plan().entities.items() if entity.owner == officer.organ]
    if not identity.may(officer, "subjects.link") or not own:
        return 0
    decided = IdentifierLink.objects.filter(
        entity=OuterRef("entity"),
        canonical=OuterRef("subject"),
        source=OuterRef("source"),
        decided_at__gte=OuterRef("first_seen_at"),
    )
    rows = Conflict.objects.filter(entity__in=own, kind=Conflict.Kind.APART, closed_at=None)
    return rows.exclude(Exists(decided)).count()


def _visible(officer: identity.Actor) -> QuerySet[Conflict]:
    if identity.may(officer, "subjects.reconcile"):
        return Conflict.objects.all()
    identity.require(officer, "subjects.see_conflicts")
    assert isinstance(officer, identity.Officer)
    return Conflict.objects.filter(Q(organ=officer.organ) | Q(authority_organ=officer.organ))


def _view(
    row: Conflict, officer: identity.Actor, known: Plan, organs: dict[str, str]
) -> ConflictView:
    entity = known.entities[row.entity]
    item = entity.items[row.item]
    own = isinstance(officer, identity.Officer) and officer.organ

    def shown(value: str, organ: str) -> str:
        if own == organ:
            return value
        return str(masking.mask(value, element=item.element, grade=item.grade))

    return ConflictView(
        number=row.pk,
        entity=row.entity,
        item=row.item,
        title=item.title,
        kind=row.kind,
        kind_title=row.get_kind_display(),
        subject=masking.mask_id_number(row.subject),
        source=row.source,
        source_title=known.feeds.get(row.source, row.source),
        organ_title=organs.get(row.organ, row.organ),
        value=shown(row.value, row.organ),
        authority_title=known.feeds.get(row.authority, row.authority),
        authority_value=shown(row.authority_value, row.authority_organ),
        first_seen_at=row.first_seen_at,
        last_seen_at=row.last_seen_at,
        closed_at=row.closed_at,
        objection=row.objection,
    )


def reconciled_at() -> datetime | None:
    """When sources were last compared."""
    found: datetime | None = Reconciliation.objects.aggregate(at=Max("reconciled_at"))["at"]
    return found


@dataclass(frozen=True)
class LinkView:
    """A decision about numbers, with the numbers masked."""

    entity_title: str
    kind_title: str
    stated: str
    canonical: str
    source_title: str
    reason: str
    decided_by: str
    decided_at: datetime


def links(*, officer: identity.Actor, limit: int = 100) -> list[LinkView]:
    """The decisions about numbers, newest first."""
    identity.require(officer, "subjects.see_conflicts")
    known = plan()
    return [
        LinkView(
            entity_title=known.entities[row.entity].title if row.entity in known.entities else "",
            kind_title=row.get_kind_display(),
            stated=masking.mask_id_number(row.stated),
            canonical=masking.mask_id_number(row.canonical),
            source_title=known.feeds.get(row.source, row.source),
            reason=row.reason,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )
        for row in IdentifierLink.objects.order_by("-pk")[:limit]
    ]
