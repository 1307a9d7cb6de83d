"""What sharing gives the lake: demands, grants and calls, never what was asked or answered."""

from collections.abc import Iterator, Mapping
from typing import Any

from yiwang.apps.exchange.models import CallRecord, Demand, Grant
from yiwang.packkit.kinds.shared import Type

Rows = Iterator[Mapping[str, Any]]

CALLS: dict[str, Type] = {
    "id": "text",
    "grant": "text",
    "organ": "text",
    "provider": "text",
    "table": "text",
    "at": "instant",
    "outcome": "text",
    "reason": "text",
    "status": "integer",
    "rows": "integer",
    "micros": "integer",
}
GRANTS: dict[str, Type] = {
    "number": "text",
    "organ": "text",
    "provider": "text",
    "table": "text",
    "purpose": "text",
    "active_from": "instant",
    "active_until": "instant",
    "withdrawn_at": "instant",
    "quota_per_day": "integer",
}
DEMANDS: dict[str, Type] = {
    "number": "text",
    "organ": "text",
    "provider": "text",
    "table": "text",
    "state": "text",
    "opened_at": "instant",
    "due_at": "instant",
    "decided_at": "instant",
}


def published() -> dict[str, tuple[dict[str, Type], Rows]]:
    """Tables for the lake, each with its column types and rows."""
    return {
        "platform.calls": (CALLS, _calls()),
        "platform.grants": (GRANTS, _values(Grant, GRANTS)),
        "platform.demands": (DEMANDS, _values(Demand, DEMANDS)),
    }


def _calls() -> Rows:
    for row in CallRecord.objects.select_related("grant").order_by("pk").iterator():
        yield {
            "id": row.number,
            "grant": row.grant.number if row.grant else None,
            "organ": row.organ,
            "provider": row.grant.provider if row.grant else None,
            "table": row.table,
            "at": row.at,
            "outcome": "answered" if row.code == "allowed" else "refused",
            "reason": row.code,
            "status": row.status,
            "rows": row.rows,
            "micros": row.micros,
        }


def _values(model: Any, columns: Mapping[str, Type]) -> Rows:
    yield from model.objects.order_by("pk").values(*columns).iterator()
