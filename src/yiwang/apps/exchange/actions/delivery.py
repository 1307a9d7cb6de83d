"""After the answer: the platform delivers, the demander confirms, gives up, renews."""

from datetime import datetime

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.exchange.actions.demands import bounds_of, granted, is_answered, open_demand
from yiwang.apps.exchange.actions.grants import ReasonMissing
from yiwang.apps.exchange.actions.notes import note
from yiwang.apps.exchange.models import Demand, Grant
from yiwang.apps.exchange.queries.demands import DemandView, demand_row, demand_view
from yiwang.apps.exchange.queries.grants import GrantView, grant_row, grant_view
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict


class TableNotPublished(Conflict):
    """The platform does not hold the table yet, so nothing can be delivered."""

    code = "exchange.table_not_published"


class RenewalWaiting(Conflict):
    """A renewal of this grant has been asked for and is not decided."""

    code = "exchange.renewal_waiting"


@transaction.atomic
def deliver_demand(number: str, *, officer: identity.Officer, at: datetime) -> GrantView:
    """平台提供: the table is there, so the agreed grant comes into force."""
    row = demand_row(number, lock=True)
    identity.require(officer, "exchange.council")
    if not is_answered(row.table):
        raise TableNotPublished(
            f"数据表 {row.table} 还没有归集发布，也没有直连。",
            hint="请先接入并发布，或设定直连，再办理提供。",
            number=number,
        )
    casework.act(number=row.case, verb="handle", officer=officer, at=at)
    grant = Grant.objects.filter(demand=row).first() or granted(row, at)
    note("exchange.demand_delivered", row, officer, at)
    return grant_view(grant)


@transaction.atomic
def confirm_delivery(
    number: str, *, is_usable: bool, officer: identity.Officer, at: datetime, reason: str = ""
) -> DemandView:
    """确认提供: the demander says that the data is of use, or sends it back with a reason."""
    row = demand_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=row.organ)
    casework.act(
        number=row.case,
        verb="confirm" if is_usable else "deny",
        officer=officer,
        at=at,
        reason=reason,
    )
    note(
        "exchange.delivery_confirmed" if is_usable else "exchange.delivery_denied", row, officer, at
    )
    return demand_view(row)


@transaction.atomic
def accept_refusal(number: str, *, officer: identity.Officer, at: datetime) -> DemandView:
    """接受答复: the demander lets the refusal stand; the demand is over."""
    row = demand_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=row.organ)
    casework.act(number=row.case, verb="accept", officer=officer, at=at)
    note("exchange.refusal_accepted", row, officer, at)
    return demand_view(row)


@transaction.atomic
def withdraw_demand(
    number: str, *, officer: identity.Officer, at: datetime, reason: str = ""
) -> DemandView:
    """撤回需求: the demander takes back a demand that was returned for more words."""
    row = demand_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=row.organ)
    casework.act(number=row.case, verb="withdraw", officer=officer, at=at, reason=reason)
    row.state, row.decided_by, row.decided_at = Demand.State.WITHDRAWN, officer.username, at
    row.save(update_fields=["state", "decided_by", "decided_at"])
    note("exchange.demand_withdrawn", row, officer, at)
    return demand_view(row)


@transaction.atomic
def give_up_grant(
    number: str, *, reason: str, officer: identity.Officer, at: datetime
) -> GrantView:
    """交回授权: the user no longer needs it; the next call is refused."""
    grant = grant_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=grant.organ)
    if not reason.strip():
        raise ReasonMissing("交回授权应当说明理由。", hint="请填写理由。", number=number)
    if grant.withdrawn_at is None:
        grant.withdrawn_at, grant.withdrawn_by = at, officer.username
        grant.withdrawn_reason = f"使用机构交回：{reason}"[:500]
        grant.version += 1
        grant.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason", "version"])
        note("exchange.grant_given_up", grant, officer, at)
    return grant_view(grant)


@transaction.atomic
def renew_grant(number: str, *, officer: identity.Officer, at: datetime) -> DemandView:
    """续期: ask for the same again before it ends; the provider decides as for any demand."""
    grant = grant_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=grant.organ)
    waiting = Demand.objects.filter(
        organ=grant.organ, table=grant.table, purpose=grant.purpose, state="waiting"
    ).first()
    if waiting:
        raise RenewalWaiting(
            f"授权 {number} 的续期申请 {waiting.number} 正等待答复。",
            hint="不必重复提出。",
            demand=waiting.number,
        )
    return open_demand(
        table=grant.table,
        columns=grant.columns,
        purpose=grant.purpose,
        basis=f"{grant.basis[:250]}（续期，原授权 {local_date(grant.active_until)} 到期）",
        officer=officer,
        at=at,
        bounds=bounds_of(vars(grant.demand)),
    )
