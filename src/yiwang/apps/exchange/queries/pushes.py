"""Pushes into consumers' own databases, as their organ and the provider see them."""

from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.exchange.models import PushRecord
from yiwang.apps.exchange.queries.access import shared_values
from yiwang.apps.exchange.queries.grants import grant
from yiwang.apps.identity import public as identity


@dataclass(frozen=True)
class PushView:
    """推送记录: one delivery, whole where ``since`` is empty; ``fault`` names why it failed."""

    call: str
    since: str
    snapshot: str
    added: int
    changed: int
    removed: int
    total: int
    begun_at: datetime
    fault: str
    sentence: str


def push_view(row: PushRecord) -> PushView:
    """The stored record as a value."""
    return PushView(**shared_values(row, PushView.__match_args__))


def pushes(number: str, *, actor: identity.Actor, limit: int = 10) -> list[PushView]:
    """The latest pushes of a grant that the actor may see."""
    seen = grant(number, actor=actor)
    rows = PushRecord.objects.filter(grant__number=seen.number).order_by("-pk")[:limit]
    return [push_view(row) for row in rows]
