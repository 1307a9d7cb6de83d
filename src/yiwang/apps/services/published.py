"""What services gives the lake: who the latest run of each policy found, and what became of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Exists, Max, OuterRef, Q

from yiwang.apps.services.items import ItemView, items
from yiwang.apps.services.models import (
    Application,
    Candidate,
    Confirmation,
    Payment,
    PolicyRun,
    PolicyVersion,
    ServiceItem,
)
from yiwang.apps.services.savings import after_of
from yiwang.packkit.kinds.shared import Type

Rows = Iterator[Mapping[str, Any]]

CANDIDATES: dict[str, Type] = {
    "policy": "text",
    "subject": "text",
    "division": "text",
    "verdict": "text",
    "missing": "text",
    "state": "text",
}
PAYMENTS: dict[str, Type] = {
    "policy": "text",
    "subject": "text",
    "division": "text",
    "amount": "decimal",
    "from_month": "text",
    "listed_at": "instant",
}

ITEMS: dict[str, Type] = {
    "ref": "text",
    "title": "text",
    "organ": "text",
    "nature": "text",
    "family": "text",
    "is_online": "boolean",
    "has_flow": "boolean",
    "steps_before": "integer",
    "steps_after": "integer",
    "materials_before": "integer",
    "materials_after": "integer",
    "days_before": "integer",
    "days_after": "integer",
    "trips_before": "integer",
    "trips_after": "integer",
}
APPLICATIONS: dict[str, Type] = {
    "case": "text",
    "item": "text",
    "organ": "text",
    "state": "text",
    "filed_at": "instant",
    "all_fields": "integer",
    "saved_fields": "integer",
    "all_materials": "integer",
    "saved_materials": "integer",
}
POLICIES: dict[str, Type] = {
    "ref": "text",
    "title": "text",
    "organ": "text",
    "has_run": "boolean",
    "installed_at": "instant",
}


def published() -> dict[str, tuple[dict[str, Type], Rows]]:
    """Candidates, payments, items, applications and policies, row by row."""
    return {
        "platform.candidates": (CANDIDATES, _candidates()),
        "platform.payments": (PAYMENTS, _payments()),
        "platform.items": (ITEMS, _items()),
        "platform.applications": (APPLICATIONS, _applications()),
        "platform.policies": (POLICIES, _policies()),
    }


EFFORT = [
    f"{what}_{side}"
    for what in ("steps", "materials", "days", "trips")
    for side in ("before", "after")
]


def _items() -> Rows:
    efforts = {one.ref: _effort(one) for one in items()}
    for row in ServiceItem.objects.filter(is_active=True).order_by("ref"):
        yield {
            "ref": row.ref,
            "title": row.title,
            "organ": row.organ,
            "nature": row.content.get("nature"),
            "is_online": "portal" in row.content.get("channels", ["portal"]),
            "family": row.content.get("family"),
            "has_flow": bool(row.content.get("flow")),
            **dict.fromkeys(EFFORT),
            **efforts.get(row.ref, {}),
        }


def _effort(one: ItemView) -> Mapping[str, int]:
    """Before and after, of an item that says what it took before."""
    if (before := one.content.before) is None:
        return {}
    sides = {"before": before, "after": after_of(one, before)}
    return {
        name: getattr(sides[name.rpartition("_")[2]], name.rpartition("_")[0]) for name in EFFORT
    }


def _applications() -> Rows:
    for row in Application.objects.order_by("pk").iterator():
        yield {
            "case": row.case,
            "item": row.item,
            "organ": row.content.get("organ"),
            "state": row.state,
            "filed_at": row.filed_at,
            "all_fields": row.all_fields,
            "saved_fields": row.saved_fields,
            "all_materials": row.all_materials,
            "saved_materials": row.saved_materials,
        }


def _policies() -> Rows:
    ran = set(PolicyRun.objects.values_list("policy__ref", flat=True))
    for row in PolicyVersion.objects.filter(is_current=True).order_by("ref"):
        yield {
            "ref": row.ref,
            "title": row.title,
            "organ": row.organ,
            "has_run": row.ref in ran,
            "installed_at": row.installed_at,
        }


def _candidates() -> Rows:
    """``state`` is that of the person's confirmation: waiting, granted, denied …, empty if none.

    A run of a batch keeps its conclusions only, until its list is formed: an earlier list stands.
    """
    has_list = Exists(Candidate.objects.filter(run=OuterRef("pk"))) | Q(yes=0, unknown=0)
    runs = PolicyRun.objects.filter(has_list).values("policy__ref").annotate(latest=Max("pk"))
    latest = [row["latest"] for row in runs]
    states = {
        (policy, subject): state
        for policy, subject, state in Confirmation.objects.order_by("pk").values_list(
            "policy", "subject", "state"
        )
    }
    rows = Candidate.objects.filter(run__in=latest).order_by("pk")
    for row in rows.values("run__policy__ref", "subject", "division", "verdict", "missing"):
        policy = row.pop("run__policy__ref")
        yield {
            **row,
            "policy": policy,
            "missing": "、".join(row["missing"]),
            "state": states.get((policy, row["subject"]), ""),
        }


def _payments() -> Rows:
    columns = ("policy", "subject", "division", "amount", "from_month", "listed_at")
    yield from Payment.objects.order_by("pk").values(*columns).iterator()
