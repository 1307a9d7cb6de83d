"""Who sees which rows of sharing, and how a stored row becomes a view."""

from typing import Any

from django.db.models import Q, QuerySet

from yiwang.apps.identity import public as identity


def shared_values(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """What a stored row and its view call by the same name; lists become tuples."""
    found = {name: getattr(row, name) for name in names if hasattr(row, name)}
    return {name: tuple(one) if isinstance(one, list) else one for name, one in found.items()}


def within(rows: QuerySet[Any], actor: identity.Actor, right: str = "exchange.see") -> Any:
    """Rows of the actor's own organ, as user or provider; all of them for who watches."""
    if identity.may(actor, "exchange.watch"):
        return rows
    identity.require(actor, right)
    organ = actor.organ if isinstance(actor, identity.Officer) else ""
    return rows.filter(Q(organ=organ) | Q(provider=organ))
