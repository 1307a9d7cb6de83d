"""What casework shows: frozen values for other rooms and pages, each behind one access check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from django.db.models import Count, Q, QuerySet

from yiwang.apps.casework import clock, flow
from yiwang.apps.casework.access import (
    CaseNotYours,
    is_own,
    may_handle,
    require_seeing,
    visible_to,
    waiting_for,
)
from yiwang.apps.casework.clock import Light
from yiwang.apps.casework.models import (
    Case,
    Evidence,
    FlowVersion,
    IncidentKind,
    StepTask,
    TrailEntry,
)
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound
from yiwang.packkit.kinds.work import Flow


class CaseUnknown(NotFound):
    """No case has this number."""

    code = "casework.case_unknown"


@dataclass(frozen=True)
class MoveView:
    """A move that the looking actor may make now."""

    verb: str
    to: str
    title: str
    needs: tuple[str, ...]


@dataclass(frozen=True)
class CaseView:
    """A case or incident as it stands; ``moves`` are those open to the actor who looks."""

    number: str
    title: str
    flow: str
    flow_title: str
    profile: str
    step: str
    step_title: str
    role: str
    state: str
    organ: str
    division: str
    subject: str
    applicant: str
    facts: Mapping[str, Any]
    opened_at: datetime
    due_at: datetime | None
    step_due_at: datetime | None
    ended_at: datetime | None
    light: Light
    moves: tuple[MoveView, ...]
    version: int
    rating: int | None = None


@dataclass(frozen=True)
class IncidentView:
    """An incident: its case, and what it was seen as and where."""

    number: str
    is_new: bool
    merged_signals: int
    kind: str
    grade: int
    object: str
    lon: float | None
    lat: float | None
    case: CaseView


@dataclass(frozen=True)
class TaskView:
    """A line of a work-list."""

    number: str
    title: str
    profile: str
    flow_title: str
    step_title: str
    division: str
    entered_at: datetime
    due_at: datetime | None
    light: Light
    is_paused: bool
    version: int


@dataclass(frozen=True)
class Waiting:
    """How much waits for an officer, by light and by flow."""

    total: int = 0
    yellow: int = 0
    red: int = 0
    flows: Mapping[str, tuple[str, int]] = field(default_factory=dict)
    """Flow to its title and count."""


@dataclass(frozen=True)
class EvidenceView:
    """What was handed in with an act; a file when ``digest`` is set."""

    id: int
    name: str
    title: str
    text: str
    digest: str
    kind: str
    size: int


@dataclass(frozen=True)
class TrailView:
    """One act of a case's trail."""

    sequence: int
    at: datetime
    actor: str
    actor_name: str
    verb: str
    title: str
    step_title: str
    """Where the case stood after it."""
    reason: str
    evidence: tuple[EvidenceView, ...]


def find_case(number: str, rows: QuerySet[Case] | None = None) -> Case:
    """The row with this number, or ``CaseUnknown``."""
    found = (rows if rows is not None else Case.objects).select_related("flow")
    row = found.filter(number=number).first()
    if row is None:
        raise CaseUnknown(f"没有编号为 {number} 的办件。", hint="请核对编号。", number=number)
    return row


def case(number: str, *, actor: identity.Actor, at: datetime) -> CaseView:
    """One case; only its own people and officers in charge see it."""
    row = find_case(number)
    require_seeing(actor, row)
    return case_view(row, actor=actor, at=at)


def trail(number: str, *, actor: identity.Actor) -> list[TrailView]:
    """Everything that happened to a case, oldest first."""
    row = find_case(number)
    require_seeing(actor, row)
    content = frozen_flow(row.flow)
    entries = row.trail.order_by("sequence").prefetch_related("evidence")
    return [_trail_view(entry, content) for entry in entries]


def cases_waiting(
    *,
    officer: identity.Officer,
    at: datetime,
    flow: str = "",
    light: str = "",
    query: str = "",
    offset: int = 0,
    limit: int = 50,
) -> list[TaskView]:
    """The officer's work-list, soonest deadline first; paused cases come last."""
    tasks = _waiting(officer).select_related("case", "case__flow")
    if flow:
        tasks = tasks.filter(flow_ref=flow)
    if query:
        tasks = tasks.filter(Q(case__number=query.strip().upper()) | Q(case__title__contains=query))
    if light:
        tasks = tasks.filter(_lit(light, at))
    ordered = tasks.order_by("is_paused", "soonest_due_at", "id")[offset : offset + limit]
    return [_task_view(task, at) for task in ordered]


def count_waiting(*, officer: identity.Officer, at: datetime) -> Waiting:
    """The counts above the work-list."""
    tasks = _waiting(officer)
    totals = tasks.aggregate(
        total=Count("id"),
        red=Count("id", filter=_lit("red", at)),
        yellow=Count("id", filter=_lit("yellow", at)),
    )
    flows = tasks.values_list("flow_ref", "case__flow__title").annotate(n=Count("id"))
    return Waiting(
        totals["total"],
        totals["yellow"],
        totals["red"],
        {ref: (title, n) for ref, title, n in flows},
    )


def cases_of(subject: str, *, actor: identity.Applicant, at: datetime) -> list[CaseView]:
    """The cases that an applicant filed or that are about them, newest first."""
    if actor.subject != subject:
        raise CaseNotYours("只能查看自己的办件。", hint="请用本人账号登录。")
    rows = Case.objects.select_related("flow").filter(Q(applicant=subject) | Q(subject=subject))
    return [case_view(row, actor=actor, at=at) for row in rows.order_by("-opened_at")[:200]]


