"""Proposals of discovery and decisions about grades."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from yiwang.apps.catalog.detecting import DETECTORS
from yiwang.apps.catalog.models import DatasetColumn, GradeDecision, GradeProposal
from yiwang.apps.identity import public as identity


@dataclass(frozen=True)
class ProposalView:
    """A proposal with its evidence; the examples are masked."""

    number: int
    table: str
    table_title: str
    column: str
    column_title: str
    organ: str
    organ_title: str
    detector_title: str
    category: str
    grade_now: int
    grade: int
    clause: str
    sampled: int
    hits: int
    examples: tuple[str, ...]
    state: str
    state_title: str
    proposed_at: datetime
    decided_by: str
    decided_at: datetime | None
    reason: str
    may_decide: bool


@dataclass(frozen=True)
class DecisionView:
    """A decision that raised a grade."""

    table: str
    column: str
    title: str
    category: str
    grade: int
    reason: str
    clause: str
    decided_by: str
    decided_at: datetime


def grade_proposals(
    *, officer: identity.Actor, state: str = "", offset: int = 0, limit: int = 50
) -> list[ProposalView]:
    """Proposals, waiting ones first, newest first; for whoever sees the catalogue."""
    identity.require(officer, "catalog.see")
    rows = GradeProposal.objects.all()
    if state:
        rows = rows.filter(state=state)
    rows = rows.order_by(F("decided_at").asc(nulls_first=True), "-pk")
    found = list(rows[offset : offset + limit])
    titles = _titles({(row.table, row.column) for row in found})
    organs = {one.id: one.title for one in identity.organs()}
    return [_proposal(row, officer, titles, organs) for row in found]


def _proposal(
    row: GradeProposal,
    officer: identity.Actor,
    titles: dict[tuple[str, str], tuple[str, str]],
    organs: dict[str, str],
) -> ProposalView:
    table, column = titles.get((row.table, row.column), (row.table, row.column))
    names = ("category", "grade_now", "grade", "clause", "sampled", "hits", "state", "proposed_at")
    return ProposalView(
        number=row.pk,
        table=row.table,
        table_title=table,
        column=row.column,
        column_title=column,
        organ=row.organ,
        organ_title=organs.get(row.organ, row.organ),
        detector_title=next((d.title for d in DETECTORS if d.id == row.detector), row.detector),
        examples=tuple(row.examples),
        state_title=row.get_state_display(),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        reason=row.reason,
        may_decide=row.state == "waiting"
        and identity.may(officer, "catalog.grade", organ=row.organ),
        **{name: getattr(row, name) for name in names},
    )


def _titles(columns: set[tuple[str, str]]) -> dict[tuple[str, str], tuple[str, str]]:
    rows = DatasetColumn.objects.filter(
        dataset__ref__in={table for table, _ in columns}, active_until=None
    )
    return {
        (ref, name): (table, title)
        for ref, name, table, title in rows.values_list(
            "dataset__ref", "name", "dataset__title", "title"
        )
    }


def grade_decisions(*, officer: identity.Actor, limit: int = 100) -> list[DecisionView]:
    """定级决定, newest first."""
    identity.require(officer, "catalog.see")
    rows = list(GradeDecision.objects.order_by("-pk")[:limit])
    titles = _titles({(row.table, row.column) for row in rows})
    return [
        DecisionView(
            table=row.table,
            column=row.column,
            title="·".join(titles.get((row.table, row.column), (row.table, row.column))),
            category=row.category,
            grade=row.grade,
            reason=row.reason,
            clause=row.clause,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )
        for row in rows
    ]
