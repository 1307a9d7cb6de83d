"""Assess organs by a score tree, hear appeals against a score, correct it when one is upheld."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import transaction

from yiwang.apps.boards.measuring import SUMMED, Counts, grouped, value_of
from yiwang.apps.boards.models import AssessmentRun, OrganScore, ScoreAppeal
from yiwang.apps.boards.queries.assessments import UPHELD, covered_of, score_row
from yiwang.apps.boards.queries.indicators import IndicatorView, indicators
from yiwang.apps.boards.scoring import LEAST_COVERED, points, ranked, require_tree, scored
from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.lake import Lake
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Assessment, Part
from yiwang.packkit.naming import named


class AlreadyAssessed(Conflict):
    """This period was scored before; a score changes by an upheld appeal only."""

    code = "boards.already_assessed"


class AppealMalformed(Invalid):
    """An appeal names a part that was scored, and says why it is wrong."""

    code = "boards.appeal_malformed"


class AppealNotUpheld(Conflict):
    """Only an appeal whose case ended for the organ corrects a score, and only once."""

    code = "boards.appeal_not_upheld"


@transaction.atomic
def assess(
    ref: str, *, period: str, officer: identity.Officer, at: datetime, lake: Lake, library: Library
) -> int:
    """评分: score every organ of the assessment over the latest values; returns the run's id."""
    identity.require(officer, "boards.assess")
    said = named(ref, library.assessments(), "assessments")
    require_tree(said.parts)
    if not period.strip() or len(period) > 40:
        raise AppealMalformed("请写明评估期。", hint="例如：2026年、2026年第三季度。")
    if AssessmentRun.objects.filter(assessment=ref, period=period.strip()).exists():
        raise AlreadyAssessed(
            f"“{said.title}”{period}已经评过分。",
            hint="换一个评估期；要更正得分，请由机构申诉。",
            period=period,
        )
    taken = {view.ref: view for view in indicators()}
    values = {
        name: by_organ(part, taken.get(part.indicator), lake=lake)
        for name, part in said.parts.items()
        if part.indicator
    }
    run = AssessmentRun.objects.create(
        assessment=ref,
        period=period.strip(),
        definition=msgspec.to_builtins(said),
        snapshots={
            part.indicator: taken[part.indicator].taken_at.isoformat()
            for part in said.parts.values()
            if part.indicator in taken
        },
        taken_at=at,
        taken_by=officer.username,
    )
    _keep_scores(run, said, values)
    journal.record(
        "assessment.taken", subject=f"assessment:{run.pk}", actor=officer.username, at=at
    )
    return run.pk


def by_organ(part: Part, view: IndicatorView | None, *, lake: Lake) -> dict[str, Decimal]:
    """The indicator's value for each organ in its rows; an organ without a denominator has none."""
    if view is None or view.unknown:
        return {}
    said = view.definition
    sums = said.counts == "values"

    def counted(sql: str, *, sums: bool) -> dict[str, Decimal]:
        found = lake.rows(grouped(sql, by=part.by, sums=sums), as_of=view.sources) if sql else []
        return {str(row["name"]): Decimal(str(row["n"])) for row in found if row["name"]}

    above = counted(said.numerator, sums=sums or said.unit in SUMMED)
    below = counted(said.denominator, sums=sums)
    left = counted(said.excluded, sums=sums)
    organs = below if said.denominator else above
    found = {
        organ: value_of(
            Counts(
                above.get(organ, Decimal(0)),
                below.get(organ, Decimal(0)) if said.denominator else None,
                left.get(organ, Decimal(0)),
            )
        )
        for organ in organs
    }
    return {organ: value for organ, value in found.items() if value is not None}


def _keep_scores(
    run: AssessmentRun, said: Assessment, values: Mapping[str, Mapping[str, Decimal]]
) -> None:
    rows = []
    for organ in identity.organs():
        if organ.kind not in said.kinds:
            continue
        leaves = {
            name: (of.get(organ.id), points(said.parts[name], of.get(organ.id)))
            for name, of in values.items()
        }
        total, lines = scored(said.parts, leaves, organ=organ.id, kind=organ.kind)
        kept = [msgspec.to_builtins(asdict(line)) for line in lines]
        rows.append(OrganScore(run=run, organ=organ.id, kind=organ.kind, score=total, lines=kept))
    _rank(rows, said)
    OrganScore.objects.bulk_create(rows)


