"""Count limits again when the working days of a year are announced that were counted without."""

from collections.abc import Iterator
from datetime import datetime

from django.db import transaction

from yiwang.apps.casework import place, states
from yiwang.apps.casework.actions.noting import note
from yiwang.apps.casework.at_hand import trail_of, with_all
from yiwang.apps.casework.models import Case, StepTask
from yiwang.apps.casework.queries.cases import frozen_flow
from yiwang.apps.jobs import public as jobs
from yiwang.kernel.clock import CHINA

AT_ONCE = 500
"""Cases of one transaction."""
PLATFORM = "casework"


def recount(at: datetime) -> jobs.Result:
    """期限重算: every case whose year is announced by now, on record; again changes nothing."""
    return jobs.Result({"重算期限": sum(_portions(at))})


def _portions(at: datetime) -> Iterator[int]:
    years = place.calendar().years
    while done := _recount_some(frozenset(years), at):
        yield done


@transaction.atomic
def _recount_some(years: frozenset[int], at: datetime) -> int:
    rows = Case.objects.select_for_update(of=("self",)).filter(provisional__in=years)
    found = list(with_all(rows)[:AT_ONCE])
    for row in found:
        _recount_one(row, at)
    return len(found)


def _recount_one(row: Case, at: datetime) -> None:
    content, trail = frozen_flow(row.flow), trail_of(row)
    marks = states.marks_of(trail)
    if row.state == Case.State.ENDED:
        marks = marks[:-1]
    reading = states.read_clocks(row, content, marks)
    year, before = row.provisional, row.due_at
    row.due_at, row.legal_due_at = reading.due_at, reading.legal_due_at
    row.provisional = reading.provisional
    row.save(update_fields=["due_at", "legal_due_at", "provisional"])
    for task in row.tasks.filter(left_at=None):
        has_late = bool(content.steps[task.step].late) and not task.asked
        StepTask.objects.filter(pk=task.pk).update(
            due_at=reading.step_due_at,
            soonest_due_at=reading.soonest_due_at,
            warn_at=reading.warn_at,
            late_at=reading.step_due_at if has_late else None,
        )
    note(
        row,
        "recount",
        title=f"{year} 年放假安排已公布，期限由 {_said(before)}（暂算）重算为 {_said(row.due_at)}",
        actor=PLATFORM,
        at=max(at, trail[-1].at),
        facts={"year": str(year), "before": _said(before), "after": _said(row.due_at)},
    )


def _said(due: datetime | None) -> str:
    return due.astimezone(CHINA).date().isoformat() if due else "停计"
