"""Plans as ledgers: tasks with their lights, targets, notices, all computed from records."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from yiwang.apps.boards.models import Notice, Plan, PlanTarget, PlanTask, TaskOrgan
from yiwang.apps.boards.naming import helpers_by_rule
from yiwang.apps.boards.proving import (
    Capability,
    Light,
    Measured,
    Progress,
    Proof,
    capabilities_of,
    flows_of,
    progress,
    proofs,
)
from yiwang.apps.boards.queries.indicators import indicators
from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotFound
from yiwang.packkit import Library

LIGHTS: dict[Light, tuple[str, str]] = {
    "met": ("green", "已达成"),
    "checked": ("green", "已督办核实"),
    "running": ("blue", "推进中"),
    "soon": ("yellow", "临近期限"),
    "late": ("red", "已逾期"),
    "ready": ("", "能力已具备，尚无记录"),
    "nothing": ("", "平台内尚无记录"),
}
FOUND_DONE = "done"
"""The end of a notice (``programme.supervision``) at which the office found it true."""


class PlanUnknown(NotFound):
    """No plan of this number was read."""

    code = "boards.plan_unknown"


@dataclass(frozen=True)
class NamedOrgan:
    """An organ of a task: the plan's words, and the organ of the place if one is meant."""

    part: str
    words: str
    organ: str


@dataclass(frozen=True)
class NoticeView:
    """A notice and how its case stands; ``found_done_at``: when the office found the task done."""

    organ: str
    case: str
    sent_at: datetime
    state: str
    due_at: datetime | None
    found_done_at: datetime | None


@dataclass(frozen=True)
class PlanTaskView:
    """A task with what the platform has to show for it."""

    plan: int
    number: str
    title: str
    chapter: str
    section: str
    text: str
    milestones: tuple[tuple[date, str], ...]
    due_on: date | None
    state: str
    state_title: str
    is_doubtful: bool
    reason: str
    capabilities: tuple[str, ...]
    organs: tuple[NamedOrgan, ...]
    notices: tuple[NoticeView, ...]
    progress: Progress

    @property
    def leads(self) -> tuple[NamedOrgan, ...]:
        return tuple(one for one in self.organs if one.part == "lead")

    @property
    def helpers(self) -> tuple[NamedOrgan, ...]:
        """Those named at the task, then those that help with every task (``part`` default)."""
        return tuple(one for one in self.organs if one.part in ("help", "default"))

    @property
    def tone(self) -> str:
        return LIGHTS[self.progress.light][0]

    @property
    def light_title(self) -> str:
        return LIGHTS[self.progress.light][1]


@dataclass(frozen=True)
class TargetView:
    """A number the plan sets, with the indicators that measure it."""

    plan: int
    position: int
    state: str
    state_title: str
    reason: str
    words: str
    value: Decimal
    unit: str
    bound: str
    due_on: date | None
    task: str
    capability: str
    proof: Proof | None

    @property
    def wanted(self) -> str:
        sign = {"least": "≥ ", "most": "≤ ", "equal": ""}[self.bound]
        return f"{sign}{self.value.normalize():f}{self.unit}"


@dataclass(frozen=True)
class PlanLine:
    """A plan in the list."""

    id: int
    title: str
    number: str
    issued_on: date | None
    read_at: datetime
    tasks: int
    proposed: int
    confirmed: int
    doubts: tuple[str, ...]
    default_helpers: tuple[str, ...]


def plans() -> list[PlanLine]:
    """Every plan that was read, newest first."""
    return [_line(plan) for plan in Plan.objects.order_by("-read_at", "-pk")]


def plan(number: int) -> PlanLine:
    """One plan; raises ``PlanUnknown``."""
    found = Plan.objects.filter(pk=number).first()
    if found is None:
        raise PlanUnknown("没有这份规划方案。", hint="请从规划台账列表进入。", plan=number)
    return _line(found)


def plan_tasks(number: int, *, library: Library, at: datetime) -> list[PlanTaskView]:
    """The tasks of a plan in its order."""
    rows = list(_tasks(PlanTask.objects.filter(plan_id=number)))
    shown = _proofs(library, {one for row in rows for one in row.capabilities})
    titles = _organ_titles()
    return [_task_view(row, shown, titles, at) for row in rows]


def plan_task(number: int, task: str, *, library: Library, at: datetime) -> PlanTaskView:
    """One task; raises ``PlanUnknown``."""
    row = _tasks(PlanTask.objects.filter(plan_id=number, number=task)).first()
    if row is None:
        raise PlanUnknown(f"方案里没有任务 {task}。", hint="请从方案页面进入。", plan=number)
    return _task_view(row, _proofs(library, set(row.capabilities)), _organ_titles(), at)


def plan_targets(number: int, *, library: Library) -> list[TargetView]:
    """The numbers a plan sets, in its order."""
    rows = list(PlanTarget.objects.filter(plan_id=number))
    shown = _proofs(library, {row.capability for row in rows if row.capability})
    return [_target_view(row, shown) for row in rows]


