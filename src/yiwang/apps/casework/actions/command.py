"""Command: duty shifts and their log, plans switched on and off, minutes, instructions."""

from datetime import datetime

from django.db import IntegrityError, transaction

from yiwang.apps.casework import place
from yiwang.apps.casework.access import require_seeing
from yiwang.apps.casework.actions.noting import note
from yiwang.apps.casework.actions.opening import NewCase, create, current_flow, open_cases
from yiwang.apps.casework.models import (
    Case,
    CaseLink,
    DutyShift,
    Minutes,
    PlanSwitch,
    ShiftLine,
)
from yiwang.apps.casework.queries.cases import find_case
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.packkit.kinds.incidents import Plan

PLATFORM = "casework"


class PlanUnknown(NotFound):
    """No pack has this plan, or it has no such level."""

    code = "casework.plan_unknown"


class PlanAlreadyOn(Conflict):
    """The plan is on; it is switched off, or its level changed, but not switched on twice."""

    code = "casework.plan_already_on"


class PlanNotOn(Conflict):
    """The plan is not on."""

    code = "casework.plan_not_on"


class ShiftTwice(Conflict):
    """The officer has a shift that begins then."""

    code = "casework.shift_twice"


class NoPlanAtAll(NotFound):
    """No pack of the place brings a plan, so there is no flow for instructions."""

    code = "casework.no_plan_at_all"


@transaction.atomic
def switch_on(
    *, plan: str, level: str, reason: str, officer: identity.Officer, at: datetime
) -> None:
    """启动预案: from now on its roles, limits and screen hold, and its first tasks are given."""
    identity.require(officer, "command.switch")
    content = _plan(plan, level)
    _require_text(reason, "启动理由")
    _begin(plan, content, level, reason, officer, at)


@transaction.atomic
def switch_off(*, plan: str, reason: str, officer: identity.Officer, at: datetime) -> None:
    """终止预案: what was before holds again; what came to a step meanwhile keeps its limit."""
    identity.require(officer, "command.switch")
    _require_text(reason, "终止理由")
    _end(plan, reason, officer, at)


@transaction.atomic
def change_level(
    *, plan: str, level: str, reason: str, officer: identity.Officer, at: datetime
) -> None:
    """调整级别: off at the old level and on at the new one, at the same moment."""
    identity.require(officer, "command.switch")
    content = _plan(plan, level)
    _require_text(reason, "调整理由")
    if _end(plan, reason, officer, at) == level:
        raise PlanAlreadyOn("预案已经是这个级别。", hint="请选择另一个级别。", plan=plan)
    _begin(plan, content, level, reason, officer, at)


@transaction.atomic
def plan_shift(
    *,
    organ: str,
    username: str,
    part: str,
    begins_at: datetime,
    ends_at: datetime,
    officer: identity.Officer,
    at: datetime,
) -> None:
    """排班: an officer of the own organ is on duty from one hour to another.

    Who may call the roll plans for other organs as well: one roster of all that are called.
    """
    if "command.call" not in officer.rights:
        identity.require(officer, "command.duty", organ=organ)
    who = identity.officer(username, at=at)
    Invalid.unless(
        (who.organ == organ, "username", f"{who.name}不在该部门任职，只排这个部门的人。"),
        (part in DutyShift.Part.values, "part", "没有选择职责。"),
        (begins_at < ends_at, "ends", "止要晚于起。"),
    )
    try:
        with transaction.atomic():
            DutyShift.objects.create(
                organ=organ,
                officer=username,
                part=part,
                begins_at=begins_at,
                ends_at=ends_at,
                planned_by=officer.username,
            )
    except IntegrityError as error:
        wrong = f"{who.name}已排了同一时间的班。"
        raise ShiftTwice(wrong, hint="换一个时间。", fields={"begins": wrong}) from error
    journal.record("duty.planned", subject=username, actor=officer.username, at=at)


@transaction.atomic
def accept_shift(*, officer: identity.Officer, at: datetime) -> int:
    """接班: who is on duty now says so; how many shifts that were."""
    identity.require(officer, "command.duty")
    rows = DutyShift.objects.filter(
        officer=officer.username, begins_at__lte=at, ends_at__gt=at, accepted_at=None
    )
    count = rows.update(accepted_at=at)
    if count:
        _line(officer, "接班", at)
    return count


@transaction.atomic
def write_shift_line(
    *,
    text: str,
    officer: identity.Officer,
    at: datetime,
    number: str = "",
    corrects: int = 0,
) -> None:
    """记值班日志: a line that stays; a correction is a further one."""
    identity.require(officer, "command.duty")
    _require_text(text, "日志内容")
    row = find_case(number) if number else None
    if row is not None:
        require_seeing(officer, row)
    earlier = ShiftLine.objects.filter(pk=corrects, organ=officer.organ).first()
    _line(officer, text, at, case=row, corrects=earlier)


