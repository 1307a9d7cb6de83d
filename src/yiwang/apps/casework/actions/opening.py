"""Open cases: one for an applicant, or thousands for a policy."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from yiwang.apps.casework import clock, flow, place
from yiwang.apps.casework.access import CaseNotYours
from yiwang.apps.casework.evidence_store import KeptFile
from yiwang.apps.casework.models import (
    Case,
    Evidence,
    FlowVersion,
    NumberSeries,
    RoleHolder,
    StepTask,
    TrailEntry,
)
from yiwang.apps.casework.queries import CaseView, case_view, frozen_flow
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel import ids
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotFound
from yiwang.packkit.kinds.work import Flow

Actor = identity.Actor | str
"""Who acts: an officer, an applicant, or a part of the platform by its name (``sensing``)."""


class FlowUnknown(NotFound):
    """No flow of this name is in force."""

    code = "casework.flow_unknown"


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """A case to be opened."""

    subject: str
    title: str
    organ: str
    division: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    applicant: str = ""
    limit: str = ""
    """Over the whole, where what is asked for promises its own; else the flow's."""


@transaction.atomic
def open_case(
    *,
    flow: str,
    subject: str,
    title: str,
    organ: str,
    division: str,
    facts: Mapping[str, Any],
    actor: Actor,
    at: datetime,
    applicant: str = "",
    limit: str = "",
    files: Mapping[str, KeptFile] | None = None,
) -> CaseView:
    """立案: begin a case, start its clocks, and put it on the first role's work-list.

    ``files`` are what is handed in with the application, by title.
    """
    one = NewCase(
        subject=subject,
        title=title,
        organ=organ,
        division=division,
        facts=facts,
        applicant=applicant,
        limit=limit,
    )
    _require_opening(actor, [one])
    (row,) = create(current_flow(flow), [_row(one)], actor=actor, at=at)
    first = row.trail.get()
    Evidence.objects.bulk_create(
        [
            Evidence(trail=first, name=title, digest=kept.digest, kind=kept.kind, size=kept.size)
            for title, kept in (files or {}).items()
        ]
    )
    return case_view(row, actor=actor, at=at)


@transaction.atomic
def open_cases(*, flow: str, cases: Iterable[NewCase], actor: Actor, at: datetime) -> list[str]:
    """立案（批量）: begin many cases of one flow at once; returns their numbers in order."""
    wanted = list(cases)
    _require_opening(actor, wanted)
    rows = create(current_flow(flow), [_row(one) for one in wanted], actor=actor, at=at)
    return [row.number for row in rows]


def current_flow(ref: str) -> FlowVersion:
    """The version of a flow that new cases begin with."""
    version = FlowVersion.objects.filter(ref=ref, is_current=True).first()
    if version is None:
        raise FlowUnknown(f"没有流程 {ref}。", hint="先安装包含该流程的场景包。", flow=ref)
    return version


def create(
    version: FlowVersion, rows: Sequence[Case], *, actor: Actor, at: datetime
) -> Sequence[Case]:
    """Store unsaved rows as begun cases of ``version``, each with number, task, trail, journal."""
    content = frozen_flow(version)
    start = flow.begin(content)
    opened = [clock.Mark(at, "open", start.step)]
    readings = {limit: read_clocks(content, opened, limit) for limit in {r.limit for r in rows}}
    holders = holders_of(flow.role_of(content, start))
    numbers = _next_numbers(version.number_prefix, at, len(rows))
    for row, number in zip(rows, numbers, strict=True):
        row.number, row.flow, row.profile, row.step = number, version, content.profile, start.step
        row.opened_at, row.opened_by, row.due_at = at, named(actor)[0], readings[row.limit].due_at
    Case.objects.bulk_create(rows, batch_size=1000)
    StepTask.objects.bulk_create(
        [
            waiting_task(row, content, start, readings[row.limit], holders=holders, at=at)
            for row in rows
        ],
        batch_size=1000,
    )
    TrailEntry.objects.bulk_create(
        [_first_line(row, actor=actor, at=at) for row in rows], batch_size=1000
    )
    return rows


def _first_line(row: Case, *, actor: Actor, at: datetime) -> TrailEntry:
    """The unsaved first line of a trail, its act recorded in the journal."""
    who, name = named(actor)
    return TrailEntry(
        case=row,
        sequence=1,
        at=at,
        actor=who,
        actor_name=name,
        verb="open",
        to_step=row.step,
        title="立案",
        division=row.division,
        entry=journal.record("case.opened", subject=row.number, actor=who, at=at, case=row.number),
    )


def waiting_task(
    row: Case,
    content: Flow,
    position: flow.Position,
    reading: clock.Reading,
    *,
    holders: Collection[str],
    at: datetime,
) -> StepTask:
    """The unsaved task that waits at a position; ``holders`` are the organs with its role."""
    role = flow.role_of(content, position)
    return StepTask(
        case=row,
        step=position.step,
        title=flow.place_title(content, position),
        role=role,
        organ=row.organ,
        division=row.division,
        is_territorial=row.organ not in holders,
        flow_ref=row.flow.ref,
        entered_at=at,
        due_at=reading.step_due_at,
        soonest_due_at=reading.soonest_due_at,
        warn_at=reading.warn_at,
        is_paused=position.state == "paused",
    )


def holders_of(role: str) -> set[str]:
    """The organs some post of which brings a role."""
    return set(RoleHolder.objects.filter(role=role).values_list("organ", flat=True))


def read_clocks(content: Flow, marks: Iterable[clock.Mark], limit: str = "") -> clock.Reading:
    """Both clocks of a case, from its whole trail; ``limit`` is the case's own, if it has one."""
    limits = {step_id: step.limit for step_id, step in content.steps.items()}
    return clock.read(
        marks, limit=limit or content.limit, step_limits=limits, calendar=place.calendar()
    )


def named(actor: Actor) -> tuple[str, str]:
    """The actor's id and what people call them."""
    if isinstance(actor, str):
        return actor, "平台"
    if isinstance(actor, identity.Applicant):
        return actor.subject, actor.name
    return actor.username, actor.name


def _row(one: NewCase) -> Case:
    return Case(
        subject=one.subject,
        title=one.title,
        organ=one.organ,
        division=one.division,
        facts=dict(one.facts),
        applicant=one.applicant,
        limit=one.limit,
    )


def _require_opening(actor: Actor, cases: Iterable[NewCase]) -> None:
    if isinstance(actor, str):
        return
    if isinstance(actor, identity.Applicant):
        if any(one.applicant != actor.subject for one in cases):
            raise CaseNotYours("只能为自己申请。", hint="代他人办理请到窗口。")
        return
    for organ in {one.organ for one in cases}:
        identity.require(actor, "case.open", organ=organ)


def _next_numbers(prefix: str, at: datetime, count: int) -> list[str]:
    day = local_date(at)
    series, _ = NumberSeries.objects.select_for_update().get_or_create(prefix=prefix, day=day)
    first, series.last = series.last + 1, series.last + count
    series.save(update_fields=["last"])
    return [ids.number(prefix=prefix, day=day, sequence=n) for n in range(first, first + count)]
