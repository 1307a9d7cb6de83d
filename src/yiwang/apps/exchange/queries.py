"""What sharing answers: demands, grants, calls, and the explanation of any decision of the gate."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum

from yiwang.apps.exchange.gate import Check
from yiwang.apps.exchange.models import CallRecord, Demand, Grant
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound

TITLES = {
    "allowed": "已应答",
    "key_missing": "未携带密钥",
    "key_unknown": "密钥不存在",
    "key_revoked": "密钥已停用",
    "wrong_table": "数据表不在授权内",
    "grant_withdrawn": "授权已撤回",
    "grant_not_begun": "授权未生效",
    "grant_expired": "授权已到期",
    "wrong_purpose": "用途不符",
    "case_missing": "未注明办件",
    "column_outside_grant": "字段不在授权内",
    "column_gone": "字段已撤下",
    "column_grade_too_high": "字段级别过高",
    "lookup_missing": "缺少查询条件",
    "lookup_outside_grant": "查询条件不在授权内",
    "quota_over": "超出当日配额",
    "rate_over": "超出调用频率",
}
"""What a page calls each outcome of the gate."""


class DemandUnknown(NotFound):
    """No demand has this number, or the actor may not know it."""

    code = "exchange.demand_unknown"


class GrantUnknown(NotFound):
    """No grant has this number, or the actor may not know it."""

    code = "exchange.grant_unknown"


class CallUnknown(NotFound):
    """No call has this number, or the actor may not know it."""

    code = "exchange.call_unknown"


@dataclass(frozen=True)
class DemandView:
    """数据需求 as both sides see it."""

    number: str
    case: str
    organ: str
    provider: str
    table: str
    columns: tuple[str, ...]
    lookup: tuple[str, ...]
    clear: tuple[str, ...]
    rows: str
    purpose: str
    basis: str
    quota_per_day: int
    rate_per_second: int
    max_grade: int
    valid_days: int
    state: str
    state_title: str
    opened_by: str
    opened_at: datetime
    due_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    reason: str
    grant: str


@dataclass(frozen=True)
class KeyView:
    """A key by its first characters; the secret is nowhere."""

    shown: str
    issued_by: str
    issued_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class GrantView:
    """共享授权 with its keys and counts."""

    number: str
    demand: str
    organ: str
    provider: str
    table: str
    columns: tuple[str, ...]
    lookup: tuple[str, ...]
    clear: tuple[str, ...]
    rows: str
    purpose: str
    basis: str
    quota_per_day: int
    rate_per_second: int
    max_grade: int
    active_from: datetime
    active_until: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdrawn_reason: str
    keys: tuple[KeyView, ...]
    answered: int
    refused: int

    def state(self, at: datetime) -> str:
        """What a page calls the grant at an instant."""
        if self.withdrawn_at is not None:
            return "已撤回"
        return "已到期" if at >= self.active_until else "生效中"


@dataclass(frozen=True)
class CallView:
    """调用记录: an outcome with every check; no value that was asked for or given."""

    number: str
    grant: str
    organ: str
    provider: str
    table: str
    columns: tuple[str, ...]
    lookup: tuple[str, ...]
    purpose: str
    case: str
    code: str
    title: str
    status: int
    checks: tuple[Check, ...]
    rows: int
    masked: tuple[str, ...]
    micros: int
    entry: str
    at: datetime

    @property
    def is_allowed(self) -> bool:
        return self.code == "allowed"


def demand_row(number: str, *, lock: bool = False) -> Demand:
    """The stored demand, or ``DemandUnknown``."""
    rows = Demand.objects.select_for_update() if lock else Demand.objects
    row = rows.filter(number=number).first()
    if row is None:
        raise DemandUnknown(f"没有数据需求 {number}。", hint="请核对编号。", number=number)
    return row


def grant_row(number: str, *, lock: bool = False) -> Grant:
    """The stored grant, or ``GrantUnknown``."""
    rows = Grant.objects.select_for_update() if lock else Grant.objects
    row = rows.filter(number=number).first()
    if row is None:
        raise GrantUnknown(f"没有授权 {number}。", hint="请核对编号。", number=number)
    return row


def demand_view(row: Demand) -> DemandView:
    """The stored demand as a value."""
    grant = Grant.objects.filter(demand=row).values_list("number", flat=True).first()
    values = _shared(row, DemandView.__match_args__)
    values.update(
        state_title=row.get_state_display(),
        decided_by=row.decided_by or "",
        grant=grant or "",
    )
    return DemandView(**values)


def grant_view(row: Grant) -> GrantView:
    """The stored grant as a value."""
    counts = row.calls.aggregate(
        answered=Count("id", filter=Q(code="allowed")),
        refused=Count("id", filter=~Q(code="allowed")),
    )
    values = _shared(row, GrantView.__match_args__)
    values.update(
        demand=row.demand.number,
        withdrawn_by=row.withdrawn_by or "",
        keys=tuple(
            KeyView(key.shown, key.issued_by, key.issued_at, key.revoked_at)
            for key in row.keys.order_by("pk")
        ),
        **counts,
    )
    return GrantView(**values)


def _shared(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    found = {name: getattr(row, name) for name in names if hasattr(row, name)}
    return {name: tuple(one) if isinstance(one, list) else one for name, one in found.items()}


def _within(rows: QuerySet[Any], actor: identity.Actor, right: str = "exchange.see") -> Any:
    """Rows of the actor's own organ, as user or provider; all of them for who watches."""
    if identity.may(actor, "exchange.watch"):
        return rows
    identity.require(actor, right)
    organ = actor.organ if isinstance(actor, identity.Officer) else ""
    return rows.filter(Q(organ=organ) | Q(provider=organ))