def _rank(rows: list[OrganScore], said: Assessment) -> None:
    """Organs are ranked among their own kind, those scored on half of the leaf weight or more."""
    for kind in {row.kind for row in rows}:
        places = ranked(
            {
                row.organ: row.score if covered_of(row, said) >= LEAST_COVERED else None
                for row in rows
                if row.kind == kind
            }
        )
        for row in rows:
            if row.kind == kind:
                row.rank = places.get(row.organ)


@transaction.atomic
def appeal(
    *, run: int, organ: str, part: str, reason: str, officer: identity.Officer, at: datetime
) -> str:
    """申诉: the organ says why a part of its score is wrong; returns the case's number."""
    identity.require(officer, "boards.appeal", organ=organ)
    row = score_row(run, organ)
    titles = {line["id"]: line["title"] for line in row.lines if line["score"] is not None}
    if part not in titles or not reason.strip():
        raise AppealMalformed(
            "申诉要指明一个已评分的项，并写明理由。", hint="从本机构的评分表中选择评分项。"
        )
    if row.appeals.filter(part=part, settled_at=None).exists():
        raise AlreadyAssessed("这一项已经申诉过。", hint="请在原申诉办件中查看进展。", part=part)
    said = msgspec.convert(row.run.definition, Assessment)
    opened = casework.open_case(
        flow=said.appeals,
        subject=f"score:{row.pk}/{part}",
        title=f"评分申诉：{said.title}{row.run.period}·{titles[part]}"[:200],
        organ=organ,
        division=identity.organ(organ).division,
        facts={"评分项": titles[part], "理由": reason.strip()[:500]},
        actor=officer,
        at=at,
        parties={"office": said.owner},
    )
    ScoreAppeal.objects.create(
        score=row,
        part=part,
        reason=reason.strip()[:500],
        case=opened.number,
        asked_at=at,
        asked_by=officer.username,
    )
    return opened.number


@transaction.atomic
def settle_appeal(
    *, case: str, right_points: Decimal, officer: identity.Officer, at: datetime
) -> None:
    """更正: an upheld appeal sets the part's points; total and ranks are computed anew."""
    identity.require(officer, "boards.assess")
    found = ScoreAppeal.objects.select_for_update().filter(case=case).first()
    if found is None or casework.standing(case).step != UPHELD or found.settled_at:
        raise AppealNotUpheld(
            "只有申诉成立、尚未更正的，才能更正得分。", hint="先在申诉办件中作出决定。", case=case
        )
    if not 0 <= right_points <= 100:
        raise AppealMalformed("得分应在0到100之间。", hint="请改写得分。")
    found.points, found.settled_at, found.settled_by = right_points, at, officer.username
    found.save()
    row = score_row(found.score.run_id, found.score.organ)
    note = {"points": str(right_points), "case": case, "by": officer.username}
    row.corrections = {**row.corrections, found.part: note}
    _score_anew(row)
    journal.record("assessment.corrected", subject=case, actor=officer.username, at=at, case=case)


def _score_anew(row: OrganScore) -> None:
    said = msgspec.convert(row.run.definition, Assessment)
    leaves = {line["id"]: _leaf(line, row.corrections) for line in row.lines if line["indicator"]}
    total, lines = scored(said.parts, leaves, organ=row.organ, kind=row.kind)
    row.score, row.lines = total, [msgspec.to_builtins(asdict(line)) for line in lines]
    others = list(row.run.scores.exclude(pk=row.pk))
    _rank([row, *others], said)
    OrganScore.objects.bulk_update([row, *others], ["score", "rank", "lines", "corrections"])


def _leaf(line: Mapping[str, Any], corrections: Mapping[str, Any]) -> tuple[Any, Any]:
    value = None if line["value"] is None else Decimal(line["value"])
    own = corrections.get(line["id"], {}).get("points", line["score"])
    return value, None if own is None else Decimal(own)
