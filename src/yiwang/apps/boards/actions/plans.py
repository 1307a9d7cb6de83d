"""Plans: read one, confirm what was read, ask after what is late."""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from yiwang.apps.boards.models import Notice, Plan, PlanTarget, PlanTask, TaskOrgan
from yiwang.apps.boards.naming import helpers_by_rule, organ_meant
from yiwang.apps.boards.plan_text import PlanText, Target, Task, read_plan
from yiwang.apps.boards.proving import Capability, asked_for
from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid, NotFound

SUPERVISION = "programme.supervision"
"""The flow of a notice (督办); a place without it sends none."""


class PlanAlreadyRead(Conflict):
    """This very text was read before."""

    code = "boards.plan_already_read"


class TaskUnknown(NotFound):
    """No plan has a task of this number."""

    code = "boards.task_unknown"


class TaskMalformed(Invalid):
    """A task needs a title, and somebody who answers for it."""

    code = "boards.task_malformed"


class TaskWithoutOrgan(Conflict):
    """Nobody of the place leads this task yet, so nobody can be asked."""

    code = "boards.task_without_organ"


@transaction.atomic
def keep_plan(
    text: str, *, capabilities: Collection[Capability], officer: identity.Officer, at: datetime
) -> int:
    """导入: read a plan into proposed tasks and targets; returns the plan's id.

    Raises ``PlanUnreadable`` for a text without headings, ``PlanAlreadyRead`` for the same text.
    """
    identity.require(officer, "boards.keep_plan")
    digest = hashlib.sha256(text.encode()).hexdigest()
    if known := Plan.objects.filter(digest=digest).first():
        raise PlanAlreadyRead(
            f"这份文本已经导入过：《{known.title}》。",
            hint="请打开已有的方案；正文有改动时再导入改动后的文本。",
            plan=known.pk,
        )
    read = read_plan(text)
    plan = Plan.objects.create(
        title=read.title or "（未识别标题）",
        number=read.number,
        issued_on=read.issued_on,
        digest=digest,
        text=text,
        doubts=list(read.doubts),
        default_helpers=list(read.default_helpers),
        read_at=at,
        read_by=officer.username,
    )
    _keep_tasks(plan, read, capabilities)
    _keep_targets(plan, read, capabilities)
    journal.record("plan.read", subject=f"plan:{plan.pk}", actor=officer.username, at=at)
    return plan.pk


def _keep_tasks(plan: Plan, read: PlanText, capabilities: Collection[Capability]) -> None:
    organs = {organ.id: organ.title for organ in identity.organs()}
    tasks = PlanTask.objects.bulk_create(
        _task_row(plan, position, task, capabilities)
        for position, task in enumerate(read.tasks, start=1)
    )
    TaskOrgan.objects.bulk_create(
        TaskOrgan(task=row, part=part, words=words, organ=organ_meant(words, organs))
        for row, task in zip(tasks, read.tasks, strict=True)
        for part, named in (("lead", task.leads), ("help", task.helpers))
        for words in dict.fromkeys(named)
    )


def _task_row(
    plan: Plan, position: int, task: Task, capabilities: Collection[Capability]
) -> PlanTask:
    return PlanTask(
        plan=plan,
        position=position,
        number=task.number,
        title=task.title[:200],
        chapter=task.chapter,
        section=task.section,
        text=task.text,
        milestones=[
            {"by": stage.by.isoformat(), "words": stage.words} for stage in task.milestones
        ],
        due_on=max((stage.by for stage in task.milestones), default=None),
        capabilities=asked_for(f"{task.title}。{task.text}", capabilities),
        is_doubtful=task.is_damaged,
    )


def _keep_targets(plan: Plan, read: PlanText, capabilities: Collection[Capability]) -> None:
    PlanTarget.objects.bulk_create(
        _target_row(plan, position, target, capabilities)
        for position, target in enumerate(read.targets, start=1)
    )


def _target_row(
    plan: Plan, position: int, target: Target, capabilities: Collection[Capability]
) -> PlanTarget:
    meant = asked_for(target.words, [one for one in capabilities if one.is_target])
    return PlanTarget(
        plan=plan,
        position=position,
        task_number=target.task,
        value=target.value,
        unit=target.unit,
        bound=target.bound,
        words=target.words[:300],
        due_on=target.by,
        capability=meant[0] if meant else "",
    )


@dataclass(frozen=True)
class Confirmed:
    """What a person says a task is."""

    title: str
    leads: tuple[str, ...]
    """Ids of organs of the place."""
    helpers: tuple[str, ...] | None = None
    """Ids of organs of the place; ``None`` leaves those that were read."""
    due_on: date | None = None
    capabilities: tuple[str, ...] = ()


@transaction.atomic
def confirm_task(
    *, plan: int, number: str, confirmed: Confirmed, officer: identity.Officer, at: datetime
) -> None:
    """确认: a person takes a proposed task into the ledger, corrected where it was misread."""
    identity.require(officer, "boards.keep_plan")
    _enter(_task(plan, number), confirmed, officer, at)


