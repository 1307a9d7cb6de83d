"""Plans as ledgers: tasks with their lights, targets, notices, all computed from records."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Prefetch, QuerySet

from yiwang.apps.boards.models import Notice, Plan, PlanTarget, PlanTask, TaskOrgan
from yiwang.apps.boards.proving import (
    Light,
    Measured,
    Progress,
    Proof,
    capabilities_of,
    progress,
    proofs,
)
from yiwang.apps.boards.queries.indicators import indicators
from yiwang.apps.casework import public as casework
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotFound
from yiwang.packkit import Library

LIGHTS: dict[Light, tuple[str, str]] = {
    "met": ("green", "已达成"),
    "running": ("blue", "推进中"),
    "soon": ("yellow", "临近期限"),
    "late": ("red", "已逾期"),
    "nothing": ("", "平台内尚无记录"),
}


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
    """A notice and how its case stands."""

    organ: str
    case: str
    sent_at: datetime
    state: str
    due_at: datetime | None


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
        return tuple(one for one in self.organs if one.part == "help")

    @property
    def tone(self) -> str:
        return LIGHTS[self.progress.light][0]

    @property
    def light_title(self) -> str:
        return LIGHTS[self.progress.light][1]


@dataclass(frozen=True)
class TargetView:
    """A number the plan sets, with the indicators that measure it."""

    words: str
    value: Decimal
    unit: str
    bound: str
    due_on: date | None
    task: str
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
    return [_task_view(row, shown, at) for row in rows]


def plan_task(number: int, task: str, *, library: Library, at: datetime) -> PlanTaskView:
    """One task; raises ``PlanUnknown``."""
    row = _tasks(PlanTask.objects.filter(plan_id=number, number=task)).first()
    if row is None:
        raise PlanUnknown(f"方案里没有任务 {task}。", hint="请从方案页面进入。", plan=number)
    return _task_view(row, _proofs(library, set(row.capabilities)), at)


def plan_targets(number: int, *, library: Library) -> list[TargetView]:
    """The numbers a plan sets, in its order."""
    rows = list(PlanTarget.objects.filter(plan_id=number))
    shown = _proofs(library, {row.capability for row in rows if row.capability})
    return [
        TargetView(
            words=row.words,
            value=row.value,
            unit=row.unit,
            bound=row.bound,
            due_on=row.due_on,
            task=row.task_number,
            proof=shown.get(row.capability),
        )
        for row in rows
    ]


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
    return proofs(library, capabilities_of(library), _measured())


def _proofs(library: Library, wanted: Collection[str]) -> dict[str, Proof]:
    listed = [one for one in capabilities_of(library) if one.id in wanted]
    return {proof.capability.id: proof for proof in proofs(library, listed, _measured())}


def _measured() -> dict[str, Measured]:
    return {
        view.ref: Measured(view.ref, view.title, view.text, view.is_met, view.value)
        for view in indicators()
    }


def _tasks(rows: QuerySet[PlanTask]) -> QuerySet[PlanTask]:
    organs = Prefetch("organs", TaskOrgan.objects.order_by("pk"))
    return rows.prefetch_related(organs, Prefetch("notices", Notice.objects.order_by("sent_at")))


def _task_view(row: PlanTask, shown: dict[str, Proof], at: datetime) -> PlanTaskView:
    own = [shown[one] for one in row.capabilities if one in shown]
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
        organs=tuple(NamedOrgan(o.part, o.words, o.organ) for o in row.organs.all()),
        notices=tuple(_notice_view(notice) for notice in row.notices.all()),
        progress=progress(own, due_on=row.due_on, today=local_date(at)),
    )


def _notice_view(notice: Notice) -> NoticeView:
    standing = casework.standing(notice.case)
    return NoticeView(
        organ=notice.organ,
        case=notice.case,
        sent_at=notice.sent_at,
        state=standing.title,
        due_at=standing.due_at,
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
