"""责任清单: which tables society may expect, which are open, and why the others are not."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.models import Demand, OpenRequest, Question, Release

EXCEPTIONS = "base.open_exception"
"""The register: what is not opened, by table or by what its rows are about, with clause, reason."""


@dataclass(frozen=True)
class Duty:
    """开放责任: a table of the catalogue, and what became of it."""

    table: str
    title: str
    organ: str
    terms: str
    released: tuple[tuple[str, str], ...]
    """(name, title) of the releases that open it."""
    wanted: int
    """Demands of organs for it, requests and questions of society about what is open of it."""
    reason: str = ""
    clause: str = ""
    """Why it is not opened, and by which clause; empty where no exception is on file."""


def duties() -> list[Duty]:
    """Every table: those to open, most wanted first; the open; those that stay closed."""
    opened: dict[str, list[tuple[str, str]]] = {}
    rows = Release.objects.filter(state=Release.State.PUBLISHED).order_by("title")
    for table, name, title in rows.values_list("table", "name", "title"):
        opened.setdefault(table, []).append((name, title))
    wanted, exceptions = _wanted(), {str(one["covers"]): one for one in catalog.entries(EXCEPTIONS)}
    found = [
        _duty(one, tuple(opened.get(one.ref, ())), wanted[one.ref], exceptions)
        for one in catalog.datasets(limit=10_000)
        if one.kind == "table"
    ]
    return sorted(found, key=lambda one: (one.terms == "none", bool(one.released), -one.wanted))


def _duty(
    line: catalog.DatasetLine,
    released: tuple[tuple[str, str], ...],
    wanted: int,
    exceptions: Mapping[str, Mapping[str, Any]],
) -> Duty:
    covering = exceptions.get(line.ref) or exceptions.get(line.subject) or {}
    why = covering if line.open == "none" else {}
    return Duty(
        line.ref,
        line.title,
        line.organ,
        line.open,
        released,
        wanted,
        str(why.get("reason", "")),
        str(why.get("clause", "")),
    )


def _wanted() -> Counter[str]:
    """How often each table was asked for; a special grant is one officer's case, not a want."""
    counted: Counter[str] = Counter()
    for rows, path in (
        (Demand.objects.filter(grant__special=None), "table"),
        (OpenRequest.objects.all(), "release__table"),
        (Question.objects.all(), "release__table"),
    ):
        counted.update(dict(rows.values_list(path).annotate(n=Count("pk")).order_by()))
    return counted
