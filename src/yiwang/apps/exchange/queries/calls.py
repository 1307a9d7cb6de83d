"""Metered calls, and the explanation of any decision of the gate."""

from dataclasses import dataclass, replace
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
UNMET = {"source_down": "取数", "not_served": "取数", "broken": "传输"}
"""Outcomes after every check had passed, and what then failed."""
FAULTS = {
    "source_down": "提供方的数据库没有应答。",
    "source_resting": "提供方的数据库连续没有应答，网关暂停询问。",
    "source_unlike": "提供方的数据库给出的值与约定的类型不符。",
    "question_refused": "提供方的数据库不能按所给的值查询。",
    "column_not_at_source": "直连的来源没有所要的字段。",
    "pages_not_at_source": "这张表目前直连提供方的数据库，只按键查询。",
    "not_served": "这张表还没有可供查询的副本。",
    "lookup_refused": "可供查询的副本没有所要的字段，或不能按所给的条件查询。",
    "table_unknown": "数据湖里还没有这张表。",
    "client_gone": "对方断开了连接。",
    "client_slow": "对方迟迟没有读取。",
    "stream_broken": "授权在传输中被变更或撤回。",
    "target_down": "推送目标的数据库没有应答，或拒绝写入。",
    "target_not_ours": "目标表不是推送建立的，没有写入。",
    "push_unbalanced": "推送的行数与授权给出的行数不符，没有提交。",
    "fault": "网关出现故障。",
}
"""What a fault on record means, by the last word of its code."""
FORMS = {
    "lookup": "按键查询",
    "batch": "批量查询",
    "page": "按页读取",
    "file": "取文件",
    "changes": "取变化",
    "push": "数据库推送",
}


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

    @property
    def form_title(self) -> str:
        """What was asked for, in a word."""
        return FORMS.get(self.form, self.form)

    @property
    def fault_sentence(self) -> str:
        """What went wrong after every check had passed; empty where nothing did."""
        known = FAULTS.get(self.fault.rpartition(".")[2])
        return (known or f"故障代码：{self.fault}。") if self.fault else ""


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
    view = CallView(**values)
    if row.code not in UNMET:
        return view
    left = f"已传出 {row.rows} 行、{row.bytes_out} 字节。" if row.code == "broken" else ""
    said = f"{view.fault_sentence or '原因没有记录。'}{left}"
    return replace(view, checks=(*view.checks, Check(row.code, UNMET[row.code], False, said)))


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
        system=row.system,
    )
    return checks_of_allowed(
        call, terms_of(row.grant), columns={}, at=row.at, used=row.used, repeats=row.repeats
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
