"""分类分级: columns proposed for a higher grade, and an organ's decision, carried everywhere.

A decision may only raise a grade, and may be ended. What is computed from the column is regraded
in the same transaction, so that pages, interfaces and files mask it from then on.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from yiwang.apps.catalog import detecting
from yiwang.apps.catalog.editions import begin_edition
from yiwang.apps.catalog.models import Dataset, DatasetColumn, GradeDecision, GradeProposal
from yiwang.apps.catalog.queries.registers import entries
from yiwang.apps.catalog.raising import raised_grades
from yiwang.apps.catalog.reading import datasets_of
from yiwang.apps.catalog.serving import lake as shared_lake
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.lake import Lake
from yiwang.lake.store import TableUnknown
from yiwang.packkit import Library

TABLE = "base.grading"
"""The example register: detector to category, grade and clause; the place may change it."""
SAMPLE = 1_000
DISCOVER = "catalog.discover"
"""The kind of job that samples; it is about an organ, or about every feed."""


class GradeMalformed(Invalid):
    """A grade is decided without a reason, or lower than it is."""

    code = "catalog.grade_malformed"


class ColumnUnknown(NotFound):
    """The catalogue has no such column, or there is no such proposal waiting."""

    code = "catalog.column_unknown"


class DecisionEnded(Conflict):
    """Somebody ended this decision already."""

    code = "catalog.decision_ended"


def ask_for_discovery(*, officer: identity.Actor, at: datetime) -> int:
    """抽样识别: sample an organ's feeds in the background, who scans all; returns the job."""
    if identity.may(officer, "catalog.scan"):
        return jobs.ask(DISCOVER, by=officer.username, at=at)
    identity.require(officer, "catalog.grade")
    assert isinstance(officer, identity.Officer)
    title = identity.organ(officer.organ).title
    params = {"organ": officer.organ}
    return jobs.ask(DISCOVER, about=title, params=params, by=officer, at=at)


def discover_all(at: datetime) -> None:
    """The timetable's: every feed."""
    jobs.ask(DISCOVER, by="platform", at=at)


def run_discovery(work: jobs.Work) -> jobs.Result:
    """The job: every feed, or those of the organ it is about."""
    organ = str(work.params.get("organ", ""))
    made = discover_grades(at=work.at, organ=organ, say=work.say)
    return jobs.Result({"新的分级建议": made}, ("steward:grading",))


def discover_grades(
    *,
    at: datetime,
    lake: Lake | None = None,
    organ: str = "",
    say: Callable[[int, int, str], None] = lambda done, total, note: None,
) -> int:
    """Sample every text column of the feeds and propose what looks graded too low; how many."""
    source, table_of = lake or shared_lake(), {row["detector"]: row for row in entries(TABLE)}
    rows = Dataset.objects.filter(kind=Dataset.Kind.FEED, active_until=None)
    feeds = list(rows.filter(organ=organ) if organ else rows)
    made = 0
    for number, dataset in enumerate(feeds):
        say(number, len(feeds), dataset.title)
        columns = list(dataset.columns.filter(active_until=None, type="text"))
        try:
            sample = _sample(source, dataset.ref, [column.name for column in columns])
        except TableUnknown:
            continue
        Dataset.objects.filter(pk=dataset.pk).update(sampled_at=at)
        for column in columns:
            found = detecting.detect(row[column.name] for row in sample)
            if found is None or found.detector not in table_of:
                continue
            made += _propose(dataset, column, found, table_of[found.detector], at)
    return made


