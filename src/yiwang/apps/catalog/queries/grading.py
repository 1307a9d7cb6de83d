"""Proposals of discovery and decisions about grades."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Max

from yiwang.apps.catalog.detecting import DETECTORS
from yiwang.apps.catalog.models import Dataset, DatasetColumn, GradeDecision, GradeProposal
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
    """A decision that raised a grade, and who ended it. ``ended_at`` None: in force."""

    number: int
    table: str
    column: str
    title: str
    category: str
    grade: int
    reason: str
    clause: str
    decided_by: str
    decided_at: datetime
    ended_by: str
    ended_at: datetime | None
    end_reason: str
    may_end: bool


@dataclass(frozen=True)
class Sampling:
    """How many feeds have been sampled for columns graded too low, of how many, and when last."""

    sampled: int
    feeds: int
    at: datetime | None


def grade_sampling(*, officer: identity.Actor) -> Sampling:
    """抽样情况 over all feeds in force."""
    identity.require(officer, "catalog.see")
    rows = Dataset.objects.filter(kind=Dataset.Kind.FEED, active_until=None)
    return Sampling(
        **rows.aggregate(sampled=Count("sampled_at"), feeds=Count("pk"), at=Max("sampled_at"))
    )


def grade_categories() -> list[str]:
    """The categories that columns of the catalogue have."""
    rows = DatasetColumn.objects.filter(active_until=None).exclude(category="")
    return list(rows.order_by("category").values_list("category", flat=True).distinct())


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
    """定级决定, newest first, those that were ended too."""
    identity.require(officer, "catalog.see")
    rows = list(GradeDecision.objects.order_by("-pk")[:limit])
    titles = _titles({(row.table, row.column) for row in rows})
    organs = dict(
        Dataset.objects.filter(ref__in={row.table for row in rows}).values_list("ref", "organ")
    )
    return [
        DecisionView(
            number=row.pk,
            table=row.table,
            column=row.column,
            title="·".join(titles.get((row.table, row.column), (row.table, row.column))),
            category=row.category,
            grade=row.grade,
            reason=row.reason,
            clause=row.clause,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
            ended_by=row.ended_by,
            ended_at=row.ended_at,
            end_reason=row.end_reason,
            may_end=row.ended_at is None
            and identity.may(officer, "catalog.grade", organ=organs.get(row.table, "")),
        )
        for row in rows
    ]
