"""Grants with their keys and counts."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q

from yiwang.apps.exchange.holding import digest_of
from yiwang.apps.exchange.models import Grant, Key, SpecialTable
from yiwang.apps.exchange.queries.access import shared_values, within
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound


class GrantUnknown(NotFound):
    """No grant has this number, or the actor may not know it."""

    code = "exchange.grant_unknown"


@dataclass(frozen=True)
class KeyView:
    """A key by its first characters; the secret is nowhere."""

    shown: str
    issued_by: str
    issued_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True)
class GrantView:
    """共享授权 with its keys and counts."""

    number: str
    demand: str
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
    system: str
    assurance: str
    stale_minutes: int
    target: str
    active_from: datetime
    active_until: datetime
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdrawn_reason: str
    keys: tuple[KeyView, ...]
    answered: int
    refused: int
    is_special: bool
    """Of a special grant: the platform alone makes its keys, one for each look-up of the holder."""

    def state(self, at: datetime) -> str:
        """What a page calls the grant at an instant."""
        if self.withdrawn_at is not None:
            return "已撤回"
        return "已到期" if at >= self.active_until else "生效中"


def grant_row(number: str, *, lock: bool = False) -> Grant:
    """The stored grant, or ``GrantUnknown``."""
    rows = Grant.objects.select_for_update() if lock else Grant.objects
    row = rows.filter(number=number).first()
    if row is None:
        raise GrantUnknown(f"没有授权 {number}。", hint="请核对编号。", number=number)
    return row


def is_special(row: Grant) -> bool:
    """Whether the grant stands behind a special one."""
    return SpecialTable.objects.filter(grant=row).exists()


def grant_view(row: Grant) -> GrantView:
    """The stored grant as a value."""
    counts = row.calls.aggregate(
        answered=Count("id", filter=Q(code="allowed")),
        refused=Count("id", filter=~Q(code="allowed")),
    )
    values = shared_values(row, GrantView.__match_args__)
    values.update(
        demand=row.demand.number,
        withdrawn_by=row.withdrawn_by or "",
        keys=tuple(
            KeyView(key.shown, key.issued_by, key.issued_at, key.revoked_at)
            for key in row.keys.order_by("pk")
        ),
        is_special=is_special(row),
        **counts,
    )
    return GrantView(**values)


@dataclass(frozen=True)
class KeyOpens:
    """What a key is for, whether or not it is still in force: the gate alone decides that."""

    table: str
    columns: tuple[str, ...]
    lookup: tuple[str, ...]


def opened_by(secret: str) -> KeyOpens | None:
    """Which table and columns a key's grant is about; None for an unknown key."""
    rows = Key.objects.filter(digest=digest_of(secret or ""))
    found = rows.values_list("grant__table", "grant__columns", "grant__lookup").first()
    return KeyOpens(found[0], tuple(found[1]), tuple(found[2])) if found else None


def grants(
    *, actor: identity.Actor, table: str = "", offset: int = 0, limit: int = 50
) -> list[GrantView]:
    """Grants that the actor's organ uses or gave, newest first."""
    rows = within(Grant.objects.select_related("demand"), actor)
    if table:
        rows = rows.filter(table=table)
    return [grant_view(row) for row in rows.order_by("-pk")[offset : offset + limit]]


def grant(number: str, *, actor: identity.Actor) -> GrantView:
    """One grant; a stranger is told that there is none."""
    row = within(Grant.objects.filter(number=number), actor).first()
    return grant_view(row or grant_row(""))
