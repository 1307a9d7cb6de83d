"""What changes sharing: a demand, its decision, a withdrawal, keys."""

import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from yiwang import rules
from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.holding import digest_of
from yiwang.apps.exchange.models import Demand, Grant, Key
from yiwang.apps.exchange.queries import (
    DemandView,
    GrantView,
    demand_row,
    demand_view,
    grant_row,
    grant_view,
)
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.packkit.kinds.resources import Grant as PackGrant

FLOW = "base.data_demand"


class DemandMalformed(Invalid):
    """A demand asks for what the catalogue does not offer, or says too little."""

    code = "exchange.demand_malformed"


class DemandAlreadyDecided(Conflict):
    """The demand was decided before."""

    code = "exchange.demand_already_decided"


class GrantNotInForce(Conflict):
    """The grant is withdrawn or over."""

    code = "exchange.grant_not_in_force"


@dataclass(frozen=True)
class Bounds:
    """How far a grant reaches; the defaults are what a modest system needs."""

    lookup: tuple[str, ...] = ()
    rows: str = ""
    clear: tuple[str, ...] = ()
    quota_per_day: int = 1000
    rate_per_second: int = 20
    valid_days: int = 365
    max_grade: int = 3


@transaction.atomic
def open_demand(
    *,
    table: str,
    columns: Sequence[str],
    purpose: str,
    basis: str,
    officer: identity.Officer,
    at: datetime,
    bounds: Bounds | None = None,
) -> DemandView:
    """提出数据需求: ask the provider for columns of a table; its working-day clock starts."""
    identity.require(officer, "exchange.demand")
    bounds = bounds or Bounds()
    dataset = catalog.dataset(table)
    _check_demand(dataset, tuple(columns), purpose, basis, bounds)
    case = _opened_case(dataset, columns, purpose, officer, at)
    bounded = asdict(bounds)
    row = Demand.objects.create(
        number=case.number,
        case=case.number,
        organ=officer.organ,
        provider=dataset.organ,
        table=table,
        columns=list(columns),
        purpose=purpose,
        basis=basis,
        state=Demand.State.WAITING,
        opened_by=officer.username,
        opened_at=at,
        due_at=case.due_at,
        **{name: list(one) if isinstance(one, tuple) else one for name, one in bounded.items()},
    )
    _note("exchange.demand_opened", row, officer, at)
    return demand_view(row)


def _opened_case(
    dataset: catalog.DatasetView,
    columns: Sequence[str],
    purpose: str,
    officer: identity.Officer,
    at: datetime,
) -> casework.CaseView:
    """The case on which the demand rides: it waits for the data officer of the providing organ."""
    return casework.open_case(
        flow=FLOW,
        subject=dataset.ref,
        title=f"申请共享：{dataset.title}（{purpose}）",
        organ=dataset.organ,
        division=identity.organ(dataset.organ).division,
        facts={"table": dataset.ref, "columns": list(columns), "to": officer.organ},
        actor=officer.username,
        at=at,
    )


def demand_from_pack(
    grant: PackGrant, *, officer: identity.Officer, at: datetime, basis: str = ""
) -> DemandView:
    """提出场景包所需的数据需求: what a pack asks for binds once the provider agrees.

    ``basis`` is the text of the pack's basis, which the grant names by its id only.
    """
    return open_demand(
        table=grant.table,
        columns=grant.columns,
        purpose=grant.purpose,
        basis=basis or grant.basis,
        officer=officer,
        at=at,
        bounds=Bounds(
            lookup=grant.lookup,
            rows=grant.rows,
            clear=grant.clear,
            quota_per_day=grant.quota_per_day,
            rate_per_second=grant.rate_per_second,
            valid_days=_days(grant.valid),
            max_grade=grant.max_grade,
        ),
    )


def _days(valid: str) -> int:
    if not valid.endswith("d") or not valid[:-1].isdigit():
        raise DemandMalformed(
            f"授权期限“{valid}”不是自然日。", hint="请写成如 365d 的自然日数。", valid=valid
        )
    return int(valid[:-1])


def _check_demand(
    dataset: catalog.DatasetView,
    columns: tuple[str, ...],
    purpose: str,
    basis: str,
    bounds: Bounds,
) -> None:
    """Refuse what could never be granted, before anybody has to read it."""
    known = {column.name: column for column in dataset.column_views}
    asked = {*columns, *bounds.lookup, *bounds.clear}
    high = [name for name in columns if name in known and known[name].grade > bounds.max_grade]
    problems = [
        (dataset.kind == "table", "只能申请已发布的共享表。"),
        (dataset.share != "none", "这张表不予共享。"),
        (bool(columns), "至少选择一个字段。"),
        (len(set(columns)) == len(columns), "字段重复。"),
        (asked <= known.keys(), f"目录中没有字段：{'、'.join(sorted(asked - known.keys()))}。"),
        (set(bounds.clear) <= set(columns), "不脱敏的字段必须是所申请的字段。"),
        (not high, f"字段 {'、'.join(high)} 的级别高于所申请的最高级别。"),
        (0 < len(purpose.strip()) <= 200, "请写明用途（不超过 200 字）。"),
        (0 < len(basis.strip()) <= 300, "请写明法律依据（不超过 300 字）。"),
        (bounds.quota_per_day > 0 and bounds.rate_per_second > 0, "配额和频率应大于零。"),
        (0 < bounds.valid_days <= 3 * 366, "授权期限应在三年以内。"),
    ]
    wrong = [sentence for is_right, sentence in problems if not is_right]
    if wrong:
        raise DemandMalformed("".join(wrong), hint="请改正后重新提交。", table=dataset.ref)
    if bounds.rows:
        rules.parse(bounds.rows, columns=catalog.types_of(dataset.ref))


