"""Posts that nobody names: who may add time, by the flow; the next tier up, by the place."""

from collections.abc import Mapping

from yiwang.apps.casework import flow, place
from yiwang.apps.casework.machine import Post, State, Task
from yiwang.apps.casework.models import RoleHolder
from yiwang.kernel.errors import Conflict
from yiwang.packkit.kinds.work import Flow


class NoTierAbove(Conflict):
    """No organ further up holds the task's role, so there is nobody to report to."""

    code = "casework.no_tier_above"


def found_post(content: Flow, before: State, verb: str, number: int) -> Post | None:
    """The post of an act that names none: of ``extend`` the flow's, of ``escalate`` one tier up."""
    step = content.steps.get(before.step)
    if verb not in ("extend", "escalate") or not number or step is None:
        return None
    task = before.task(number)
    if verb == "escalate":
        above = post_above(task, before.division) if "escalate" in step.may else None
        if "escalate" in step.may and above is None:
            raise NoTierAbove(
                "上面没有再负责这个岗位的部门，不能上报。",
                hint="请在本级处置，或转办给其他岗位。",
                role=task.post.role,
            )
        return above
    if step.extension is None:
        raise flow.not_open(content, before.position, verb, ())
    organ = before.organs[step.extension.organ or step.organ]
    return Post(step.extension.role, organ, before.division)


def post_above(task: Task, division: str) -> Post | None:
    """The post of the same role in the nearest organ above, over any number of tiers.

    Tiers are the division tree's; a task that belongs to whoever holds the role in the division
    goes to the nearest organ that has such a post; else the next one further up than its organ.
    """
    organs = place.organ_divisions()
    tiers = _tiers(organs, task.post.role)
    way = [one.code for one in reversed(place.divisions().path(division))]
    begin = organs.get(task.post.organ, "")
    stands = way.index(begin) + 1 if (task.post.organ in tiers and begin in way) else 0
    for code in way[stands:]:
        for organ, where in tiers.items():
            if where == code and organ != task.post.organ:
                return Post(task.post.role, organ, task.post.division)
    return None


def _tiers(organs: Mapping[str, str], role: str) -> dict[str, str]:
    holders = RoleHolder.objects.filter(role=role).order_by("organ").values_list("organ", flat=True)
    return {organ: organs[organ] for organ in holders if organ in organs}
