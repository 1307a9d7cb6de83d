"""The signals of an incident, for who handles it; what a reporter may ask about their own."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from yiwang.apps.casework.access import may_handle, require_seeing
from yiwang.apps.casework.models import CallBack, Case, CaseLink, Signal, SignalMove, StepTask
from yiwang.apps.casework.queries.cases import find_case
from yiwang.apps.identity import public as identity

MOST = 200
"""Signals that a page shows; the newest ones."""


@dataclass(frozen=True)
class SignalView:
    """One report or alarm; ``contact`` only for who handles the incident."""

    id: int
    source: str
    channel: str
    summary: str
    object: str
    address: str
    cell: str
    division: str
    lon: float | None
    lat: float | None
    at: datetime
    reported_by: str
    facts: Mapping[str, Any]
    contact: Mapping[str, str]


@dataclass(frozen=True)
class LinkView:
    """A matter that belongs to this one; ``title`` only for who may see it."""

    number: str
    relation: str
    title: str
    profile: str
    is_open: bool


@dataclass(frozen=True)
class CallBackView:
    """What the reporter said when called."""

    at: datetime
    by: str
    is_reached: bool
    is_satisfied: bool | None
    text: str


def counting_with(row: Case) -> list[Signal]:
    """The signals that count with an incident now, oldest first."""
    own = Q(case=row) & ~Q(moves__is_last=True)
    moved = Q(moves__case=row, moves__is_last=True)
    return list(Signal.objects.filter(own | moved).distinct().order_by("id"))


def reported_by(who: str) -> set[int]:
    """The incidents with which the newest reports of somebody count now."""
    newest = Signal.objects.filter(reported_by=who).order_by("-id")[:MOST]
    counts = dict(newest.values_list("pk", "case_id"))
    moves = SignalMove.objects.filter(signal__in=list(counts), is_last=True)
    return set((counts | dict(moves.values_list("signal_id", "case_id"))).values())


def signals_of(number: str, *, actor: identity.Officer) -> list[SignalView]:
    """The newest signals of an incident."""
    row = find_case(number)
    require_seeing(actor, row)
    tasks = StepTask.objects.filter(case=row)
    may_call = any(may_handle(actor, one) for one in tasks) or "incident.call_back" in actor.rights
    return [_signal_view(one, may_call=may_call) for one in reversed(counting_with(row)[-MOST:])]


def links_of(number: str, *, actor: identity.Actor) -> list[LinkView]:
    """What is linked with a case, both ways; the link says nothing that the other would not."""
    row = find_case(number)
    require_seeing(actor, row)
    links = CaseLink.objects.filter(Q(case=row) | Q(other=row)).select_related("case", "other")
    found = []
    for link in links.order_by("id"):
        other = link.other if link.case_id == row.pk else link.case
        label = CaseLink.Relation(link.relation).label
        if link.relation == CaseLink.Relation.MERGED and link.case_id != row.pk:
            label = "并入本件"
        is_seen = _sees(actor, other)
        found.append(
            LinkView(
                number=other.number,
                relation=label,
                title=other.title if is_seen else "",
                profile=other.profile,
                is_open=link.until_at is None,
            )
        )
    return found


def call_backs_of(number: str, *, actor: identity.Officer) -> list[CallBackView]:
    """The calls back about an incident, newest first."""
    row = find_case(number)
    require_seeing(actor, row)
    found = list(CallBack.objects.filter(case=row).order_by("-id"))
    names = identity.account_names(one.by for one in found)
    return [
        CallBackView(one.at, names[one.by], one.is_reached, one.is_satisfied, one.text)
        for one in found
    ]


def _sees(actor: identity.Actor, row: Case) -> bool:
    try:
        require_seeing(actor, row)
    except identity.NotAllowed:
        return False
    return True


def _signal_view(row: Signal, *, may_call: bool) -> SignalView:
    return SignalView(
        id=row.pk,
        source=row.source,
        channel=row.channel,
        summary=row.summary,
        object=row.object,
        address=row.address,
        cell=row.cell,
        division=row.division,
        lon=row.lon,
        lat=row.lat,
        at=row.at,
        reported_by=row.reported_by,
        facts=row.facts,
        contact=row.contact if may_call else {},
    )