def demands(
    *, actor: identity.Actor, state: str = "", offset: int = 0, limit: int = 50
) -> list[DemandView]:
    """Demands that the actor's organ made or must decide, newest first."""
    rows = _within(Demand.objects.all(), actor)
    if state:
        rows = rows.filter(state=state)
    return [demand_view(row) for row in rows.order_by("-pk")[offset : offset + limit]]


def demand(number: str, *, actor: identity.Actor) -> DemandView:
    """One demand; a stranger is told that there is none."""
    row = _within(Demand.objects.filter(number=number), actor).first()
    return demand_view(row or demand_row(""))


def grants(
    *, actor: identity.Actor, table: str = "", offset: int = 0, limit: int = 50
) -> list[GrantView]:
    """Grants that the actor's organ uses or gave, newest first."""
    rows = _within(Grant.objects.select_related("demand"), actor)
    if table:
        rows = rows.filter(table=table)
    return [grant_view(row) for row in rows.order_by("-pk")[offset : offset + limit]]


def grant(number: str, *, actor: identity.Actor) -> GrantView:
    """One grant; a stranger is told that there is none."""
    row = _within(Grant.objects.filter(number=number), actor).first()
    return grant_view(row or grant_row(""))


def calls(
    *,
    actor: identity.Actor,
    grant: str = "",
    outcome: str = "",
    offset: int = 0,
    limit: int = 50,
) -> list[CallView]:
    """Calls of the grants that the actor's organ uses or gave, newest first."""
    rows = _calls_within(actor)
    if grant:
        rows = rows.filter(grant__number=grant)
    if outcome:
        rows = rows.filter(code="allowed") if outcome == "allowed" else rows.exclude(code="allowed")
    return [call_view(row) for row in rows.order_by("-pk")[offset : offset + limit]]


def explain(number: str, *, actor: identity.Actor) -> CallView:
    """Why the gate answered or refused a call: every check it made, in order."""
    row = _calls_within(actor).filter(number=number).first()
    if row is None:
        raise CallUnknown(f"没有调用 {number}。", hint="请核对编号。", number=number)
    return call_view(row)


def _calls_within(actor: identity.Actor) -> QuerySet[CallRecord]:
    rows = CallRecord.objects.select_related("grant")
    if identity.may(actor, "exchange.watch"):
        return rows
    identity.require(actor, "exchange.see")
    organ = actor.organ if isinstance(actor, identity.Officer) else ""
    return rows.filter(Q(grant__organ=organ) | Q(grant__provider=organ))


def call_view(row: CallRecord) -> CallView:
    """The stored call as a value."""
    values = _shared(row, CallView.__match_args__)
    values.update(
        grant=row.grant.number if row.grant else "",
        provider=row.grant.provider if row.grant else "",
        title=TITLES.get(row.code, row.code),
        checks=tuple(Check(**check) for check in row.checks),
    )
    return CallView(**values)


@dataclass(frozen=True)
class Totals:
    """Counts for a home page."""

    waiting: int
    grants: int
    calls: int
    refused: int
    rows: int


def totals(*, at: datetime) -> Totals:
    """How much is asked, granted and called in the whole place; counts only."""
    counts = CallRecord.objects.aggregate(
        calls=Count("pk"), refused=Count("pk", filter=~Q(code="allowed")), rows=Sum("rows")
    )
    return Totals(
        waiting=Demand.objects.filter(state=Demand.State.WAITING).count(),
        grants=Grant.objects.filter(withdrawn_at=None, active_until__gt=at).count(),
        calls=counts["calls"],
        refused=counts["refused"],
        rows=counts["rows"] or 0,
    )
