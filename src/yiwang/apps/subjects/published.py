"""What the subjects give the lake: decisions about numbers in force, and conflicts of sources."""

from collections.abc import Iterator, Mapping
from typing import Any

from yiwang.apps.subjects.models import Conflict, IdentifierLink
from yiwang.packkit.kinds.shared import Type
from yiwang.packkit.platform import PLATFORM

Rows = Iterator[Mapping[str, Any]]


def _types(table: str) -> dict[str, Type]:
    return {name: type_ for name, (type_, _) in PLATFORM[table].items()}


def published() -> dict[str, tuple[dict[str, Type], Rows]]:
    """Tables for the lake, each with its column types and rows."""
    return {"platform.identifier_links": links(), "platform.conflicts": conflicts()}


def links() -> tuple[dict[str, Type], Rows]:
    """The decisions in force: the latest of each pair of numbers and source."""
    return _types("platform.identifier_links"), _links()


def _links() -> Rows:
    newest: dict[tuple[str, str, str, str], IdentifierLink] = {}
    for row in IdentifierLink.objects.order_by("pk"):
        newest[row.entity, row.stated, row.canonical, row.source] = row
    columns = _types("platform.identifier_links")
    for row in newest.values():
        yield {name: getattr(row, name) for name in columns}


def conflicts() -> tuple[dict[str, Type], Rows]:
    """Every conflict without the values and the subject."""
    return _types("platform.conflicts"), _conflicts()


def _conflicts() -> Rows:
    names = ("entity", "item", "source", "organ", "authority", "first_seen_at", "last_seen_at")
    for row in Conflict.objects.order_by("pk").iterator():
        state = "closed" if row.closed_at else "objected" if row.objection else "open"
        yield {**{name: getattr(row, name) for name in names}, "state": state}
