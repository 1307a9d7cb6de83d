"""特别授权: asked with purpose and case, opened by a second person, used, and reviewed.

There is no second way to data here. Opening makes ordinary grants that end within hours; each
look-up takes a key that is good for one call and goes through ``answer``, so it is judged,
metered, journalled with purpose and case, and seen by the person it was about like any other.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from django.db import transaction
from django.db.models import Max

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.actions.demands import Bounds, check_demand, granted
from yiwang.apps.exchange.actions.grants import new_key, stop_key
from yiwang.apps.exchange.answering import Answer, answer
from yiwang.apps.exchange.gate import Call
from yiwang.apps.exchange.models import Demand, SpecialGrant, SpecialTable
from yiwang.apps.exchange.queries.specials import SpecialView, special_row, special_view
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel import ids
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed
from yiwang.kernel.limits import Limit

FINDING_FLOW = "base.use_alert"
MOST_TABLES, QUOTA = 20, 50
"""Tables of one special grant, and look-ups of each table under it."""


class SpecialMalformed(Invalid):
    """A special grant without tables, purpose or case, or open for too long."""

    code = "exchange.special_malformed"


class SpecialNotOpen(Conflict):
    """The special grant is not open: it waits, was refused, has ended, or is not of this kind."""

    code = "exchange.special_not_open"


class SameEyes(NotAllowed):
    """Who asks for wide sight cannot open it, and neither can review it."""

    code = "exchange.same_eyes"


class NotHolder(NotAllowed):
    """Only the officer named in the special grant looks up with it."""

    code = "exchange.not_holder"


@transaction.atomic
def ask_special(
    *,
    kind: Literal["super", "mayor"],
    tables: Sequence[str],
    purpose: str,
    basis: str,
    case: str,
    hours: int,
    officer: identity.Officer,
    at: datetime,
) -> SpecialView:
    """申请特别授权: for oneself, for one purpose in one case, for some hours."""
    identity.require(officer, "exchange.special")
    _check(tables, purpose, basis, case, hours, at)
    row = SpecialGrant.objects.create(
        number=_number(at),
        kind=kind,
        holder=officer.username,
        organ=officer.organ,
        tables=list(tables),
        purpose=purpose.strip(),
        basis=basis.strip(),
        case=case.strip()[:64],
        hours=hours,
        state=SpecialGrant.State.WAITING,
        asked_at=at,
    )
    _note("exchange.special_asked", row, officer.username, at)
    return special_view(row, at)


def _check(
    tables: Sequence[str], purpose: str, basis: str, case: str, hours: int, at: datetime
) -> None:
    longest = Limit.parse(catalog.time_limit("special.open", on=local_date(at)) or "4h").amount
    known = [(bool(catalog.subject_column(one)), one) for one in tables]
    SpecialMalformed.unless(
        (0 < len(set(tables)) <= MOST_TABLES, "tables", f"请选择 1 至 {MOST_TABLES} 张表。"),
        (0 < len(purpose.strip()) <= 200, "purpose", "请写明用途。"),
        (0 < len(basis.strip()) <= 300, "basis", "请写明法律依据。"),
        (bool(case.strip()), "case", "请写明办件编号。"),
        (0 < hours <= longest, "hours", f"开放时长为 1 至 {longest} 小时。"),
        *((is_one, "tables", f"“{one}”不是按人或企业查询的表。") for is_one, one in known),
        hint="特别授权只用于个案，请改正后重新提交。",
    )


def _number(at: datetime) -> str:
    last = SpecialGrant.objects.aggregate(last=Max("pk"))["last"] or 0
    return ids.number(prefix="TB", day=local_date(at), sequence=last + 1)


@transaction.atomic
def open_special(
    number: str, *, agree: bool, reason: str, officer: identity.Officer, at: datetime
) -> SpecialView:
    """审批特别授权: a second person opens it for its hours, or refuses."""
    row = special_row(number, lock=True)
    identity.require(officer, "exchange.guard")
    if officer.username == row.holder:
        raise SameEyes("申请人不能审批自己的特别授权。", hint="请由另一名数据安全员审批。")
    if row.state != SpecialGrant.State.WAITING:
        raise SpecialNotOpen(f"{number} 已审批：{row.get_state_display()}。", hint="请刷新页面。")
    row.state = SpecialGrant.State.OPEN if agree else SpecialGrant.State.REFUSED
    row.decided_by, row.decided_at, row.reason = officer.username, at, reason.strip()[:500]
    row.active_until = at + timedelta(hours=row.hours) if agree else None
    row.save()
    if agree:
        for position, table in enumerate(row.tables, 1):
            _grant(row, table, position, at)
    _note(f"exchange.special_{row.state}", row, officer.username, at)
    return special_view(row, at)


def _grant(row: SpecialGrant, table: str, position: int, at: datetime) -> None:
    """One ordinary grant of one table, by subject, in clear, for the hours that were opened."""
    dataset = catalog.dataset(table)
    columns = [one.name for one in dataset.column_views]
    bounds = Bounds(
        lookup=(catalog.subject_column(table),),
        clear=tuple(columns),
        quota_per_day=QUOTA,
        rate_per_second=2,
        valid_days=1,
        max_grade=4,
    )
    check_demand(dataset, tuple(columns), row.purpose, row.basis, bounds)
    demand = Demand.objects.create(
        number=f"{row.number}-{position}",
        case=f"{row.number}-{position}",
        organ=row.organ,
        provider=dataset.organ,
        table=table,
        columns=columns,
        lookup=list(bounds.lookup),
        clear=columns,
        purpose=row.purpose,
        basis=row.basis,
        quota_per_day=bounds.quota_per_day,
        rate_per_second=bounds.rate_per_second,
        max_grade=bounds.max_grade,
        valid_days=bounds.valid_days,
        state=Demand.State.AGREED,
        opened_by=row.holder,
        opened_at=row.asked_at,
        decided_by=row.decided_by,
        decided_at=at,
        reason=f"特别授权 {row.number}",
    )
    grant = granted(demand, at)
    grant.active_until = row.active_until
    grant.save(update_fields=["active_until"])
    SpecialTable.objects.create(special=row, grant=grant)


def look_up(
    number: str, *, table: str, value: str, officer: identity.Officer, at: datetime
) -> Answer:
    """凭特别授权查询: one look-up by the holder, through the gate, with a key of its own."""
    row = special_row(number)
    identity.require(officer, "exchange.special")
    if officer.username != row.holder:
        raise NotHolder("特别授权只供申请时写明的本人使用。", hint="请另行申请。", number=number)
    member = row.members.select_related("grant").filter(grant__table=table).first()
    is_open = row.state == "open" and row.closed_at is None
    if member is None or not is_open or row.active_until is None or at >= row.active_until:
        raise SpecialNotOpen(
            f"特别授权 {number} 不在开放时段，或不含这张表。", hint="请另行申请。", number=number
        )
    secret = new_key(member.grant, by=officer.username, at=at)
    call = Call(
        key=secret,
        table=table,
        where={member.grant.lookup[0]: value},
        purpose=row.purpose,
        case=row.case,
        limit=20,
    )
    try:
        return answer(call, at=at)
    finally:
        stop_key(member.grant, secret, by=officer.username, at=at)


@transaction.atomic
def close_special(number: str, *, officer: identity.Officer, at: datetime) -> SpecialView:
    """关闭特别授权: the holder or the guard ends it before its time; the next call is refused."""
    row = special_row(number, lock=True)
    if officer.username != row.holder:
        identity.require(officer, "exchange.guard")
    if row.state != "open" or row.closed_at or (row.active_until and at >= row.active_until):
        raise SpecialNotOpen(f"{number} 没有开放着。", hint="请刷新页面。", number=number)
    row.closed_at = at
    row.save(update_fields=["closed_at"])
    for member in row.members.select_related("grant"):
        grant = member.grant
        grant.withdrawn_at, grant.withdrawn_by = at, officer.username
        grant.withdrawn_reason, grant.version = "特别授权已关闭", grant.version + 1
        grant.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason", "version"])
    _note("exchange.special_closed", row, officer.username, at)
    return special_view(row, at)


@transaction.atomic
def review_special(
    number: str, *, has_finding: bool, words: str, officer: identity.Officer, at: datetime
) -> SpecialView:
    """审查特别授权: the auditor looks at every use afterwards; what is wrong becomes a case."""
    row = special_row(number, lock=True)
    identity.require(officer, "exchange.review")
    if officer.username in (row.holder, row.decided_by):
        raise SameEyes("申请人和审批人不能审查。", hint="请由审计管理员审查。")
    if row.reviewed_at or not special_view(row, at).is_over:
        raise SpecialNotOpen(f"{number} 尚未结束，或已审查。", hint="结束后审查一次。")
    if not words.strip():
        raise SpecialMalformed("请写明审查意见。", hint="写明看了哪些记录、结论是什么。")
    row.reviewed_by, row.reviewed_at = officer.username, at
    row.has_finding, row.review = has_finding, words.strip()[:500]
    if has_finding:
        row.finding = casework.open_case(
            flow=FINDING_FLOW,
            subject=row.number,
            title=f"特别授权 {row.number} 审查发现问题",
            organ=row.organ,
            division=identity.organ(row.organ).division,
            facts={"special": row.number, "finding": row.review},
            actor=officer.username,
            at=at,
        ).number
    row.save()
    _note("exchange.special_reviewed", row, officer.username, at)
    return special_view(row, at)


def _note(event: str, row: SpecialGrant, actor: str, at: datetime) -> None:
    facts: Mapping[str, str | int] = {
        "kind": row.kind,
        "holder": row.holder,
        "organ": row.organ,
        "tables": ",".join(row.tables)[:400],
    }
    journal.record(
        event,
        subject=row.number,
        actor=actor,
        at=at,
        purpose=row.purpose,
        case=row.case,
        facts=facts,
    )