@transaction.atomic
def decide_demand(
    number: str, *, agree: bool, reason: str, officer: identity.Officer, at: datetime
) -> GrantView | None:
    """审定数据需求: the provider agrees, and a grant is in force, or refuses with a reason."""
    row = demand_row(number, lock=True)
    identity.require(officer, "exchange.decide", organ=row.provider)
    if row.state != Demand.State.WAITING:
        raise DemandAlreadyDecided(
            f"数据需求 {number} 已审定：{row.get_state_display()}。",
            hint="如需变更，请另提需求或撤回授权。",
            number=number,
        )
    if not agree and not reason.strip():
        raise DemandMalformed("不同意共享时应当说明理由。", hint="请填写审定意见。", number=number)
    casework.act(
        number=row.case,
        verb="approve" if agree else "refuse",
        officer=officer,
        at=at,
        reason=reason,
    )
    row.state = Demand.State.AGREED if agree else Demand.State.REFUSED
    row.decided_by, row.decided_at, row.reason = officer.username, at, reason
    row.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    _note("exchange.demand_agreed" if agree else "exchange.demand_refused", row, officer, at)
    return grant_view(_granted(row, at)) if agree else None


def _granted(demand: Demand, at: datetime) -> Grant:
    copied = (
        "organ provider table columns lookup clear rows purpose basis "
        "quota_per_day rate_per_second max_grade"
    ).split()
    grant = Grant.objects.create(
        number=f"SQ{demand.number}",
        demand=demand,
        active_from=at,
        active_until=at + timedelta(days=demand.valid_days),
        **{name: getattr(demand, name) for name in copied},
    )
    catalog.wish_lookup(grant.table, grant.lookup)
    return grant


@transaction.atomic
def withdraw_grant(
    number: str, *, reason: str, officer: identity.Officer, at: datetime
) -> GrantView:
    """撤回授权: the provider ends a grant; the next call is refused."""
    grant = grant_row(number, lock=True)
    identity.require(officer, "exchange.decide", organ=grant.provider)
    _require_in_force(grant, at)
    if not reason.strip():
        raise DemandMalformed("撤回授权应当说明理由。", hint="请填写理由。", number=number)
    grant.withdrawn_at, grant.withdrawn_by, grant.withdrawn_reason = at, officer.username, reason
    grant.version += 1
    grant.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason", "version"])
    _note("exchange.grant_withdrawn", grant, officer, at)
    return grant_view(grant)


@transaction.atomic
def issue_key(number: str, *, officer: identity.Officer, at: datetime) -> str:
    """签发密钥: a new secret of the using organ; returned once, kept as a digest only."""
    grant = grant_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=grant.organ)
    _require_in_force(grant, at)
    secret = f"yw_{secrets.token_urlsafe(32)}"
    Key.objects.create(
        grant=grant,
        digest=digest_of(secret),
        shown=secret[:9],
        issued_by=officer.username,
        issued_at=at,
    )
    _note("exchange.key_issued", grant, officer, at)
    return secret


@transaction.atomic
def revoke_key(number: str, *, shown: str, officer: identity.Officer, at: datetime) -> None:
    """停用密钥: by the organ that uses it or the one that provides."""
    grant = grant_row(number, lock=True)
    if not identity.may(officer, "exchange.decide", organ=grant.provider):
        identity.require(officer, "exchange.demand", organ=grant.organ)
    changed = Key.objects.filter(grant=grant, shown=shown, revoked_at=None).update(
        revoked_at=at, revoked_by=officer.username
    )
    if not changed:
        raise GrantNotInForce(f"授权 {number} 没有在用的密钥 {shown}…。", hint="请刷新页面。")
    Grant.objects.filter(pk=grant.pk).update(version=F("version") + 1)
    _note("exchange.key_revoked", grant, officer, at)


def _require_in_force(grant: Grant, at: datetime) -> None:
    if grant.withdrawn_at is not None or at >= grant.active_until:
        state = "已被撤回" if grant.withdrawn_at else "已到期"
        raise GrantNotInForce(
            f"授权 {grant.number} {state}。", hint="请另提数据需求。", number=grant.number
        )


def _note(event: str, row: Any, officer: identity.Officer, at: datetime) -> None:
    journal.record(
        event,
        subject=row.number,
        actor=officer.username,
        at=at,
        purpose=row.purpose,
        case=row.number if isinstance(row, Demand) else row.demand.number,
        facts={"table": row.table, "organ": row.organ, "provider": row.provider},
    )
