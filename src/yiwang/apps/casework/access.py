"""Who may see and who may move a case: the one gate of casework, standing on identity's rights.

An officer moves a case only with the role of the step at which it stands. Where a post of the
case's own organ brings that role, only that organ's officers may; where none does (the village
clerk of a benefit, the dispatcher of a river incident), the step belongs to whoever holds the role
over the case's division. So the same role in another organ, though county-wide, opens nothing.

A person or firm reaches the cases that are about them or that they filed. Everybody else is a
stranger.
"""

from django.db.models import Exists, OuterRef, Q

from yiwang.apps.casework.models import Case, RoleHolder, StepTask
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotAllowed

RIGHTS = {
    "case.see": "查看本部门、本辖区的办件",
    "case.handle": "办理分配给本岗位的办件",
    "case.open": "代申请人立案",
    "incident.see": "查看本部门、本辖区的事件",
    "incident.watch": "查看辖区内全部事件（指挥中心、分管领导）",
    "incident.report": "上报事件",
}
"""What casework lets people do; roles in packs name these."""


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
    return actor.organ == row.organ or row.tasks.filter(_came_to(actor)).exists()


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


def may_handle(actor: identity.Actor, row: Case, role: str) -> bool:
    """Whether the actor holds the step's role in the case's organ or, failing that, division."""
    if isinstance(actor, identity.Applicant) or role not in actor.roles:
        return False
    if "case.handle" not in actor.rights:
        return False
    if actor.organ == row.organ:
        return True
    within = any(identity.is_within(row.division, cover) for cover in actor.divisions)
    return within and is_territorial(row.organ, role)


def is_territorial(organ: str, role: str) -> bool:
    """Whether no post of the organ brings the role, so that its holders in the division act."""
    return not RoleHolder.objects.filter(organ=organ, role=role).exists()


def require_handling(actor: identity.Actor, row: Case, role: str) -> None:
    """``CaseNotYours`` unless the actor may move the case out of its step."""
    if not may_handle(actor, row, role):
        raise CaseNotYours(
            f"您不能办理 {row.number}：本环节由其他岗位负责，或不在您的部门和辖区内。",
            hint="请由持有该岗位角色的同事办理；岗位有误请联系本单位管理员。",
            number=row.number,
            role=role,
        )


def waiting_for(officer: identity.Officer) -> Q:
    """The rows of ``StepTask`` that wait for an officer: ``may_handle`` as a filter."""
    if "case.handle" not in officer.rights:
        return Q(pk=None)
    own = Q(organ=officer.organ, role__in=officer.roles)
    return Q(left_at=None) & (own | _came_to(officer))


def visible_to(officer: identity.Officer, right: str) -> Q:
    """The rows of ``Case`` that an officer may see with a right: ``may_see`` as a filter."""
    watched = Q(pk=None)
    if "incident.watch" in officer.rights:
        for division in officer.divisions:
            watched |= Q(profile="incident", division__startswith=stem(division))
    if not {right, "case.handle"} & officer.rights:
        return watched
    came = StepTask.objects.filter(_came_to(officer), case=OuterRef("pk"))
    return Q(organ=officer.organ) | Exists(came) | watched


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
