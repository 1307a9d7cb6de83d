"""Alerts, the traces of a leaked copy, and the flow of data between organs."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, Sum

from yiwang.apps.casework import public as casework
from yiwang.apps.exchange import watermark
from yiwang.apps.exchange.models import CallRecord, Grant
from yiwang.apps.exchange.queries.calls import CallView, call_view
from yiwang.apps.identity import public as identity

UNUSUAL = "base.unusual_use"
"""The rules of what is unusual."""


@dataclass(frozen=True)
class AlertView:
    """用数预警: which rule, of which grant, on what counts, and its case."""

    rule: str
    condition: str
    title: str
    grant: str
    organ: str
    provider: str
    table: str
    day: date
    measured: dict[str, Any]
    case: str
    raised_at: datetime
    explained: casework.RuleAlertView
    """The condition with the values in force, and what the case came to."""


def use_alerts(*, actor: identity.Actor, offset: int = 0, limit: int = 50) -> list[AlertView]:
    """Alerts, newest first, for the security officer."""
    identity.require(actor, "exchange.guard")
    found = casework.rule_alerts([UNUSUAL], offset=offset, limit=limit)
    rows = Grant.objects.filter(number__in=[one.object for one in found])
    grants = {row.number: row for row in rows}
    return [_alert(one, grants[one.object]) for one in found]


def _alert(one: casework.RuleAlertView, grant: Grant) -> AlertView:
    return AlertView(
        rule=one.rule,
        condition=one.condition,
        title=one.title,
        grant=grant.number,
        organ=grant.organ,
        provider=grant.provider,
        table=grant.table,
        day=one.day,
        measured=dict(one.measured),
        case=one.case,
        raised_at=one.raised_at,
        explained=one,
    )


@dataclass(frozen=True)
class TraceView:
    """溯源: one mark in a leaked copy and the call it names; ``call`` is None for a forged one."""

    code: str
    way: str
    times: int
    is_genuine: bool
    call: CallView | None


def trace(content: bytes, *, actor: identity.Actor) -> list[TraceView]:
    """Read the marks out of a leaked copy and find the calls behind them."""
    identity.require(actor, "exchange.guard")
    return [_traced(found) for found in watermark.read(content)]


def _traced(found: watermark.Found) -> TraceView:
    rows = CallRecord.objects.select_related("grant")
    if found.call:
        is_genuine = watermark.is_genuine(found)
        row = rows.filter(number=found.call).first() if is_genuine else None
    else:
        row = rows.filter(mark=found.code).first()
        is_genuine = row is not None
    return TraceView(
        code=found.code,
        way=found.way,
        times=found.times,
        is_genuine=is_genuine,
        call=call_view(row) if row else None,
    )


def trace_page(
    code: str, *, day: date, usernames: list[str], actor: identity.Actor
) -> list[tuple[str, datetime]]:
    """Whose page carried a code on a day: account and minute."""
    identity.require(actor, "exchange.guard")
    wanted = code.strip().upper()
    begin = datetime.fromisoformat(f"{day.isoformat()}T00:00:00+08:00")
    minutes = [begin + timedelta(minutes=n) for n in range(24 * 60)]
    return [
        (username, minute)
        for username in usernames
        for minute in minutes
        if watermark.page_code(username, at=minute) == wanted
    ]


@dataclass(frozen=True)
class FlowView:
    """数据流向: what went from one organ to another in a period."""

    provider: str
    organ: str
    tables: int
    calls: int
    refused: int
    rows: int
    last_at: datetime


def flows_between(*, actor: identity.Actor, since: datetime) -> list[FlowView]:
    """Answered and refused calls by provider and user, the busiest first."""
    identity.require(actor, "exchange.watch")
    answered = Q(code="allowed")
    rows = (
        CallRecord.objects.filter(at__gte=since, grant__isnull=False)
        .values("grant__provider", "grant__organ")
        .annotate(
            calls=Count("pk", filter=answered),
            refused=Count("pk", filter=~answered),
            rows=Sum("rows"),
            tables=Count("table", distinct=True),
            last_at=Max("at"),
        )
    )
    found = [
        FlowView(
            provider=row["grant__provider"],
            organ=row["grant__organ"],
            tables=row["tables"],
            calls=row["calls"],
            refused=row["refused"],
            rows=row["rows"] or 0,
            last_at=row["last_at"],
        )
        for row in rows
    ]
    return sorted(found, key=lambda one: (-one.calls, one.provider, one.organ))


def calls_between(
    *, provider: str, organ: str, actor: identity.Actor, offset: int = 0, limit: int = 50
) -> list[CallView]:
    """The calls behind one line of the flow, newest first."""
    identity.require(actor, "exchange.watch")
    rows = CallRecord.objects.filter(grant__provider=provider, grant__organ=organ)
    ordered = rows.select_related("grant").order_by("-pk")[offset : offset + limit]
    return [call_view(row) for row in ordered]
