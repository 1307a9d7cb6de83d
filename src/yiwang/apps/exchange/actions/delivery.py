"""After the answer: the demander supplements, confirms, gives up, renews; the platform delivers."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.actions.demands import (
    Bounds,
    bounds_of,
    check_demand,
    open_demand,
    require_answered,
    require_new,
    settle_demand,
    stored,
)
from yiwang.apps.exchange.actions.grants import ReasonMissing, require_ordinary
from yiwang.apps.exchange.actions.notes import note
from yiwang.apps.exchange.models import Demand
from yiwang.apps.exchange.queries.demands import DemandView, demand_row, demand_view
from yiwang.apps.exchange.queries.grants import GrantView, grant_row, grant_view
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict


class RenewalWaiting(Conflict):
    """A renewal of this grant has been asked for and is not decided."""

    code = "exchange.renewal_waiting"


@transaction.atomic
def amend_demand(
    number: str,
    *,
    columns: Sequence[str],
    purpose: str,
    basis: str,
    bounds: Bounds,
    officer: identity.Officer,
    at: datetime,
    words: str = "",
) -> DemandView:
    """补充数据需求: change what was returned and send it again; checked as at first."""
    row = demand_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=row.organ)
    check_demand(catalog.dataset(row.table), tuple(columns), purpose, basis, bounds)
    require_new(row.organ, row.table, columns, purpose, but=number)
    asked = {"columns": tuple(columns), "purpose": purpose, "basis": basis, **asdict(bounds)}
    given = {name: stored(one) for name, one in asked.items()}
    changed = [name for name, one in given.items() if getattr(row, name) != one]
    titles = "、".join(str(Demand._meta.get_field(name).verbose_name) for name in changed)
    told = f"改动：{titles}。" if changed else "内容未改。"
    casework.act(
        number=row.case,
        verb="submit",
        to="answer",
        officer=officer,
        at=at,
        reason=f"{words.strip()} {told}".strip(),
    )
    for name in changed:
        setattr(row, name, given[name])
    row.save(update_fields=changed)
    note("exchange.demand_amended", row, officer.username, at)
    return demand_view(row)


@transaction.atomic
def deliver_demand(number: str, *, officer: identity.Officer, at: datetime) -> GrantView:
    """平台提供: the table is there, so the agreed grant comes into force."""
    row = demand_row(number, lock=True)
    identity.require(officer, "exchange.council")
    require_answered(row.table)
    case = casework.act(number=row.case, verb="handle", officer=officer, at=at)
    grant = settle_demand(row, case.step, by=officer.username, at=at)
    note("exchange.demand_delivered", row, officer.username, at)
    assert grant is not None  # what is delivered waits to be confirmed
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
    event = "exchange.delivery_confirmed" if is_usable else "exchange.delivery_denied"
    note(event, row, officer.username, at)
    return demand_view(row)


@transaction.atomic
def accept_refusal(number: str, *, officer: identity.Officer, at: datetime) -> DemandView:
    """接受答复: the demander lets the refusal stand; the demand is over."""
    row = demand_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=row.organ)
    casework.act(number=row.case, verb="accept", officer=officer, at=at)
    note("exchange.refusal_accepted", row, officer.username, at)
    return demand_view(row)


@transaction.atomic
def withdraw_demand(
    number: str, *, officer: identity.Officer, at: datetime, reason: str = ""
) -> DemandView:
    """撤回需求: the demander takes back a demand that was returned for more words."""
    row = demand_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=row.organ)
    case = casework.act(number=row.case, verb="withdraw", officer=officer, at=at, reason=reason)
    settle_demand(row, case.step, by=officer.username, at=at, reason=reason)
    return demand_view(row)


@transaction.atomic
def give_up_grant(
    number: str, *, reason: str, officer: identity.Officer, at: datetime
) -> GrantView:
    """交回授权: the user no longer needs it; the next call is refused."""
    grant = grant_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=grant.organ)
    ReasonMissing.unless((bool(reason.strip()), "reason", "交回授权应当说明理由。"), number=number)
    if grant.withdrawn_at is None:
        grant.withdrawn_at, grant.withdrawn_by = at, officer.username
        grant.withdrawn_reason = f"使用机构交回：{reason}"[:500]
        grant.version += 1
        grant.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason", "version"])
        note("exchange.grant_given_up", grant, officer.username, at)
    return grant_view(grant)


@transaction.atomic
def renew_grant(number: str, *, officer: identity.Officer, at: datetime) -> DemandView:
    """续期: ask for the same again before it ends; the provider decides as for any demand."""
    grant = grant_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=grant.organ)
    require_ordinary(grant)
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
