"""Assessments: what may be scored, what was, each organ's sheet, appeals and how they stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from yiwang.apps.boards.models import AssessmentRun, OrganScore, ScoreAppeal
from yiwang.apps.boards.scoring import Scored, covered
from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotAllowed, NotFound
from yiwang.packkit.kinds.sight import Assessment

UPHELD = "upheld"
"""The end of the flow of appeals in which the organ was right."""


class ScoreUnknown(NotFound):
    """No run has a score of this organ."""

    code = "boards.score_unknown"


class AssessmentUnknown(NotFound):
    """No run of an assessment has this number."""

    code = "boards.assessment_unknown"


@dataclass(frozen=True)
class RunLine:
    """One scoring of organs."""

    id: int
    ref: str
    title: str
    period: str
    owner: str
    taken_at: datetime
    is_example: bool
    organs: int
    definition: Assessment


@dataclass(frozen=True)
class OrganLine:
    """An organ in the ranking of its kind."""

    organ: str
    kind: str
    score: Decimal | None
    rank: int | None
    covered: Decimal
    """Which share of its leaf weight was scored; below a half it is not ranked."""
    dimensions: tuple[Scored, ...]
    is_corrected: bool


@dataclass(frozen=True)
class AppealView:
    """评分申诉 and how its case stands."""

    part: str
    reason: str
    case: str
    asked_at: datetime
    state: str
    points: Decimal | None
    may_settle: bool
    """The case ended for the organ and the score is not corrected yet."""


@dataclass(frozen=True)
class UnsettledAppeal:
    """待更正: an appeal was upheld and the score still stands as it was."""

    run: int
    assessment: str
    period: str
    organ: str
    part: str
    """What the part is called."""
    case: str
    upheld_at: datetime | None


@dataclass(frozen=True)
class OrganSheet:
    """评分表: every part of an organ's score, what was corrected, what was appealed."""

    run: RunLine
    organ: str
    kind: str
    score: Decimal | None
    rank: int | None
    lines: tuple[Scored, ...]
    corrections: Mapping[str, Mapping[str, str]]
    appeals: tuple[AppealView, ...]


def assessment_runs() -> list[RunLine]:
    """Every scoring, newest first."""
    return [_run(row) for row in AssessmentRun.objects.order_by("-taken_at", "-pk")]


def assessment_run(number: int) -> RunLine:
    """One scoring; raises ``AssessmentUnknown``."""
    row = AssessmentRun.objects.filter(pk=number).first()
    if row is None:
        raise AssessmentUnknown("没有这次评估。", hint="请从考核评估列表进入。", run=number)
    return _run(row)


def ranking(number: int) -> list[OrganLine]:
    """The organs of a run, each kind by rank; who could not be compared stands last."""
    rows = OrganScore.objects.filter(run_id=number).select_related("run")
    lines = [_organ_line(row) for row in rows]
    return sorted(lines, key=lambda one: (one.kind, one.rank is None, one.rank or 0, one.organ))


def organ_sheet(number: int, organ: str, *, actor: identity.Officer) -> OrganSheet:
    """An organ's sheet, for its own officers and for who assesses."""
    if organ != actor.organ and not identity.may(actor, "boards.assess"):
        raise NotAllowed("只能查看本机构的评分表。", hint="各机构总分和名次见评估结果页。")
    row = score_row(number, organ)
    return OrganSheet(
        run=_run(row.run),
        organ=row.organ,
        kind=row.kind,
        score=row.score,
        rank=row.rank,
        lines=_lines(row),
        corrections=row.corrections,
        appeals=tuple(_appeal(one) for one in row.appeals.order_by("-pk")),
    )


def appeals_to_settle(*, actor: identity.Actor, run: int | None = None) -> list[UnsettledAppeal]:
    """What whoever corrects scores has still to correct, longest waiting first; else nothing."""
    if not identity.may(actor, "boards.assess"):
        return []
    rows = ScoreAppeal.objects.filter(settled_at=None).select_related("score__run")
    found = [_unsettled(row) for row in (rows.filter(score__run=run) if run else rows)]
    waiting = [(one.upheld_at, one.case, one) for one in found if one and one.upheld_at]
    return [one for *_, one in sorted(waiting)]


def _unsettled(row: ScoreAppeal) -> UnsettledAppeal | None:
    standing = casework.standing(row.case)
    if standing.step != UPHELD:
        return None
    run = _run(row.score.run)
    titles = {line["id"]: line["title"] for line in row.score.lines}
    return UnsettledAppeal(
        run=run.id,
        assessment=run.title,
        period=run.period,
        organ=row.score.organ,
        part=titles.get(row.part, row.part),
        case=row.case,
        upheld_at=standing.ended_at,
    )


def covered_of(row: OrganScore, said: Assessment) -> Decimal:
    """Which share of the leaf weight of an organ was scored."""
    known = {line["id"] for line in row.lines if line["indicator"] and line["score"] is not None}
    return covered(said.parts, known, organ=row.organ, kind=row.kind)


def _run(row: AssessmentRun) -> RunLine:
    said = msgspec.convert(row.definition, Assessment)
    return RunLine(
        id=row.pk,
        ref=row.assessment,
        title=said.title,
        period=row.period,
        owner=said.owner,
        taken_at=row.taken_at,
        is_example=said.example,
        organs=row.scores.count(),
        definition=said,
    )


def _organ_line(row: OrganScore) -> OrganLine:
    return OrganLine(
        organ=row.organ,
        kind=row.kind,
        score=row.score,
        rank=row.rank,
        covered=covered_of(row, msgspec.convert(row.run.definition, Assessment)),
        dimensions=tuple(line for line in _lines(row) if line.depth == 0),
        is_corrected=bool(row.corrections),
    )


def _lines(row: OrganScore) -> tuple[Scored, ...]:
    def number(line: Mapping[str, Any], name: str) -> Decimal | None:
        return None if line[name] is None else Decimal(line[name])

    return tuple(
        Scored(**{**line, "score": number(line, "score"), "value": number(line, "value")})
        for line in row.lines
    )


def _appeal(row: ScoreAppeal) -> AppealView:
    standing = casework.standing(row.case)
    return AppealView(
        part=row.part,
        reason=row.reason,
        case=row.case,
        asked_at=row.asked_at,
        state=standing.title,
        points=row.points,
        may_settle=standing.step == UPHELD and row.settled_at is None,
    )


def score_row(run: int, organ: str) -> OrganScore:
    """The row of an organ's score."""
    rows = OrganScore.objects.select_related("run")
    row = rows.filter(run_id=run, organ=organ).first()
    if row is None:
        raise ScoreUnknown("没有这个机构的得分。", hint="请从评估结果进入。", organ=organ)
    return row