def _sample(source: Lake, ref: str, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Rows from all over the table, the same ones as long as it does not change."""
    if not columns:
        return []
    pack, _, name = ref.partition(".")
    chosen = ", ".join(f'"{column}"' for column in columns)
    step = max(1, source.count(ref) // SAMPLE)
    sql = (
        f"SELECT {chosen} FROM (SELECT {chosen}, ROW_NUMBER() OVER () AS place "  # noqa: S608 - names come from the catalogue
        f'FROM "{pack}"."{name}") AS numbered WHERE place % {step} = 0 LIMIT {SAMPLE}'
    )
    return source.rows(sql)


def _propose(
    dataset: Dataset,
    column: DatasetColumn,
    found: detecting.Evidence,
    wanted: Mapping[str, Any],
    at: datetime,
) -> bool:
    grade = int(wanted["grade"])
    if grade <= column.grade:
        return False
    _, is_new = GradeProposal.objects.get_or_create(
        table=dataset.ref,
        column=column.name,
        detector=found.detector,
        defaults={
            "organ": dataset.organ,
            "category": wanted["category"],
            "grade_now": column.grade,
            "grade": grade,
            "clause": wanted["clause"],
            "sampled": found.sampled,
            "hits": found.hits,
            "examples": list(found.examples),
            "proposed_at": at,
        },
    )
    return is_new


@transaction.atomic
def decide_proposal(
    number: int,
    *,
    accept: bool,
    reason: str,
    officer: identity.Actor,
    library: Library,
    at: datetime,
) -> None:
    """采纳或不采纳: the organ's data officer decides a proposal; accepting raises the grade."""
    row = GradeProposal.objects.select_for_update().filter(pk=number, state="waiting").first()
    if row is None:
        raise ColumnUnknown("没有这条待定的分级建议。", hint="请刷新页面，可能已有人决定。")
    identity.require(officer, "catalog.grade", organ=row.organ)
    _require_reason(reason)
    assert isinstance(officer, identity.Officer)
    row.state = "accepted" if accept else "refused"
    row.decided_by, row.decided_at, row.reason = officer.username, at, reason.strip()
    row.save()
    if accept:
        raise_grade(
            row.table,
            column=row.column,
            grade=row.grade,
            category=row.category,
            clause=row.clause,
            reason=reason,
            officer=officer,
            library=library,
            at=at,
        )


@transaction.atomic
def raise_grade(
    table: str,
    *,
    column: str,
    grade: int,
    category: str,
    clause: str,
    reason: str,
    officer: identity.Actor,
    library: Library,
    at: datetime,
) -> None:
    """定级: raise a column's grade by decision of its organ; what is computed from it follows."""
    row = _column(table, column)
    identity.require(officer, "catalog.grade", organ=row.dataset.organ)
    _require_reason(reason)
    if not row.grade < grade <= 4:
        raise GradeMalformed(
            f"级别只能调高：{row.title}现为 {row.grade} 级，最高 4 级。",
            hint="由决定调高的，可以在“分类分级”页撤销决定；场景包所定的，请在包中修改并评审。",
        )
    assert isinstance(officer, identity.Officer)
    GradeDecision.objects.create(
        table=table,
        column=column,
        category=category or row.category,
        grade=grade,
        reason=reason.strip(),
        clause=clause or row.grade_clause,
        decided_by=officer.username,
        decided_at=at,
    )
    journal.record(
        "catalog.grade_raised",
        subject=table,
        actor=officer.username,
        at=at,
        facts={"column": column, "grade": grade, "organ": officer.organ},
    )
    carry_grades(library)


@transaction.atomic
def end_decision(
    number: int, *, reason: str, officer: identity.Actor, library: Library, at: datetime
) -> None:
    """撤销定级: from now on the grade is what packs and the decisions still in force say."""
    row = GradeDecision.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise ColumnUnknown("没有这条定级决定。", hint="请从“分类分级”页进入。")
    organ = Dataset.objects.values_list("organ", flat=True).get(ref=row.table)
    identity.require(officer, "catalog.grade", organ=organ)
    _require_reason(reason)
    if row.ended_at is not None:
        raise DecisionEnded("这条定级决定已经撤销。", hint="请刷新页面查看撤销人和理由。")
    row.ended_by, row.ended_at, row.end_reason = officer.username, at, reason.strip()
    row.save(update_fields=["ended_by", "ended_at", "end_reason"])
    journal.record(
        "catalog.grade_raise_ended",
        subject=row.table,
        actor=officer.username,
        at=at,
        facts={"column": row.column, "grade": row.grade, "organ": organ},
    )
    carry_grades(library)


def _column(table: str, column: str) -> DatasetColumn:
    rows = DatasetColumn.objects.filter(dataset__ref=table, name=column, active_until=None)
    found = rows.select_related("dataset").first()
    if found is None:
        raise ColumnUnknown("目录中没有这个字段。", hint="请从数据目录进入。", table=table)
    return found


def _require_reason(reason: str) -> None:
    if not 2 <= len(reason.strip()) <= 300:
        raise GradeMalformed("请写明理由（2 至 300 字）。", hint="说明字段内容和定级的依据。")


def carry_grades(library: Library) -> int:
    """Give every column the grade that follows from packs and decisions; how many changed."""
    wanted: dict[tuple[str, str], Any] = {
        (entry.ref, column.name): column
        for entry in datasets_of(library, raised=raised_grades())
        for column in entry.columns
    }
    changed = []
    for row in DatasetColumn.objects.filter(active_until=None).select_related("dataset"):
        column = wanted.get((row.dataset.ref, row.name))
        if column is None or (row.grade, row.category) == (column.grade, column.category):
            continue
        row.grade, row.grade_reason = column.grade, column.grade_reason
        row.grade_clause, row.category = column.grade_clause, column.category
        changed.append(row)
    DatasetColumn.objects.bulk_update(
        changed, ["grade", "grade_reason", "grade_clause", "category"], batch_size=200
    )
    for ref in {row.dataset.ref for row in changed}:
        highest = max(column.grade for (table, _), column in wanted.items() if table == ref)
        Dataset.objects.filter(ref=ref).update(grade=highest)
    if changed:
        begin_edition()
    return len(changed)