def plan_target(number: int, position: int, *, library: Library) -> TargetView:
    """One target; raises ``PlanUnknown``."""
    row = PlanTarget.objects.filter(plan_id=number, position=position).first()
    if row is None:
        raise PlanUnknown("方案里没有这个目标。", hint="请从方案页面进入。", plan=number)
    return _target_view(row, _proofs(library, {row.capability}))


def _target_view(row: PlanTarget, shown: dict[str, Proof]) -> TargetView:
    return TargetView(
        plan=row.plan_id,
        position=row.position,
        state=row.state,
        state_title=row.get_state_display(),
        reason=row.reason,
        words=row.words,
        value=row.value,
        unit=row.unit,
        bound=row.bound,
        due_on=row.due_on,
        task=row.task_number,
        capability=row.capability,
        proof=shown.get(row.capability),
    )


def late_tasks(*, library: Library, at: datetime) -> list[PlanTaskView]:
    """逾期清单: confirmed tasks whose day is past without their targets met, over all plans."""
    return [
        task
        for line in plans()
        for task in plan_tasks(line.id, library=library, at=at)
        if task.state == "confirmed" and task.progress.light == "late"
    ]


def capability_proofs(*, library: Library) -> list[Proof]:
    """能力清单: which capabilities the place's packs serve, with the indicators' latest values."""
    return _shown(library, capabilities_of(library))


def _proofs(library: Library, wanted: Collection[str]) -> dict[str, Proof]:
    listed = [one for one in capabilities_of(library) if one.id in wanted]
    return {proof.capability.id: proof for proof in _shown(library, listed)}


def _shown(library: Library, listed: Collection[Capability]) -> list[Proof]:
    wanted = {one.id for one in listed}
    packs = [name for name, one in library.packs.items() if wanted & one.manifest.serves.keys()]
    flows = [ref for name in packs for ref in flows_of(library, name)]
    return proofs(library, listed, _measured(), casework.cases_by_flow(flows))


def _measured() -> dict[str, Measured]:
    return {
        view.ref: Measured(view.ref, view.title, view.text, view.is_met, view.value)
        for view in indicators()
    }


def _organ_titles() -> dict[str, str]:
    return {organ.id: organ.title for organ in identity.organs()}


def _tasks(rows: QuerySet[PlanTask]) -> QuerySet[PlanTask]:
    organs = Prefetch("organs", TaskOrgan.objects.order_by("pk"))
    return rows.select_related("plan").prefetch_related(
        organs, Prefetch("notices", Notice.objects.order_by("sent_at"))
    )


def _task_view(
    row: PlanTask, shown: dict[str, Proof], titles: Mapping[str, str], at: datetime
) -> PlanTaskView:
    own = [shown[one] for one in row.capabilities if one in shown]
    own_organs = [NamedOrgan(one.part, one.words, one.organ) for one in row.organs.all()]
    named = [(one.words, one.organ) for one in own_organs]
    by_rule = helpers_by_rule(row.plan.default_helpers, named, titles)
    organs = (*own_organs, *(NamedOrgan("default", words, organ) for words, organ in by_rule))
    notices = tuple(_notice_view(notice) for notice in row.notices.all())
    return PlanTaskView(
        plan=row.plan_id,
        number=row.number,
        title=row.title,
        chapter=row.chapter,
        section=row.section,
        text=row.text,
        milestones=tuple((date.fromisoformat(m["by"]), m["words"]) for m in row.milestones),
        due_on=row.due_on,
        state=row.state,
        state_title=row.get_state_display(),
        is_doubtful=row.is_doubtful,
        reason=row.reason,
        capabilities=tuple(row.capabilities),
        organs=organs,
        notices=notices,
        progress=progress(
            own,
            due_on=row.due_on,
            today=local_date(at),
            checked=_checked(organs, notices, row.due_on),
        ),
    )


def _checked(
    organs: tuple[NamedOrgan, ...], notices: tuple[NoticeView, ...], due_on: date | None
) -> list[str]:
    """The last notice to each leading organ, if the office closed all of them after the day."""
    leads = {one.organ for one in organs if one.part == "lead" and one.organ}
    last = {one.organ: one for one in notices if one.organ in leads}
    done = [
        one.case
        for one in last.values()
        if due_on and one.found_done_at and local_date(one.found_done_at) > due_on
    ]
    return done if len(done) == len(leads) else []


def _notice_view(notice: Notice) -> NoticeView:
    standing = casework.standing(notice.case)
    return NoticeView(
        organ=notice.organ,
        case=notice.case,
        sent_at=notice.sent_at,
        state=standing.title,
        due_at=standing.due_at,
        found_done_at=standing.ended_at if standing.step == FOUND_DONE else None,
    )


def _line(row: Plan) -> PlanLine:
    states = Counter(row.tasks.values_list("state", flat=True))
    return PlanLine(
        id=row.pk,
        title=row.title,
        number=row.number,
        issued_on=row.issued_on,
        read_at=row.read_at,
        tasks=states.total(),
        proposed=states["proposed"],
        confirmed=states["confirmed"],
        doubts=tuple(row.doubts),
        default_helpers=tuple(row.default_helpers),
    )