@transaction.atomic
def add_task(
    *, plan: int, text: str, said: Confirmed, officer: identity.Officer, at: datetime
) -> str:
    """补录: a task that reading missed, in the plan's words; returns its number."""
    identity.require(officer, "boards.keep_plan")
    TaskMalformed.unless((bool(text.strip()), "text", "补录的任务要写明方案原文。"))
    kept = find_plan(plan)
    last = kept.tasks.aggregate(last=Max("position"))["last"] or 0
    task = PlanTask.objects.create(
        plan=kept,
        position=last + 1,
        number=f"补-{last + 1}",
        title=said.title[:200],
        chapter="补录",
        text=text.strip(),
    )
    _enter(task, said, officer, at)
    return task.number


def find_plan(number: int) -> Plan:
    """The plan that somebody adds to, held until they are done."""
    found = Plan.objects.select_for_update().filter(pk=number).first()
    if found is None:
        raise TaskUnknown("没有这份规划方案。", hint="请从规划台账列表进入。", plan=number)
    return found


def _enter(task: PlanTask, confirmed: Confirmed, officer: identity.Officer, at: datetime) -> None:
    """Take a task into the ledger as a person says it is."""
    organs = {organ.id: organ.title for organ in identity.organs()}
    named = (*confirmed.leads, *(confirmed.helpers or ()))
    TaskMalformed.unless(
        (bool(confirmed.title.strip()), "title", "请填写任务名称。"),
        (bool(confirmed.leads), "leads", "请选择至少一个牵头单位。"),
        (organs.keys() >= {*named}, "leads", "牵头和配合单位须是本地登记的机构。"),
    )
    task.title, task.due_on = confirmed.title.strip()[:200], confirmed.due_on
    task.capabilities, task.reason = list(confirmed.capabilities), ""
    _decide(task, "confirmed", officer, at)
    _name_organs(task, "lead", confirmed.leads, organs)
    if confirmed.helpers is not None:
        _name_organs(task, "help", confirmed.helpers, organs)
    journal.record(
        "plan.task_confirmed",
        subject=f"plan:{task.plan_id}/{task.number}",
        actor=officer.username,
        at=at,
    )


def _name_organs(
    task: PlanTask, part: str, named: tuple[str, ...], titles: Mapping[str, str]
) -> None:
    """Keep the plan's words for an organ that was meant; groups of the plan stay as they are."""
    task.organs.filter(part=part).exclude(organ="").exclude(organ__in=named).delete()
    present = set(task.organs.filter(part=part).values_list("organ", flat=True))
    for organ in named:
        if organ not in present:
            TaskOrgan.objects.create(task=task, part=part, words=titles[organ], organ=organ)


@transaction.atomic
def drop_task(
    *, plan: int, number: str, reason: str, officer: identity.Officer, at: datetime
) -> None:
    """不列入: what was read is no task; the reason stays with it."""
    identity.require(officer, "boards.keep_plan")
    TaskMalformed.unless((bool(reason.strip()), "reason", "不列入台账要写明理由。"))
    task = _task(plan, number)
    task.reason = reason.strip()[:500]
    _decide(task, "dropped", officer, at)
    journal.record(
        "plan.task_dropped", subject=f"plan:{plan}/{number}", actor=officer.username, at=at
    )


@transaction.atomic
def ask_after(
    *, plan: int, number: str, reason: str, officer: identity.Officer, at: datetime
) -> list[str]:
    """督办: a notice to each leading organ of a task, as a case with its clock; their numbers."""
    identity.require(officer, "boards.supervise")
    task = _task(plan, number)
    leads = [organ for organ in task.organs.filter(part="lead") if organ.organ]
    if task.state != "confirmed" or not leads:
        raise TaskWithoutOrgan(
            f"任务 {number} 还没有确认牵头单位，无法发督办通知。",
            hint="先在任务页确认任务和牵头单位。",
            number=number,
        )
    return [_notice(task, lead, reason, officer, at) for lead in leads]


def _notice(
    task: PlanTask, lead: TaskOrgan, reason: str, officer: identity.Officer, at: datetime
) -> str:
    opened = casework.open_case(
        flow=SUPERVISION,
        subject=f"plan:{task.plan_id}/{task.number}",
        title=f"督办：{task.title}"[:200],
        organ=lead.organ,
        division=identity.organ(lead.organ).division,
        facts={
            "理由": reason.strip()[:500],
            "任务": task.number,
            "配合单位": "、".join(_helpers(task)),
        },
        actor=officer,
        at=at,
        parties={"office": officer.organ},
    )
    Notice.objects.create(
        task=task, organ=lead.organ, case=opened.number, sent_at=at, sent_by=officer.username
    )
    return opened.number


def _helpers(task: PlanTask) -> list[str]:
    """Who helps: those named at the task, then those that help with every task of the plan."""
    organs = {organ.id: organ.title for organ in identity.organs()}
    named = list(task.organs.order_by("pk").values_list("part", "words", "organ"))
    own = [(words, organ) for _, words, organ in named]
    by_rule = helpers_by_rule(task.plan.default_helpers, own, organs)
    return [words for part, words, _ in named if part == "help"] + [words for words, _ in by_rule]


def _decide(task: PlanTask, state: str, officer: identity.Officer, at: datetime) -> None:
    task.state = state
    task.decided_at, task.decided_by = at, officer.username
    task.save()


def _task(plan: int, number: str) -> PlanTask:
    found = PlanTask.objects.select_for_update().filter(plan_id=plan, number=number).first()
    if found is None:
        raise TaskUnknown(
            f"方案里没有编号为 {number} 的任务。", hint="请从方案页面进入。", number=number
        )
    return found
