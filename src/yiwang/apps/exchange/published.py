"""What sharing gives the lake: demands, grants and calls, never what was asked or answered."""

from collections.abc import Iterator, Mapping
from typing import Any

from yiwang.apps.exchange.models import CallRecord, Demand, Grant, Release
from yiwang.apps.exchange.queries.releases import release_views
from yiwang.apps.exchange.queries.uses import BEFORE, uses
from yiwang.kernel.clock import local_date, system_clock
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
    "demand": "text",
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
    "is_overdue": "boolean",
}
RELEASES: dict[str, Type] = {
    "name": "text",
    "table": "text",
    "organ": "text",
    "state": "text",
    "terms": "text",
    "version": "integer",
    "is_readable": "boolean",
    "made_at": "instant",
}

USES: dict[str, Type] = {
    "grant": "text",
    "organ": "text",
    "provider": "text",
    "table": "text",
    "day": "date",
    "calls": "integer",
    "refused": "integer",
    "rows": "integer",
    "lookups": "integer",
    "busiest_hour": "integer",
    "at_night": "integer",
    "subjects": "integer",
    "most_repeated": "integer",
    "tables_of_organ": "integer",
    "usual_calls": "integer",
}


def published() -> dict[str, tuple[dict[str, Type], Rows]]:
    """Tables for the lake, each with its column types and rows."""
    return {
        "platform.calls": (CALLS, _calls()),
        "platform.grants": (GRANTS, _grants()),
        "platform.demands": (DEMANDS, _demands()),
        "platform.uses": (USES, _uses()),
        "platform.releases": (RELEASES, _releases()),
    }


def _releases() -> Rows:
    """``is_readable`` is looked up, not declared: every file of the version in force is there."""
    for view in release_views(Release.objects.order_by("pk")):
        files = [view.file(form) for form in view.files]
        yield {
            **{name: getattr(view, name) for name in RELEASES if hasattr(view, name)},
            "is_readable": bool(files) and all(file.is_file() for file in files),
            "made_at": view.versions[0].made_at if view.versions else None,
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


def _grants() -> Rows:
    names = [name for name in GRANTS if name != "demand"]
    for row in Grant.objects.order_by("pk").values(*names, "demand__number").iterator():
        row["demand"] = row.pop("demand__number")
        yield row


def _demands() -> Rows:
    """``is_overdue``: nobody has answered, and the day has passed."""
    names, now = [name for name in DEMANDS if name != "is_overdue"], system_clock()
    for row in Demand.objects.order_by("pk").values(*names).iterator():
        waits = row["state"] == Demand.State.WAITING
        row["is_overdue"] = bool(waits and row["due_at"] and now > row["due_at"])
        yield row


def _uses() -> Rows:
    """The days that the rules of unusual use look at, as they were measured."""
    newest = CallRecord.objects.order_by("-pk").values_list("at", flat=True).first()
    if newest is not None:
        until = local_date(newest)
        yield from uses(since=until - BEFORE, until=until)
