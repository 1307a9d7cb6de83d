"""What identity gives the lake: organs, and how many accounts their people hold; no names."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from yiwang.apps.identity.models import Account, Holding, Organ
from yiwang.packkit.kinds.shared import Type

Rows = Iterator[Mapping[str, Any]]

ORGANS: dict[str, Type] = {"id": "text", "title": "text", "division": "text", "kind": "text"}
ACCOUNTS: dict[str, Type] = {
    "username": "text",
    "organ": "text",
    "is_active": "boolean",
    "namesakes": "integer",
    "created_at": "instant",
}


def published() -> dict[str, tuple[dict[str, Type], Rows]]:
    """The tables ``platform.organs`` and ``platform.accounts``, row by row."""
    return {
        "platform.organs": (ORGANS, _organs()),
        "platform.accounts": (ACCOUNTS, _accounts()),
    }


def _organs() -> Rows:
    yield from Organ.objects.filter(is_active=True).order_by("pk").values(*ORGANS).iterator()


def _accounts() -> Rows:
    """Accounts of officers; ``namesakes`` counts those of one name in one organ, itself too."""
    places = dict(
        Holding.objects.filter(active_until=None).values_list("account_id", "post__organ_id")
    )
    rows = list(Account.objects.filter(kind=Account.Kind.OFFICER).order_by("pk"))
    in_use = Counter((row.name, places.get(row.pk, "")) for row in rows if row.is_active)
    for row in rows:
        organ = places.get(row.pk, "")
        yield {
            "username": row.username,
            "organ": organ,
            "is_active": row.is_active,
            "namesakes": in_use[(row.name, organ)],
            "created_at": row.created_at,
        }
