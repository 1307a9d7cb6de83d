"""Meetings of the council, their agenda and minutes, and what waits for the next one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.db.models import Q

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.models import AgendaItem, Meeting
from yiwang.apps.exchange.queries.access import shared_values
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound


class MeetingUnknown(NotFound):
    """No meeting has this number, or the actor's organ has no part in it."""

    code = "exchange.meeting_unknown"


@dataclass(frozen=True)
class AgendaView:
    """议题: the demand or objection in dispute, why it was brought here, what was decided.

    Of an objection neither the row nor a value is told.
    """

    number: str
    kind: Literal["demand", "objection"]
    organ: str
    provider: str
    table: str
    purpose: str
    refusal: str
    ground: str
    raised_at: datetime
    decision: str
    decision_title: str
    words: str


@dataclass(frozen=True)
class MeetingView:
    """议事协调会 with its agenda."""

    number: str
    title: str
    held_at: datetime
    place: str
    attendees: str
    minutes: str
    called_by: str
    closed_by: str
    closed_at: datetime | None
    items: tuple[AgendaView, ...]


def meeting_row(number: str, *, lock: bool = False) -> Meeting:
    """The stored meeting, or ``MeetingUnknown``."""
    rows = Meeting.objects.select_for_update() if lock else Meeting.objects
    row = rows.filter(number=number).first()
    if row is None:
        raise MeetingUnknown(f"没有会议 {number}。", hint="请核对编号。", number=number)
    return row


def meetings(*, actor: identity.Actor, offset: int = 0, limit: int = 50) -> list[MeetingView]:
    """Meetings in which the actor's organ has an item, newest first; all for who watches."""
    rows = _known_to(actor).order_by("-held_at", "-pk")[offset : offset + limit]
    return [meeting_view(row) for row in rows]


def meeting(number: str, *, actor: identity.Actor) -> MeetingView:
    """One meeting; a stranger is told that there is none."""
    row = _known_to(actor).filter(number=number).first()
    return meeting_view(row or meeting_row(""))


def agenda_waiting(*, actor: identity.Actor) -> list[AgendaView]:
    """Items that no meeting has taken up yet."""
    rows = AgendaItem.objects.filter(decision="waiting", meeting=None).select_related("demand")
    if not identity.may(actor, "exchange.watch"):
        rows = rows.filter(_own(actor))
    return [_item(row) for row in rows.order_by("pk")]


def _known_to(actor: identity.Actor) -> Any:
    if identity.may(actor, "exchange.watch"):
        return Meeting.objects.all()
    return Meeting.objects.filter(items__in=AgendaItem.objects.filter(_own(actor))).distinct()


def _own(actor: identity.Actor) -> Q:
    identity.require(actor, "exchange.see")
    organ = actor.organ if isinstance(actor, identity.Officer) else ""
    return Q(demand__organ=organ) | Q(demand__provider=organ) | Q(source=organ, demand=None)


def meeting_view(row: Meeting) -> MeetingView:
    """The stored meeting as a value."""
    values = shared_values(row, MeetingView.__match_args__)
    items = row.items.select_related("demand").order_by("position")
    values.update(closed_by=row.closed_by or "", items=tuple(_item(one) for one in items))
    return MeetingView(**values)


def _item(row: AgendaItem) -> AgendaView:
    if row.demand:
        kind: Literal["demand", "objection"] = "demand"
        organ, provider = row.demand.organ, row.demand.provider
        table, purpose, refusal = row.demand.table, row.demand.purpose, row.demand.reason
    else:
        contested = catalog.contested(row.objection)
        kind, organ, provider, refusal = "objection", "", row.source, ""
        table, purpose = contested.table, f"字段“{contested.column_title}”的值有异议"
    return AgendaView(
        number=row.number,
        kind=kind,
        organ=organ,
        provider=provider,
        table=table,
        purpose=purpose,
        refusal=refusal,
        ground=row.ground,
        raised_at=row.raised_at,
        decision=row.decision,
        decision_title=row.get_decision_display(),
        words=row.words,
    )
