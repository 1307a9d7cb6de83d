"""What services gives the lake: who the latest run of each policy found, and what became of it."""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Max

from yiwang.apps.services.models import Candidate, Confirmation, Payment, PolicyRun
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


def published() -> dict[str, tuple[dict[str, Type], Rows]]:
    """The tables ``platform.candidates`` and ``platform.payments``, row by row."""
    return {
        "platform.candidates": (CANDIDATES, _candidates()),
        "platform.payments": (PAYMENTS, _payments()),
    }


def _candidates() -> Rows:
    """``state`` is that of the person's confirmation: waiting, granted, denied …, empty if none."""
    runs = PolicyRun.objects.values("policy__ref").annotate(latest=Max("pk"))
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
