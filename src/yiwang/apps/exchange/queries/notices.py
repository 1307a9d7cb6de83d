"""What an organ was told, and what changed since a moment, for its pages and its systems."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.holding import digest_of
from yiwang.apps.exchange.models import Key, Notice, Subscription
from yiwang.apps.exchange.queries.access import shared_values
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotAllowed


class KeyNotInForce(NotAllowed):
    """The key is unknown, stopped, or its grant is no longer in force."""

    code = "exchange.key_not_in_force"
    status = 401


@dataclass(frozen=True)
class NoticeView:
    """用数通知 as the organ's desk and its systems read it."""

    number: int
    organ: str
    kind: str
    kind_title: str
    table: str
    column: str
    reference: str
    calls: tuple[str, ...]
    text: str
    at: datetime
    read_at: datetime | None


def notices(
    *,
    actor: identity.Actor,
    organ: str = "",
    unread: bool = False,
    offset: int = 0,
    limit: int = 50,
) -> list[NoticeView]:
    """What the actor's organ was told, newest first; all, or one ``organ``'s, for who watches."""
    rows = Notice.objects.all()
    if not identity.may(actor, "exchange.watch"):
        identity.require(actor, "exchange.see")
        rows = rows.filter(organ=actor.organ if isinstance(actor, identity.Officer) else "")
    if organ:
        rows = rows.filter(organ=organ)
    if unread:
        rows = rows.filter(read_at=None)
    return [notice_view(row) for row in rows.order_by("-at", "-pk")[offset : offset + limit]]


def told_about(number: str, *, actor: identity.Actor) -> list[NoticeView]:
    """Which organs were told of an objection's correction, for who may know the objection."""
    catalog.objection(number, actor=actor)
    rows = Notice.objects.filter(kind=Notice.Kind.CORRECTION, reference=number)
    return [notice_view(row) for row in rows.order_by("organ", "table")]


def changes_since(
    secret: str, *, since: datetime | None, at: datetime, limit: int = 500
) -> list[NoticeView]:
    """What a key's organ has to know of its granted table, oldest first; the key says who asks."""
    key = Key.objects.select_related("grant").filter(digest=digest_of(secret or "")).first()
    grant = key.grant if key else None
    if (
        key is None
        or grant is None
        or key.revoked_at
        or grant.withdrawn_at
        or at >= grant.active_until
    ):
        raise KeyNotInForce(
            "密钥无效、已停用，或授权已不在有效期。", hint="请在授权页面核对，必要时重新签发密钥。"
        )
    rows = Notice.objects.filter(organ=grant.organ, table=grant.table)
    if since:
        rows = rows.filter(at__gt=since)
    return [notice_view(row) for row in rows.order_by("at", "pk")[:limit]]


def is_subscribed(grant: str) -> bool:
    """Whether the grant's user is told of new snapshots."""
    return Subscription.objects.filter(grant__number=grant, ended_at=None).exists()


def notice_view(row: Any) -> NoticeView:
    """The stored notice as a value."""
    values = shared_values(row, NoticeView.__match_args__)
    return NoticeView(**{**values, "number": row.pk, "kind_title": row.get_kind_display()})
