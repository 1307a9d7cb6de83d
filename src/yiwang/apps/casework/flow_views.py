"""The flow of a case as it can be drawn: its steps, its ends, and where the case has been."""

from collections.abc import Mapping
from dataclasses import dataclass

from yiwang.apps.casework import flow, place
from yiwang.apps.casework.access import require_seeing
from yiwang.apps.casework.queries.cases import find_case, frozen_flow
from yiwang.apps.identity import public as identity
from yiwang.kernel.divisions import DivisionUnknown
from yiwang.kernel.limits import Limit
from yiwang.packkit.kinds.work import Flow, Step


@dataclass(frozen=True)
class StepView:
    """A step: its title, its limit in words, and the moves out of it."""

    id: str
    title: str
    limit: str
    who: str
    """Whose step it is: the role, and the party or the members."""
    moves: tuple[tuple[str, str], ...]
    """(title, step or end it leads to)"""


@dataclass(frozen=True)
class FlowView:
    """A flow with one case's place in it."""

    title: str
    limit: str
    steps: tuple[StepView, ...]
    ends: Mapping[str, str]
    now: str
    done: tuple[str, ...]

    @property
    def titles(self) -> dict[str, str]:
        """Of each step and end."""
        return {**{one.id: one.title for one in self.steps}, **self.ends}


def flow_of(number: str, *, actor: identity.Actor) -> FlowView:
    """The frozen flow of a case, for who may see the case."""
    row = find_case(number)
    require_seeing(actor, row)
    content = frozen_flow(row.flow)
    visited = row.tasks.exclude(left_at=None).values_list("step", flat=True)
    return FlowView(
        title=content.title,
        limit=Limit.parse(row.limit or content.limit).words,
        steps=tuple(
            StepView(
                id=step_id,
                title=step.title,
                limit=Limit.parse(step.limit).words if step.limit else "",
                who=_who(content, step),
                moves=tuple((flow.move_title(move), move.to) for move in step.moves),
            )
            for step_id, step in content.steps.items()
        ),
        ends=content.ends,
        now=row.step,
        done=tuple(dict.fromkeys(step for step in visited if step != row.step)),
    )


JOINS = {"all": "全部同意", "any": "一方同意"}


def _who(content: Flow, step: Step) -> str:
    if step.members:
        names = "、".join(one.title for one in step.members.values())
        return f"{names}会签（{JOINS.get(step.join, f'{step.join} 同意')}）"
    role = place.role_title(step.role)
    return f"{content.parties[step.organ]}{role}" if step.organ else role


def division_name(code: str) -> str:
    """The division as people say it, from the level below the place down: 众兴街道西康居委会."""
    try:
        way = place.divisions().path(code)
    except DivisionUnknown:
        return code
    below = [one.name for one in way if len(code) == 12 and not one.code.endswith("000000")]
    return "".join(below) or way[-1].name
