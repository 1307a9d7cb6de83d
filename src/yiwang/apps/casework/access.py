"""Who may see and who may move a case: the one gate of casework, standing on identity's rights.

An officer moves a case only with the role of the step at which it stands. The step belongs to the
case's own organ, to a party of the case, or to whom it was handed. Where a post of that organ
brings the role, only that organ's officers may; every organ concerned may look at the case. Where
none does (the village clerk of a benefit, the dispatcher of a river incident), the step belongs to
whoever holds the role over the case's division. So the same role in another organ, though
county-wide, opens nothing.

A person or firm reaches the cases that are about them or that they filed. Everybody else is a
stranger.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db.models import Exists, OuterRef, Q

from yiwang.apps.casework.at_hand import parties_of, tasks_of
from yiwang.apps.casework.models import Case, Party, RoleHolder, StepTask
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotAllowed

RIGHTS = {
    "case.see": "查看本部门、本辖区的办件",
    "case.handle": "办理分配给本岗位的办件",
    "case.open": "代申请人立案",
    "incident.see": "查看本部门、本辖区的事件",
    "incident.watch": "查看辖区内全部事件（指挥中心、分管领导）",
    "incident.report": "上报事件",
    "incident.call_back": "回访上报人",
    "incident.keys": "发放、停用外部系统的上报密钥",
    "grid.see": "查看网格、网格员和走访",
    "grid.manage": "导入网格、指派网格员",
    "field.work": "使用现场工作端：任务、上报、走访、离线同步",
    "command.see": "查看值班、预案、力量和会商",
    "command.duty": "排班、接班、记值班日志、会商和下达指令",
    "command.switch": "启动、终止应急预案",
    "command.call": "点名：呼叫值班岗位，催促、结束点名，给其他部门排值班",
    "command.answer": "值班时应答点名",
    "conduct.watch": "查看工作人员行为监察预警（黄牌、红牌）",
    "rating.watch": "查看全部部门的好差评",
}
"""What casework lets people do; roles in packs name these."""


_asked: ContextVar[dict[tuple[str, str], bool] | None] = ContextVar("asked", default=None)


class CaseNotYours(NotAllowed):
    """The actor is no party to the case and no officer in charge of it."""

    code = "casework.case_not_yours"


def is_own(actor: identity.Actor, row: Case) -> bool:
    """Whether the case is about the actor or was filed by them."""
    return isinstance(actor, identity.Applicant) and actor.subject in (row.applicant, row.subject)


def may_see(actor: identity.Actor, row: Case) -> bool:
    """Whether the actor may look: a party, an officer of its organ, or of a role it came to."""
    if isinstance(actor, identity.Applicant):
        return is_own(actor, row)
    if watches(actor, row):
        return True
    right = "incident.see" if row.profile == "incident" else "case.see"
    if not {right, "case.handle"} & actor.rights:
        return False
    # Read whole, since who acts on many has them at hand; a case has few of either.
    if actor.organ == row.organ:
        return True
    tasks = tasks_of(row)
    return (
        any(one.organ == actor.organ for one in parties_of(row))
        or any(one.organ == actor.organ for one in tasks)
        or any(_reaches(hand, one) for one in tasks for hand in hands(actor))
    )


def _reaches(officer: identity.Officer, task: StepTask) -> bool:
    """Whether a task of another organ came to the officer: ``_came_to`` for one row."""
    if not task.is_territorial or task.role not in officer.roles:
        return False
    return any(task.division.startswith(stem(one)) for one in officer.divisions)


def watches(officer: identity.Officer, row: Case) -> bool:
    """Whether the row is an incident within the divisions that the officer watches over."""
    if row.profile != "incident" or "incident.watch" not in officer.rights:
        return False
    return any(identity.is_within(row.division, cover) for cover in officer.divisions)


def require_seeing(actor: identity.Actor, row: Case) -> None:
    """``CaseNotYours`` unless the actor may look at the case."""
    if not may_see(actor, row):
        raise CaseNotYours(
            f"您无权查看 {row.number}。",
            hint="只有当事人和负责该部门、该辖区的工作人员可以查看。",
            number=row.number,
        )


def hands(officer: identity.Officer) -> tuple[identity.Officer, ...]:
    """In whose place an officer may do tasks: their own first, then of colleagues away."""
    return (officer, *officer.stands_for)


def may_handle(actor: identity.Actor, task: StepTask) -> bool:
    """Whether the actor, or a colleague away whom they stand for, holds the task's post."""
    if isinstance(actor, identity.Applicant):
        return False
    return any(_holds(one, task) for one in hands(actor))


def holder_of(officer: identity.Officer, task: StepTask) -> identity.Officer | None:
    """In whose place the officer may do the task now; None: a colleague has taken it."""
    able = (one for one in hands(officer) if _holds(one, task))
    return next((one for one in able if task.officer in ("", one.username)), None)


def _holds(actor: identity.Officer, task: StepTask) -> bool:
    """Whether an officer holds the task's role in its organ or, failing that, division."""
    if task.role not in actor.roles:
        return False
    if "case.handle" not in actor.rights:
        return False
    if actor.organ == task.organ:
        return True
    within = any(identity.is_within(task.division, cover) for cover in actor.divisions)
    return within and is_territorial(task.organ, task.role)


def is_territorial(organ: str, role: str) -> bool:
    """Whether no post of the organ brings the role, so that its holders in the division act."""
    known, asked = _asked.get(), (organ, role)
    if known is None or asked not in known:
        found = not RoleHolder.objects.filter(organ=organ, role=role).exists()
        if known is None:
            return found
        known[asked] = found
    return known[asked]


@contextmanager
def asking_once() -> Iterator[None]:
    """Within one transaction on many cases, who holds which role is asked once."""
    token = _asked.set({})
    try:
        yield
    finally:
        _asked.reset(token)


def require_handling(actor: identity.Actor, row: Case, task: StepTask) -> None:
    """``CaseNotYours`` unless the actor may do the task."""
    if not may_handle(actor, task):
        raise CaseNotYours(
            f"您不能办理 {row.number}：本环节由其他岗位负责，或不在您的部门和辖区内。",
            hint="请由持有该岗位角色的同事办理；岗位有误请联系本单位管理员。",
            number=row.number,
            role=task.role,
        )


def visible_to(officer: identity.Officer, right: str) -> Q:
    """The rows of ``Case`` that an officer may see with a right: ``may_see`` as a filter."""
    watched = Q(pk=None)
    if "incident.watch" in officer.rights:
        for division in officer.divisions:
            watched |= Q(profile="incident", division__startswith=stem(division))
    if not {right, "case.handle"} & officer.rights:
        return watched
    reached = Q(organ=officer.organ)
    for hand in hands(officer):
        reached |= _came_to(hand)
    came = StepTask.objects.filter(reached, case=OuterRef("pk"))
    joined = Party.objects.filter(organ=officer.organ, case=OuterRef("pk"))
    return Q(organ=officer.organ) | Exists(joined) | Exists(came) | watched


def stem(division: str) -> str:
    """What the codes of a division and of all below it begin with.

    ``321323001000`` → ``321323001``; a place with a code of its own form stays whole.
    """
    if len(division) != 12 or not division.isdigit():
        return division
    for length in (2, 4, 6, 9):
        if set(division[length:]) == {"0"}:
            return division[:length]
    return division


def _came_to(officer: identity.Officer) -> Q:
    """The tasks of other organs that came to the officer's role and division."""
    reached = Q(pk=None)
    for division in officer.divisions:
        reached |= Q(division__startswith=stem(division))
    return Q(is_territorial=True, role__in=officer.roles) & reached
