"""Routes to providers' databases."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.exchange.models import SourceRoute
from yiwang.apps.identity import public as identity


@dataclass(frozen=True)
class RouteView:
    """直连 of a table: which source, which relation there, which columns; never an address."""

    table: str
    source: str
    relation: str
    columns: Mapping[str, str]
    set_by: str
    set_at: datetime
    ended_by: str
    ended_at: datetime | None


def route_view(row: SourceRoute) -> RouteView:
    """The stored route as a value."""
    return RouteView(
        row.table, row.source, row.relation, row.columns, row.set_by, row.set_at,
        row.ended_by or "", row.ended_at,
    )  # fmt: skip


def source_routes(*, actor: identity.Officer) -> list[RouteView]:
    """Every route, those in force first, the newest first; for who watches sharing."""
    identity.require(actor, "exchange.watch")
    rows = SourceRoute.objects.order_by("ended_at", "-set_at")
    return sorted((route_view(row) for row in rows), key=lambda one: one.ended_at is not None)
