"""What the catalogue gives the lake: one row per dataset in force, and one per collection."""

from collections.abc import Iterator, Mapping
from typing import Any

from yiwang.apps.catalog.models import CollectionRun
from yiwang.apps.catalog.queries import datasets
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


def published() -> dict[str, tuple[dict[str, Type], Rows]]:
    """Tables for the lake, each with its column types and rows."""
    return {
        "platform.datasets": (DATASETS, _datasets()),
        "platform.collections": (COLLECTIONS, _collections()),
    }


def _datasets() -> Rows:
    for line in datasets(limit=1_000_000):
        yield {name: getattr(line, name) for name in DATASETS}


def _collections() -> Rows:
    rows = CollectionRun.objects.select_related("dataset").order_by("pk")
    for row in rows.iterator():
        yield {
            **{name: getattr(row, name) for name in COLLECTIONS if hasattr(row, name)},
            "dataset": row.dataset.ref,
            "organ": row.dataset.organ,
        }
