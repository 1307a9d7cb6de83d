"""Demands as both sides see them."""

from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.exchange.models import Demand, Grant
from yiwang.apps.exchange.queries.access import shared_values, within
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound


class DemandUnknown(NotFound):
    """No demand has this number, or the actor may not know it."""

    code = "exchange.demand_unknown"


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
    system: str
    assurance: str
    stale_minutes: int
    smallest_group: int
    target: str
    state: str
    state_title: str
    opened_by: str
    opened_at: datetime
    due_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    reason: str
    grant: str


def demand_row(number: str, *, lock: bool = False) -> Demand:
    """The stored demand, or ``DemandUnknown``."""
    rows = Demand.objects.select_for_update() if lock else Demand.objects
    row = rows.filter(number=number).first()
    if row is None:
        raise DemandUnknown(f"没有数据需求 {number}。", hint="请核对编号。", number=number)
    return row


def demand_view(row: Demand) -> DemandView:
    """The stored demand as a value."""
    grant = Grant.objects.filter(demand=row).values_list("number", flat=True).first()
    values = shared_values(row, DemandView.__match_args__)
    values.update(
        state_title=row.get_state_display(),
        decided_by=row.decided_by or "",
        grant=grant or "",
    )
    return DemandView(**values)


def demands(
    *, actor: identity.Actor, state: str = "", offset: int = 0, limit: int = 50
) -> list[DemandView]:
    """Demands that the actor's organ made or must decide, newest first."""
    rows = within(Demand.objects.all(), actor)
    if state:
        rows = rows.filter(state=state)
    return [demand_view(row) for row in rows.order_by("-pk")[offset : offset + limit]]


def demand(number: str, *, actor: identity.Actor) -> DemandView:
    """One demand; a stranger is told that there is none."""
    row = within(Demand.objects.filter(number=number), actor).first()
    return demand_view(row or demand_row(""))
