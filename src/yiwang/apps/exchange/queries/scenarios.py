"""Scenario lists with the progress of each part, and what an organ holds already."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from yiwang.apps.exchange.models import Demand, Grant, Scenario
from yiwang.apps.exchange.queries.access import shared_values
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound


class ScenarioUnknown(NotFound):
    """No list has this number, or the actor may not know it."""

    code = "exchange.scenario_unknown"


@dataclass(frozen=True)
class PartView:
    """清单分项 with the demand it became and the grant that came of it."""

    table: str
    provider: str
    columns: tuple[str, ...]
    bounds: Mapping[str, Any]
    demand: str
    is_shared: bool
    state: str
    state_title: str
    grant: str


@dataclass(frozen=True)
class ScenarioView:
    """场景清单 as its organ, the providers on it and the bureau see it."""

    number: str
    organ: str
    title: str
    item: str
    purpose: str
    basis: str
    state: str
    state_title: str
    opened_by: str
    opened_at: datetime
    due_at: datetime | None
    decided_by: str
    decided_at: datetime | None
    reason: str
    parts: tuple[PartView, ...]

    @property
    def granted(self) -> int:
        """How many parts are granted."""
        return sum(bool(part.grant) for part in self.parts)


def scenario_row(number: str, *, lock: bool = False) -> Scenario:
    """The stored list, or ``ScenarioUnknown``."""
    rows = Scenario.objects.select_for_update() if lock else Scenario.objects
    row = rows.filter(number=number).first()
    if row is None:
        raise ScenarioUnknown(f"没有场景清单 {number}。", hint="请核对编号。", number=number)
    return row


def scenarios(
    *, actor: identity.Actor, state: str = "", offset: int = 0, limit: int = 50
) -> list[ScenarioView]:
    """Lists that the actor's organ made or provides for, newest first."""
    rows = _known_to(actor)
    if state:
        rows = rows.filter(state=state)
    return [scenario_view(row) for row in rows.order_by("-pk")[offset : offset + limit]]


def scenario(number: str, *, actor: identity.Actor) -> ScenarioView:
    """One list; a stranger is told that there is none."""
    row = _known_to(actor).filter(number=number).first()
    return scenario_view(row or scenario_row(""))


def _known_to(actor: identity.Actor) -> Any:
    rows = Scenario.objects.all()
    if identity.may(actor, "exchange.watch"):
        return rows
    identity.require(actor, "exchange.see")
    organ = actor.organ if isinstance(actor, identity.Officer) else ""
    return rows.filter(
        Q(organ=organ) | Q(parts__provider=organ) & ~Q(state__in=("waiting", "refused"))
    ).distinct()


def scenario_view(row: Scenario) -> ScenarioView:
    """The stored list as a value."""
    values = shared_values(row, ScenarioView.__match_args__)
    values.update(
        state_title=row.get_state_display(),
        decided_by=row.decided_by or "",
        parts=tuple(_part(one) for one in row.parts.select_related("demand").order_by("pk")),
    )
    return ScenarioView(**values)


def _part(row: Any) -> PartView:
    demand = row.demand
    grant = Grant.objects.filter(demand=demand).values_list("number", flat=True).first()
    return PartView(
        table=row.table,
        provider=row.provider,
        columns=tuple(row.columns),
        bounds=row.bounds,
        demand=demand.number if demand else "",
        is_shared=row.is_shared,
        state=demand.state if demand else "",
        state_title=demand.get_state_display() if demand else "待清单审定",
        grant=grant or "",
    )


def same_demand(
    *, organ: str, table: str, columns: Iterable[str], purpose: str, at: datetime
) -> str:
    """The number of the organ's demand that already covers these fields for this purpose.

    It waits for an answer, or its grant is in force; "" when there is none.
    """
    wanted = set(columns)
    rows = Demand.objects.filter(organ=organ, table=table, purpose=purpose.strip())
    in_force = Q(state="agreed", grant__withdrawn_at=None, grant__active_until__gt=at)
    for row in rows.filter(Q(state="waiting") | in_force).order_by("-pk"):
        if wanted <= set(row.columns):
            return row.number
    return ""
