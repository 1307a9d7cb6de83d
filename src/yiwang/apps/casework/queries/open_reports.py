"""What anybody may know of incidents that residents report: kinds, states, rough places.

Never who reported, what they wrote, or exactly where; that is for who handles it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db.models import QuerySet

from yiwang.apps.casework import flow
from yiwang.apps.casework.models import Case, IncidentKind, Signal, SignalMove
from yiwang.apps.casework.queries.cases import frozen_flow
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound
from yiwang.packkit.kinds.incidents import Incident

ROUGH = 3
"""Decimal places of a published coordinate: about a hundred metres."""
MOST = 1000


class ReportUnknown(NotFound):
    """No public report has this number or token."""

    code = "casework.report_unknown"


@dataclass(frozen=True)
class PublicKind:
    """A kind of incident that residents may report."""

    ref: str
    content: Incident


@dataclass(frozen=True)
class PublicReport:
    """An incident as anybody may know it."""

    number: str
    kind: str
    kind_title: str
    is_open: bool
    notes: str
    organ: str
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    lon: float | None
    lat: float | None


@dataclass(frozen=True)
class OwnReport:
    """One of a reporter's own signals, and how its incident stands."""

    report: PublicReport
    summary: str
    address: str
    at: datetime


def public_kinds() -> list[PublicKind]:
    """The kinds that residents may report, by group and title."""
    rows = IncidentKind.objects.filter(content__public=True)
    found = [PublicKind(row.ref, msgspec.convert(row.content, Incident)) for row in rows]
    return sorted(found, key=lambda one: (one.content.group, one.content.code, one.ref))


def public_reports(
    *,
    numbers: Sequence[str] = (),
    kinds: Sequence[str] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    is_open: bool | None = None,
    offset: int = 0,
    limit: int = 50,
) -> list[PublicReport]:
    """Public incidents, newest first."""
    known = {one.ref: one.content.title for one in public_kinds()}
    rows = _rows([one for one in kinds if one in known] if kinds else list(known))
    if numbers:
        rows = rows.filter(number__in=numbers)
    if since:
        rows = rows.filter(opened_at__gte=since)
    if until:
        rows = rows.filter(opened_at__lte=until)
    if is_open is not None:
        rows = rows.filter(state__in=("open", "paused") if is_open else ("ended",))
    found = rows.order_by("-pk")[offset : offset + min(limit, MOST)]
    return [_report(row, known[row.kind]) for row in found]


def report_of_token(token: str) -> PublicReport:
    """The incident with which the report of this token counts now."""
    signal = Signal.objects.filter(token=token).first() if token else None
    if signal is None:
        raise ReportUnknown("没有这个查询凭证。", hint="请核对上报时返回的凭证。")
    (found,) = public_reports(numbers=[_incident_of(signal).number]) or (None,)
    if found is None:
        raise ReportUnknown("该事件不公开。", hint="请向受理单位查询。")
    return found


def own_reports(*, actor: identity.Applicant, limit: int = 50) -> list[OwnReport]:
    """What a resident or firm reported, newest first."""
    known = dict(IncidentKind.objects.values_list("ref", "title"))
    rows = Signal.objects.filter(reported_by=actor.subject).order_by("-id")[:limit]
    return [
        OwnReport(
            report=_report(case, known.get(case.kind, case.kind)),
            summary=row.summary,
            address=row.address,
            at=row.at,
        )
        for row in rows
        for case in (_incident_of(row),)
    ]


def _incident_of(signal: Signal) -> Case:
    move = SignalMove.objects.filter(signal=signal, is_last=True).first()
    rows = Case.objects.select_related("flow")
    return rows.get(pk=move.case_id if move else signal.case_id)


def _rows(kinds: Sequence[str]) -> QuerySet[Case]:
    rows = Case.objects.filter(profile="incident", kind__in=kinds)
    return rows.select_related("flow")


def _report(row: Case, title: str) -> PublicReport:
    position = flow.Position(row.step, row.state, row.last_step)
    return PublicReport(
        number=row.number,
        kind=row.kind,
        kind_title=title,
        is_open=row.state != Case.State.ENDED,
        notes=flow.place_title(frozen_flow(row.flow), position),
        organ=row.organ,
        opened_at=row.opened_at,
        due_at=row.due_at,
        ended_at=row.ended_at,
        lon=None if row.lon is None else round(row.lon, ROUGH),
        lat=None if row.lat is None else round(row.lat, ROUGH),
    )
