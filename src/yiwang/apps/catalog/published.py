"""What the catalogue gives the lake: one row per dataset in force, and one per collection."""

from collections.abc import Iterator, Mapping
from typing import Any

from yiwang.apps.catalog.models import CollectionRun, ListEntryVersion, SystemProbe
from yiwang.apps.catalog.queries.datasets import datasets
from yiwang.apps.catalog.queries.deliveries import CYCLE_DAYS, last_heard
from yiwang.apps.catalog.queries.scans import latest_tables, scans_of
from yiwang.apps.catalog.sources import sources
from yiwang.kernel.clock import system_clock
from yiwang.kernel.cycles import days_of_duration
from yiwang.packkit.kinds.shared import Type

Rows = Iterator[Mapping[str, Any]]

DATASETS: dict[str, Type] = {
    "ref": "text",
    "kind": "text",
    "title": "text",
    "organ": "text",
    "grade": "integer",
    "share": "text",
    "open": "text",
    "columns": "integer",
    "rows": "integer",
    "score": "decimal",
    "cycle_days": "integer",
    "updated_at": "instant",
}
COLLECTIONS: dict[str, Type] = {
    "run": "text",
    "dataset": "text",
    "organ": "text",
    "read": "integer",
    "accepted": "integer",
    "rejected": "integer",
    "flagged": "integer",
    "score": "decimal",
    "seconds": "decimal",
    "collected_at": "instant",
}


SCANNED: dict[str, Type] = {
    "source": "text",
    "organ": "text",
    "table": "text",
    "state": "text",
    "entry": "text",
    "columns": "integer",
    "declared": "integer",
    "is_overdue": "boolean",
    "scanned_at": "instant",
}

ENTRIES: dict[str, Type] = {
    "number": "text",
    "list": "text",
    "organ": "text",
    "title": "text",
    "about": "text",
    "share": "text",
    "open": "text",
    "resource": "text",
    "system": "text",
    "source": "text",
    "status": "text",
    "hosting": "text",
    "network": "text",
    "protection": "text",
    "published_at": "instant",
    "cycle_days": "integer",
    "heard_at": "instant",
    "seen_at": "instant",
}
"""Entries in force of the four lists, in the codes of their registers; empty where not asked.

Of the data list: the days of the cycle they promise (none: at no fixed time), and when their data
last came, also the same again. ``seen_at`` is when all this was so.
"""


PROBES: dict[str, Type] = {
    "entry": "text",
    "organ": "text",
    "kind": "text",
    "probed_on": "date",
    "is_answered": "boolean",
    "is_latest": "boolean",
    "note": "text",
    "leads_to": "text",
}
"""What the platform measured of listed systems; ``kind`` is ipv4 or ipv6.

``leads_to`` is the other host to which a system sends strangers.
"""


def published() -> dict[str, tuple[dict[str, Type], Rows]]:
    """Tables for the lake, each with its column types and rows."""
    return {
        "platform.datasets": (DATASETS, _datasets()),
        "platform.collections": (COLLECTIONS, _collections()),
        "platform.scanned_tables": (SCANNED, _scanned()),
        "platform.entries": (ENTRIES, _entries()),
        "platform.system_probes": (PROBES, _probes()),
    }


def _datasets() -> Rows:
    for line in datasets(limit=1_000_000):
        own = {name: getattr(line, name) for name in DATASETS if name != "cycle_days"}
        yield {**own, "cycle_days": days_of_duration(line.cycle)}


def _entries() -> Rows:
    rows = ListEntryVersion.objects.filter(active_until=None, entry__state="published")
    heard, at = last_heard(), system_clock()
    for row in rows.select_related("entry").order_by("entry_id").iterator():
        said = {name: row.values.get(name) for name in ENTRIES}
        yield {
            **{name: str(value) if value else None for name, value in said.items()},
            "number": row.entry.number,
            "list": row.entry.list,
            "organ": row.entry.organ,
            "title": row.entry.title,
            "about": row.entry.about or None,
            "published_at": row.active_from,
            "cycle_days": CYCLE_DAYS.get(str(row.values.get("cycle", ""))),
            "heard_at": heard.get(row.entry.about),
            "seen_at": at,
        }


def _probes() -> Rows:
    rows = SystemProbe.objects.select_related("entry").order_by("-probed_on", "pk")
    seen: set[tuple[int, str]] = set()
    for row in rows.iterator():
        yield {
            "entry": row.entry.number,
            "organ": row.entry.organ,
            "kind": row.kind,
            "probed_on": row.probed_on,
            "is_answered": row.is_answered,
            "is_latest": (row.entry_id, row.kind) not in seen,
            "note": row.note or None,
            "leads_to": row.leads_to or None,
        }
        seen.add((row.entry_id, row.kind))


def _scanned() -> Rows:
    """The tables of each source's latest scan, as the catalogue stands now."""
    for source in sources().values():
        history = scans_of(source.name)
        for view in latest_tables(source, at=system_clock()):
            yield {
                "source": view.source,
                "organ": view.organ,
                "table": view.table,
                "state": view.state,
                "entry": view.entry,
                "columns": len(view.columns),
                "declared": view.declared if view.state == "catalogued" else 0,
                "is_overdue": view.is_overdue,
                "scanned_at": history[0].scanned_at,
            }


def _collections() -> Rows:
    rows = CollectionRun.objects.select_related("dataset").order_by("pk")
    for row in rows.iterator():
        yield {
            **{name: getattr(row, name) for name in COLLECTIONS if hasattr(row, name)},
            "dataset": row.dataset.ref,
            "organ": row.dataset.organ,
        }
