"""一场景一清单一审定: many fields of many providers asked for and judged as one."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.actions.demands import (
    Bounds,
    bounds_of,
    check_demand,
    open_demand,
    stored,
)
from yiwang.apps.exchange.models import Demand, Scenario, ScenarioPart
from yiwang.apps.exchange.queries.demands import demand_row
from yiwang.apps.exchange.queries.scenarios import (
    ScenarioView,
    same_demand,
    scenario_row,
    scenario_view,
)
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid

FLOW = "base.data_scenario"


class ScenarioMalformed(Invalid):
    """A list names no field, a table twice, or says too little."""

    code = "exchange.scenario_malformed"


class ScenarioDecided(Conflict):
    """The list was judged before."""

    code = "exchange.scenario_decided"


@dataclass(frozen=True)
class Part:
    """What a list wants of one table."""

    table: str
    columns: tuple[str, ...]
    bounds: Bounds = field(default_factory=Bounds)


@transaction.atomic
def open_scenario(
    *,
    title: str,
    purpose: str,
    basis: str,
    parts: Sequence[Part],
    officer: identity.Officer,
    at: datetime,
    item: str = "",
) -> ScenarioView:
    """提出场景清单: the fields of a scenario, all providers at once; the bureau judges the whole.

    A part that the organ has asked for or holds already, for the same purpose, is linked to what
    stands and not asked for again.
    """
    identity.require(officer, "exchange.demand")
    _check(title, purpose, basis, parts)
    case = _opened_case(title, parts, officer, at)
    row = Scenario.objects.create(
        number=case.number,
        organ=officer.organ,
        title=title.strip(),
        item=item.strip(),
        purpose=purpose.strip(),
        basis=basis.strip(),
        state=Scenario.State.WAITING,
        opened_by=officer.username,
        opened_at=at,
        due_at=case.due_at,
    )
    for part in parts:
        _store(row, part, at)
    _note("exchange.scenario_opened", row, officer.username, at)
    return scenario_view(row)


def _opened_case(
    title: str, parts: Sequence[Part], officer: identity.Officer, at: datetime
) -> casework.CaseView:
    return casework.open_case(
        flow=FLOW,
        subject=officer.organ,
        title=f"场景数据清单：{title}",
        organ=officer.organ,
        division=identity.organ(officer.organ).division,
        facts={"tables": [catalog.dataset(part.table).title for part in parts]},
        limit=catalog.time_limit("scenario.whole", on=local_date(at)),
        actor=officer.username,
        at=at,
    )


def _check(title: str, purpose: str, basis: str, parts: Sequence[Part]) -> None:
    """Refuse what says too little, and every part that could never be granted."""
    tables = [part.table for part in parts]
    ScenarioMalformed.unless(
        (0 < len(title.strip()) <= 120, "title", "请写明场景名称（不超过 120 字）。"),
        (bool(parts), "", "清单里还没有字段。"),
        (len(set(tables)) == len(tables), "", "同一张表只能列一次。"),
        (0 < len(purpose.strip()) <= 200, "purpose", "请写明用途（不超过 200 字）。"),
        (0 < len(basis.strip()) <= 300, "basis", "请写明法律依据（不超过 300 字）。"),
    )
    for part in parts:
        check_demand(catalog.dataset(part.table), part.columns, purpose, basis, part.bounds)


def _store(row: Scenario, part: Part, at: datetime) -> None:
    standing = same_demand(
        organ=row.organ, table=part.table, columns=part.columns, purpose=row.purpose, at=at
    )
    ScenarioPart.objects.create(
        scenario=row,
        table=part.table,
        provider=catalog.dataset(part.table).organ,
        columns=list(part.columns),
        bounds=_bounds(part),
        demand=demand_row(standing) if standing else None,
        is_shared=bool(standing),
    )


@transaction.atomic
def return_scenario(
    number: str, *, reason: str, officer: identity.Officer, at: datetime
) -> ScenarioView:
    """退回场景清单: what is missing is said, and the organ that asked supplements it."""
    row = _waiting(number)
    identity.require(officer, "exchange.council")
    casework.act(number=number, verb="return", officer=officer, at=at, reason=reason)
    _note("exchange.scenario_returned", row, officer.username, at)
    return scenario_view(row)


@transaction.atomic
def amend_scenario(
    number: str,
    *,
    title: str,
    purpose: str,
    basis: str,
    parts: Sequence[Part],
    officer: identity.Officer,
    at: datetime,
    item: str = "",
    words: str = "",
) -> ScenarioView:
    """补充场景清单: change what was returned and send it again; checked as at first."""
    row = _waiting(number)
    identity.require(officer, "exchange.demand", organ=row.organ)
    _check(title, purpose, basis, parts)
    casework.act(
        number=number,
        verb="submit",
        to="review",
        officer=officer,
        at=at,
        reason=f"{words.strip()} {_told(row, title, item, purpose, basis, parts)}".strip(),
    )
    row.title, row.item = title.strip(), item.strip()
    row.purpose, row.basis = purpose.strip(), basis.strip()
    row.save(update_fields=["title", "item", "purpose", "basis"])
    row.parts.all().delete()
    for part in parts:
        _store(row, part, at)
    _note("exchange.scenario_amended", row, officer.username, at)
    return scenario_view(row)


@transaction.atomic
def withdraw_scenario(
    number: str, *, reason: str, officer: identity.Officer, at: datetime
) -> ScenarioView:
    """撤回场景清单: the organ gives up a list that came back to it."""
    row = _waiting(number)
    identity.require(officer, "exchange.demand", organ=row.organ)
    casework.act(number=number, verb="withdraw", officer=officer, at=at, reason=reason)
    settle_scenario(row, "withdrawn", reason=reason, by=officer.username, at=at)
    return scenario_view(row)


def _told(
    row: Scenario, title: str, item: str, purpose: str, basis: str, parts: Sequence[Part]
) -> str:
    """What an amendment changes, for the trail of the case."""
    given = {"title": title, "item": item, "purpose": purpose, "basis": basis}
    changed = [
        str(Scenario._meta.get_field(name).verbose_name)
        for name, one in given.items()
        if getattr(row, name) != one.strip()
    ]
    before = {one.table: (one.columns, one.bounds) for one in row.parts.all()}
    for part in parts:
        if before.pop(part.table, None) != (list(part.columns), _bounds(part)):
            changed.append(f"“{catalog.dataset(part.table).title}”的字段或范围")
    changed += [f"移出“{catalog.dataset(table).title}”" for table in before]
    return f"改动：{'、'.join(changed)}。" if changed else "内容未改。"


def _bounds(part: Part) -> dict[str, Any]:
    """The bounds of a part as they are stored with it."""
    return {name: stored(one) for name, one in asdict(part.bounds).items()}


def _waiting(number: str) -> Scenario:
    """The list, locked, that nobody has judged; else ``ScenarioDecided``."""
    row = scenario_row(number, lock=True)
    if row.state != Scenario.State.WAITING:
        raise ScenarioDecided(
            f"场景清单 {number} 已审定：{row.get_state_display()}。", hint="请刷新页面。"
        )
    return row


@transaction.atomic
def judge_scenario(
    number: str, *, approve: bool, reason: str, officer: identity.Officer, at: datetime
) -> ScenarioView:
    """审定场景清单: one approval for all parts; each then goes to its provider as a demand."""
    row = _waiting(number)
    identity.require(officer, "exchange.council")
    casework.act(
        number=number,
        verb="approve" if approve else "refuse",
        officer=officer,
        at=at,
        reason=reason,
    )
    state = "approved" if approve else "refused"
    settle_scenario(row, state, reason=reason, by=officer.username, at=at)
    return scenario_view(row)


def settle_scenario(row: Scenario, state: str, *, reason: str, by: str, at: datetime) -> None:
    """Let a list say how it was judged; approved, its parts go to their providers."""
    row.state = Scenario.State(state)
    row.decided_by, row.decided_at, row.reason = by, at, reason.strip()[:500]
    row.save(update_fields=["state", "decided_by", "decided_at", "reason"])
    if row.state == Scenario.State.APPROVED:
        _send_to_providers(row, at)
    _note(f"exchange.scenario_{row.state}", row, by, at)


def _send_to_providers(row: Scenario, at: datetime) -> None:
    """Each part that nothing stands for yet becomes a demand, asked by who made the list."""
    asking = identity.officer(row.opened_by, organ=row.organ, at=at)
    for part in row.parts.filter(demand=None).order_by("pk"):
        part.demand = _demanded(row, part, asking, at)
        part.save(update_fields=["demand"])


def _demanded(row: Scenario, part: ScenarioPart, asking: identity.Officer, at: datetime) -> Demand:
    opened = open_demand(
        table=part.table,
        columns=part.columns,
        purpose=row.purpose,
        basis=row.basis,
        officer=asking,
        at=at,
        bounds=bounds_of(part.bounds),
    )
    return demand_row(opened.number)


def _note(event: str, row: Scenario, actor: str, at: datetime) -> None:
    journal.record(
        event,
        subject=row.number,
        actor=actor,
        at=at,
        purpose=row.purpose,
        case=row.number,
        facts={"organ": row.organ, "parts": row.parts.count()},
    )
