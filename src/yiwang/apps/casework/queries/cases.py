"""One case as it stands, for who may see it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec
from django.db.models import Q, QuerySet

from yiwang.apps.casework import clock, flow
from yiwang.apps.casework.access import CaseNotYours, may_see, require_seeing
from yiwang.apps.casework.clock import Light
from yiwang.apps.casework.models import Case, FlowVersion, StepTask
from yiwang.apps.casework.queries.offers import MoveView, open_to
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound
from yiwang.packkit.kinds.work import Flow


class CaseUnknown(NotFound):
    """No case has this number."""

    code = "casework.case_unknown"


@dataclass(frozen=True)
class CaseTask:
    """One task of a case that waits, or was answered while others of the step still wait."""

    number: int
    title: str
    role: str
    organ: str
    officer: str
    is_held: bool
    """Others come first, whom it asked."""
    is_answered: bool


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
    tasks: tuple[CaseTask, ...] = ()
    own_acts: tuple[MoveView, ...] = ()
    """What the actor may do with the work itself: take it, put it back, take the last act back."""
    legal_due_at: datetime | None = None
    provisional: int | None = None
    """The year whose working days its limits count by weekdays until it is announced."""
    rating: int | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    """What its facts and evidence are called to people."""

    @property
    def told(self) -> list[tuple[str, str]]:
        """Its facts as people read them."""
        return [(self.names.get(name, name), _text(value)) for name, value in self.facts.items()]


def _text(value: Any) -> str:
    match value:
        case list():
            return "、".join(map(str, value))
        case dict():
            return "；".join(f"{name} {one}" for name, one in value.items())
    return str(value)


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


def cases_of(subject: str, *, actor: identity.Applicant, at: datetime) -> list[CaseView]:
    """The cases that an applicant filed or that are about them, newest first."""
    if actor.subject != subject:
        raise CaseNotYours("只能查看自己的办件。", hint="请用本人账号登录。")
    rows = Case.objects.select_related("flow").filter(Q(applicant=subject) | Q(subject=subject))
    return [case_view(row, actor=actor, at=at) for row in rows.order_by("-opened_at")[:200]]


def cases_of_flow(
    flow_ref: str, *, officer: identity.Officer, at: datetime, limit: int = 500
) -> list[CaseView]:
    """The newest cases of a flow that the officer may look at: own organ's, or as a party."""
    rows = Case.objects.select_related("flow").filter(
        Q(organ=officer.organ) | Q(parties__organ=officer.organ), flow__ref=flow_ref
    )
    found = rows.distinct().order_by("-pk")[:limit]
    return [case_view(row, actor=officer, at=at) for row in found if may_see(officer, row)]


def rules_needed(number: str, *, verb: str, to: str) -> tuple[tuple[str, ...], str]:
    """The rules before a move of a case where it stands, and the subject they are judged on."""
    row = find_case(number)
    return flow.rules_of(frozen_flow(row.flow), row.step, verb=verb, to=to), row.subject


def case_view(row: Case, *, actor: identity.Actor | str, at: datetime) -> CaseView:
    """``row`` as its actor may see it; the caller has checked that they may."""
    content = frozen_flow(row.flow)
    position = flow.Position(row.step, row.state, row.last_step)
    tasks = list(row.tasks.filter(is_present=True).order_by("number"))
    waiting = [one for one in tasks if one.left_at is None]
    rating = getattr(row, "rating", None)
    moves, own_acts = open_to(actor, row, content, waiting)
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
        step_due_at=waiting[0].due_at if waiting else None,
        ended_at=row.ended_at,
        light=_light(row, waiting[0] if waiting else None, at),
        moves=moves,
        version=row.version,
        tasks=tuple(_case_task(one) for one in tasks),
        own_acts=own_acts,
        legal_due_at=row.legal_due_at,
        provisional=row.provisional,
        rating=rating.score if rating else None,
        names=flow.names_of(content),
    )


def parties_of(number: str) -> dict[str, str]:
    """The organs of a case's parties, by the names that its flow gives them."""
    return dict(find_case(number).parties.order_by("name").values_list("name", "organ"))


def frozen_flow(version: FlowVersion) -> Flow:
    """The flow that a case began with."""
    return _read_flow(version.ref, version.version)


@lru_cache(maxsize=512)
def _read_flow(ref: str, version: str) -> Flow:
    # A version is frozen, so it is read once per process.
    row = FlowVersion.objects.get(ref=ref, version=version)
    return msgspec.convert(row.content, Flow)


def _case_task(row: StepTask) -> CaseTask:
    return CaseTask(
        number=row.number,
        title=row.title,
        role=row.role,
        organ=row.organ,
        officer=row.officer,
        is_held=row.is_held,
        is_answered=row.left_at is not None,
    )


def _light(row: Case, task: StepTask | None, at: datetime) -> Light:
    if row.ended_at:
        return "red" if row.due_at and row.ended_at > row.due_at else "green"
    if task is None:
        return "green"
    return clock.light_of(task.soonest_due_at, task.warn_at, at)
