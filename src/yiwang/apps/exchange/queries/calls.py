"""Metered calls, and the explanation of any decision of the gate."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet, Sum

from yiwang.apps.exchange.gate import Call, Check, checks_of_allowed
from yiwang.apps.exchange.holding import terms_of
from yiwang.apps.exchange.models import CallRecord, Demand, Grant
from yiwang.apps.exchange.queries.access import shared_values
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
    "signature_malformed": "签名无法识别",
    "signature_expired": "签名过期",
    "signature_forged": "签名不符",
    "signature_replayed": "签名重放",
    "signature_required": "须签名调用",
    "retry_differs": "重试标识被挪用",
    "wrong_system": "使用系统不符",
    "case_personal": "办件编号含个人号码",
    "form_outside_grant": "调用方式不在授权内",
    "batch_too_large": "批量过大",
    "filter_refused": "筛选无法识别",
    "filter_outside_grant": "筛选超出授权",
    "group_too_small": "筛选指向个人",
    "since_unknown": "起始快照不可比对",
    "source_down": "数源不可用",
    "not_served": "数据尚未就绪",
    "broken": "中途中断",
}
"""What a page calls each outcome of the gate."""


class CallUnknown(NotFound):
    """No call has this number, or the actor may not know it."""

    code = "exchange.call_unknown"


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
    ended_at: datetime | None = None
    form: str = "lookup"
    system: str = ""
    bytes_in: int = 0
    bytes_out: int = 0
    fault: str = ""
    is_stale: bool = False
    repeats: str = ""
    mark: str = ""

    @property
    def is_allowed(self) -> bool:
        return self.code == "allowed"


def calls(
    *,
    actor: identity.Actor,
    grant: str = "",
    outcome: str = "",
    offset: int = 0,
    limit: int = 50,
) -> list[CallView]:
    """Calls of the grants that the actor's organ uses or gave, newest first."""
    rows = _callswithin(actor)
    if grant:
        rows = rows.filter(grant__number=grant)
    if outcome:
        rows = rows.filter(code="allowed") if outcome == "allowed" else rows.exclude(code="allowed")
    return [call_view(row) for row in rows.order_by("-pk")[offset : offset + limit]]


def explain(number: str, *, actor: identity.Actor) -> CallView:
    """Why the gate answered or refused a call: every check it made, in order."""
    row = _callswithin(actor).filter(number=number).first()
    if row is None:
        raise CallUnknown(f"没有调用 {number}。", hint="请核对编号。", number=number)
    return call_view(row)


def _callswithin(actor: identity.Actor) -> QuerySet[CallRecord]:
    rows = CallRecord.objects.select_related("grant")
    if identity.may(actor, "exchange.watch"):
        return rows
    identity.require(actor, "exchange.see")
    organ = actor.organ if isinstance(actor, identity.Officer) else ""
    return rows.filter(Q(grant__organ=organ) | Q(grant__provider=organ))


def call_view(row: CallRecord) -> CallView:
    """The stored call as a value."""
    values = shared_values(row, CallView.__match_args__)
    values.update(
        grant=row.grant.number if row.grant else "",
        provider=row.grant.provider if row.grant else "",
        title=TITLES.get(row.code, row.code),
        checks=_checks(row),
    )
    return CallView(**values)


def _checks(row: CallRecord) -> tuple[Check, ...]:
    """As kept of a refusal; of an allowed call written again, for it passed all of them."""
    if row.checks or row.grant is None:
        return tuple(Check(**check) for check in row.checks)
    call = Call(
        key="",
        table=row.table,
        columns=tuple(row.columns),
        purpose=row.purpose,
        case=row.case,
        form=row.form,
    )
    return checks_of_allowed(
        call, terms_of(row.grant), columns={}, at=row.at, used_today=max(0, row.used - 1)
    )


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