@transaction.atomic
def record_minutes(
    *,
    number: str,
    held_at: datetime,
    chair: str,
    attendees: str,
    text: str,
    officer: identity.Officer,
    at: datetime,
) -> None:
    """记会商纪要: who consulted about an incident, and what was said."""
    identity.require(officer, "command.duty")
    row = find_case(number, Case.objects.select_for_update(of=("self",)))
    require_seeing(officer, row)
    _require_text(text, "会商内容")
    if held_at > at:
        raise Invalid("会商时间在将来。", hint="会商之后再记。")
    switch = PlanSwitch.objects.filter(off_at=None).order_by("-on_at").first()
    Minutes.objects.create(
        case=row,
        switch=switch,
        organ=officer.organ,
        at=held_at,
        chair=chair.strip()[:64],
        attendees=attendees.strip()[:500],
        text=text.strip()[:5000],
        recorded_at=at,
        recorded_by=officer.username,
    )
    note(row, "consult", title="会商纪要已记录", actor=officer, at=at)


@transaction.atomic
def instruct(*, number: str, organ: str, text: str, officer: identity.Officer, at: datetime) -> str:
    """下达指令: an organ is told to do something about an incident; tracked as a case."""
    identity.require(officer, "command.duty")
    row = find_case(number, Case.objects.select_for_update(of=("self",)))
    require_seeing(officer, row)
    _require_text(text, "指令内容")
    if not place.has_organ(organ):
        raise Invalid("没有这个机构。", hint="请从列表中选择。")
    flow = _instruction_flow(row.kind)
    new = Case(title=text.strip()[:200], organ=organ, division=row.division, facts={"事件": number})
    create(current_flow(flow), [new], [{}], actor=officer, at=at)
    CaseLink.objects.create(
        case=new, other=row, relation=CaseLink.Relation.INSTRUCTION, at=at, by=officer.username
    )
    note(row, "link", title=f"下达指令 {new.number}", actor=officer, at=at)
    return new.number


def _begin(
    ref: str, plan: Plan, level: str, reason: str, officer: identity.Officer, at: datetime
) -> None:
    chosen = plan.levels[level]
    try:
        with transaction.atomic():
            PlanSwitch.objects.create(
                plan=ref,
                level=level,
                title=f"{plan.title} {chosen.title}",
                limits=dict(chosen.limits),
                roles={role: list(lent) for role, lent in chosen.roles.items()},
                screen=chosen.screen,
                organ=plan.organ,
                on_at=at,
                on_by=officer.username,
                reason=reason.strip()[:500],
            )
    except IntegrityError as error:
        raise PlanAlreadyOn(
            f"“{plan.title}”已经启动。", hint="需要时请调整级别，或先终止。", plan=ref
        ) from error
    identity.lend_roles(roles=chosen.roles, why=ref, actor=officer.username, at=at)
    for organ, tasks in chosen.tasks.items():
        cases = [
            NewCase(
                subject="",
                title=task,
                organ=organ,
                division=place.organ_divisions()[organ],
                facts={"预案": plan.title, "级别": chosen.title},
            )
            for task in tasks
        ]
        open_cases(flow=plan.flow, cases=cases, actor=PLATFORM, at=at)
    facts = {"level": level}
    journal.record("plan.switched_on", subject=ref, actor=officer.username, at=at, facts=facts)


def _end(ref: str, reason: str, officer: identity.Officer, at: datetime) -> str:
    """Switch off; returns the level that was on."""
    row = PlanSwitch.objects.select_for_update().filter(plan=ref, off_at=None).first()
    if row is None:
        raise PlanNotOn("预案没有启动。", hint="刷新页面查看状态。", plan=ref)
    row.off_at, row.off_by, row.off_reason = at, officer.username, reason.strip()[:500]
    row.save(update_fields=["off_at", "off_by", "off_reason"])
    identity.end_loans(why=ref, actor=officer.username, at=at)
    journal.record("plan.switched_off", subject=ref, actor=officer.username, at=at)
    return row.level


def _plan(ref: str, level: str) -> Plan:
    plan = place.plans().get(ref)
    if plan is None or level not in plan.levels:
        raise PlanUnknown("没有这个预案或级别。", hint="请从列表中选择。", plan=ref)
    return plan


def _instruction_flow(kind: str) -> str:
    plans = place.plans().values()
    fitting = [one.flow for one in plans if kind in one.kinds] or [one.flow for one in plans]
    if not fitting:
        raise NoPlanAtAll("没有任何预案，不能下达指令。", hint="先启用带 plans/ 的场景包。")
    return fitting[0]


def _line(
    officer: identity.Officer,
    text: str,
    at: datetime,
    *,
    case: Case | None = None,
    corrects: ShiftLine | None = None,
) -> None:
    ShiftLine.objects.create(
        organ=officer.organ,
        at=at,
        by=officer.username,
        text=text.strip()[:1000],
        case=case,
        corrects=corrects,
    )
    journal.record("duty.logged", subject=officer.organ, actor=officer.username, at=at)


def _require_text(text: str, what: str) -> None:
    if not text.strip():
        raise Invalid(f"没有写{what}。", hint="写一句话。")