def incidents(
    *, actor: identity.Officer, at: datetime, state: str = "", kind: str = "", limit: int = 100
) -> list[IncidentView]:
    """The incidents that an officer may see, open ones by grade, newest first."""
    rows = Case.objects.filter(visible_to(actor, "incident.see"), profile="incident")
    rows = rows.select_related("flow")
    if state:
        rows = rows.filter(state=state)
    if kind:
        rows = rows.filter(kind=kind)
    ordered = rows.order_by("-opened_at")[:limit]
    return [incident_view(row, actor=actor, at=at) for row in ordered]


def incident(number: str, *, actor: identity.Actor, at: datetime) -> IncidentView:
    """One incident."""
    row = find_case(number, Case.objects.filter(profile="incident"))
    require_seeing(actor, row)
    return incident_view(row, actor=actor, at=at)


def incident_kinds() -> list[tuple[str, str]]:
    """The kinds that may be reported: name and title."""
    return list(IncidentKind.objects.order_by("title").values_list("ref", "title"))


def evidence_file(number: str, evidence: int, *, actor: identity.Actor) -> EvidenceView:
    """A file handed in to a case, for who may see the case."""
    row = find_case(number)
    require_seeing(actor, row)
    found = Evidence.objects.filter(pk=evidence, trail__case=row).exclude(digest="").first()
    if found is None:
        raise NotFound("没有这份材料。", hint="请从办件页面重新打开。")
    return _evidence_view(found)


def case_view(row: Case, *, actor: identity.Actor | str, at: datetime) -> CaseView:
    """``row`` as its actor may see it; the caller has checked that they may."""
    content = frozen_flow(row.flow)
    position = position_of(row)
    task = row.tasks.filter(left_at=None).first()
    rating = getattr(row, "rating", None)
    return CaseView(
        number=row.number,
        title=row.title,
        flow=row.flow.ref,
        flow_title=row.flow.title,
        profile=row.profile,
        step=row.step,
        step_title=flow.place_title(content, position),
        role=flow.role_of(content, position),
        state=row.state,
        organ=row.organ,
        division=row.division,
        subject=row.subject,
        applicant=row.applicant,
        facts=row.facts,
        opened_at=row.opened_at,
        due_at=row.due_at,
        step_due_at=task.due_at if task else None,
        ended_at=row.ended_at,
        light=_light(row, task, at),
        moves=_moves_for(actor, row, content, position),
        version=row.version,
        rating=rating.score if rating else None,
    )


def incident_view(
    row: Case, *, actor: identity.Actor | str, at: datetime, is_new: bool = False
) -> IncidentView:
    """An incident's row as a value."""
    return IncidentView(
        number=row.number,
        is_new=is_new,
        merged_signals=row.signals,
        kind=row.kind,
        grade=row.grade or 4,
        object=row.object,
        lon=row.lon,
        lat=row.lat,
        case=case_view(row, actor=actor, at=at),
    )


def position_of(row: Case) -> flow.Position:
    """Where the row stands in its flow."""
    return flow.Position(row.step, row.state, row.last_step)


def frozen_flow(version: FlowVersion) -> Flow:
    """The flow that a case began with."""
    return _read_flow(version.ref, version.version)


@lru_cache(maxsize=512)
def _read_flow(ref: str, version: str) -> Flow:
    # A version is frozen, so it is read once per process.
    row = FlowVersion.objects.get(ref=ref, version=version)
    return msgspec.convert(row.content, Flow)


def _moves_for(
    actor: identity.Actor | str, row: Case, content: Flow, position: flow.Position
) -> tuple[MoveView, ...]:
    if isinstance(actor, str):
        return ()
    allowed = may_handle(actor, row, flow.role_of(content, position))
    own = is_own(actor, row)
    return tuple(
        MoveView(move.verb, move.to, flow.move_title(move), move.needs)
        for move in flow.moves(content, position)
        if allowed or (own and move.verb == "withdraw")
    )


def _waiting(officer: identity.Officer) -> QuerySet[StepTask]:
    return StepTask.objects.filter(waiting_for(officer))


def _lit(light: str, at: datetime) -> Q:
    red = Q(soonest_due_at__lt=at)
    yellow = Q(warn_at__lte=at) & ~red
    return {"red": red, "yellow": yellow}.get(light, ~red & ~yellow)


def _light(row: Case, task: StepTask | None, at: datetime) -> Light:
    if row.ended_at:
        return "red" if row.due_at and row.ended_at > row.due_at else "green"
    if task is None:
        return "green"
    return clock.light_of(task.soonest_due_at, task.warn_at, at)


def _task_view(task: StepTask, at: datetime) -> TaskView:
    return TaskView(
        number=task.case.number,
        title=task.case.title,
        profile=task.case.profile,
        flow_title=task.case.flow.title,
        step_title=task.title,
        division=task.division,
        entered_at=task.entered_at,
        due_at=task.soonest_due_at,
        light=clock.light_of(task.soonest_due_at, task.warn_at, at),
        is_paused=task.is_paused,
        version=task.case.version,
    )


def _trail_view(entry: TrailEntry, content: Flow) -> TrailView:
    step = content.steps.get(entry.to_step)
    return TrailView(
        sequence=entry.sequence,
        at=entry.at,
        actor=entry.actor,
        actor_name=entry.actor_name,
        verb=entry.verb,
        title=entry.title,
        step_title=step.title if step else content.ends.get(entry.to_step, entry.to_step),
        reason=entry.reason,
        evidence=tuple(_evidence_view(one) for one in entry.evidence.all()),
    )


def _evidence_view(row: Evidence) -> EvidenceView:
    title = flow.EVIDENCE.get(row.name, row.name)
    return EvidenceView(row.pk, row.name, title, row.text, row.digest, row.kind, row.size)
