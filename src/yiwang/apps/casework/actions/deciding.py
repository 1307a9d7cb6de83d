"""What an act comes to: whether the actor may, on which task, and the state after it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from yiwang.apps.casework import flow, machine, place, states
from yiwang.apps.casework.access import (
    holder_of,
    is_own,
    is_territorial,
    may_handle,
    require_handling,
)
from yiwang.apps.casework.actions.finding import found_post
from yiwang.apps.casework.actions.opening import named
from yiwang.apps.casework.at_hand import tasks_of, trail_of
from yiwang.apps.casework.clock import Mark
from yiwang.apps.casework.machine import Act, Asked, Post, State
from yiwang.apps.casework.models import Case, StepTask, TrailEntry
from yiwang.apps.casework.queries.cases import frozen_flow
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed
from yiwang.packkit.kinds.work import Flow


class TaskTaken(Conflict):
    """A colleague took the task."""

    code = "casework.task_taken"


class PostUnknown(Invalid):
    """No post of the organ brings the role, or the chosen officer does not hold it."""

    code = "casework.post_unknown"


class ActBeforeLast(Invalid):
    """The act is dated before the last one of the same case."""

    code = "casework.act_before_last"


class OwnConduct(NotAllowed):
    """An officer whom a case is about has no hand in it (回避)."""

    code = "casework.own_conduct"


class DivisionNotMoved(Invalid):
    """Only handing over and dispatching lead a case into another division."""

    code = "casework.division_not_moved"


ASKED: dict[str, Asked] = {"delegate": "delegate", "assist": "assist", "extend": "extend"}
"""Verbs that ask for a task of one sort only."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody wants done, before it is known whether it may be; as ``Which``."""

    verb: str
    to: str = ""
    task: int = 0
    post: Post | None = None
    asked: Asked = ""
    pause: str = ""
    division: str = ""


def decided(
    row: Case,
    wanted: Wanted,
    *,
    actor: identity.Actor | str,
    names: frozenset[str],
    at: datetime,
) -> tuple[states.Step, str]:
    """What the act comes to, and what the trail calls it; nothing is written yet."""
    content, trail = frozen_flow(row.flow), trail_of(row)
    require_later(row, trail, at)
    before = states.state_of(row, content, trail)
    act, title = _act(row, content, before, wanted, actor=actor, names=names, at=at)
    after = _after(row, content, before, act, trail)
    _place(row, after, at)
    marks = [*states.marks_of(trail), Mark(at, act.verb, after.step, act.pause, act.extension)]
    reading = states.read_clocks(row, content, marks)
    if after.state != "ended":
        row.due_at, row.legal_due_at = reading.due_at, reading.legal_due_at
        row.provisional = reading.provisional
    return states.Step(row, content, before, act, after, reading, at), title


def _act(
    row: Case,
    content: Flow,
    before: State,
    wanted: Wanted,
    *,
    actor: identity.Actor | str,
    names: frozenset[str],
    at: datetime,
) -> tuple[Act, str]:
    """What is wanted as the trail will keep and call it, once it is clear that the actor may."""
    task = _task(row, content, before, wanted, actor)
    post = found_post(content, before, wanted.verb, task) or _post(before, wanted.post, at)
    if wanted.division:
        _require_handing_over(wanted)
    act = Act(
        verb=wanted.verb,
        task=task,
        to=wanted.to,
        actor=named(actor)[0],
        evidence=names,
        post=post,
        asked=ASKED.get(wanted.verb, wanted.asked) if post else wanted.asked,
        pause=wanted.pause,
        division=place.divisions().get(wanted.division).code if wanted.division else "",
        extension=_extension(content, before, wanted.verb, task),
        in_place_of=_in_place_of(row, task, actor),
    )
    if wanted.verb in ("claim", "release", "recall"):
        return act, flow.VERBS[wanted.verb]
    offer = machine.offered(content, before, act)
    return replace(act, to=offer.to), offer.title


def _in_place_of(row: Case, task: int, actor: identity.Actor | str) -> str:
    """The colleague away in whose place an officer acts."""
    if not task or not isinstance(actor, identity.Officer) or not actor.stands_for:
        return ""
    holder = holder_of(actor, next(one for one in tasks_of(row) if one.number == task))
    return holder.username if holder and holder is not actor else ""


def _extension(content: Flow, before: State, verb: str, task: int) -> str:
    """The time that agreeing to more of it adds."""
    step = content.steps.get(before.step)
    if verb != "confirm" or not task or step is None or step.extension is None:
        return ""
    return step.extension.most if before.task(task).asked == "extend" else ""


def _after(row: Case, content: Flow, before: State, act: Act, trail: Sequence[TrailEntry]) -> State:
    """The state after the act."""
    if act.verb == "recall":
        return _recalled(row, content, before, act, trail)
    return machine.apply(content, before, act)


def _recalled(
    row: Case, content: Flow, before: State, act: Act, trail: Sequence[TrailEntry]
) -> State:
    flow.require_evidence(
        content, "撤回上一步", [n for n in machine.REASON if n not in act.evidence], "recall"
    )
    known = states.history(row, content, trail)
    last = states.act_of(trail[-1]) if len(trail) > 1 else None
    if not machine.may_recall(before, last, act.actor) or known[-1] != before:
        raise flow.MoveNotOpen(
            f"{row.number} 不能撤回：上一步不是您办理的，或其后已有人办理。",
            hint="需要改变结果时，请联系现在的承办人退回。",
            number=row.number,
        )
    return machine.recall(before, known[-2])


def _task(
    row: Case, content: Flow, before: State, wanted: Wanted, actor: identity.Actor | str
) -> int:
    """The task that the actor may do this to; 0 for what is done to the case as a whole."""
    if isinstance(actor, identity.Officer) and row.subject == actor.username:
        raise OwnConduct(
            f"{row.number} 与您本人有关，您应当回避。",
            hint="请由同岗位的其他同事办理。",
            number=row.number,
        )
    if wanted.verb == "withdraw" and not isinstance(actor, str) and is_own(actor, row):
        return 0
    if wanted.verb == "recall":
        return 0
    if wanted.verb == "merge":
        if not isinstance(actor, str):
            require_handling(actor, row, states.last_task(row))
        return 0
    if before.state == "ended":
        if not isinstance(actor, str):
            require_handling(actor, row, states.last_task(row))
        return 0
    rows = [one for one in tasks_of(row) if one.left_at is None]
    rows.sort(key=lambda one: one.number)
    if wanted.task:
        rows = [one for one in rows if one.number == wanted.task]
    if not isinstance(actor, str):
        rows = _own(actor, row, rows, wanted)
    waiting = {one.number for one in before.waiting}
    ready = [one.number for one in rows if one.number in waiting]
    fitting = [n for n in ready if _offers(content, before, n, wanted.verb)]
    numbers = fitting or ready or [one.number for one in rows]
    if not numbers:
        raise flow.MoveNotOpen("这项任务已经结束。", hint="刷新页面查看最新状态。")
    return numbers[0]


def _own(actor: identity.Actor, row: Case, rows: list[StepTask], wanted: Wanted) -> list[StepTask]:
    mine = [one for one in rows if may_handle(actor, one)]
    if not mine:
        require_handling(actor, row, rows[0] if rows else states.last_task(row))
        raise flow.MoveNotOpen("这项任务已经结束。", hint="刷新页面查看最新状态。")
    free = [one for one in mine if isinstance(actor, identity.Officer) and holder_of(actor, one)]
    if not free:
        raise TaskTaken(
            f"{row.number} 的这一环节已由 {mine[0].officer} 领取。",
            hint="请与领取人联系，由其办理或放回。",
            number=row.number,
            officer=mine[0].officer,
        )
    return free


def _offers(content: Flow, state: State, number: int, verb: str) -> bool:
    if verb in ("claim", "release"):
        return True
    return any(one.verb == verb for one in machine.offers(content, state, state.task(number)))


def _post(before: State, wanted: Post | None, at: datetime) -> Post | None:
    """The post named, once somebody is there who can do the work."""
    if wanted is None:
        return None
    division = place.divisions().get(wanted.division).code if wanted.division else before.division
    organ = wanted.organ or before.organs[""]
    if not place.has_organ(organ):
        raise PostUnknown(f"没有机构 {organ}。", hint="请从列表中选择。", organ=organ)
    if is_territorial(organ, wanted.role) and not wanted.division:
        raise PostUnknown(
            "这个部门没有岗位担任该角色。", hint="请选择有这个岗位的部门。", organ=organ
        )
    if wanted.officer:
        chosen = identity.officer(wanted.officer, at=at)
        if chosen.organ != organ or wanted.role not in chosen.roles:
            raise PostUnknown(
                "所选工作人员不在这个岗位上。", hint="请选择本岗位的人员。", organ=organ
            )
    return Post(wanted.role, organ, division, wanted.officer)


def _require_handing_over(wanted: Wanted) -> None:
    if wanted.verb not in flow.HANDS_OVER:
        raise DivisionNotMoved(
            f"“{flow.VERBS.get(wanted.verb, wanted.verb)}”不能变更办理辖区。",
            hint="请使用转办或派遣。",
            verb=wanted.verb,
        )


def require_later(row: Case, trail: Sequence[TrailEntry], at: datetime) -> None:
    """``ActBeforeLast`` if ``at`` lies before the last line of the trail."""
    if at < trail[-1].at:
        raise ActBeforeLast(
            f"{row.number} 的这次办理早于上一次办理的时间，不能补记。",
            hint="请检查服务器时钟。",
            number=row.number,
        )


def _place(row: Case, state: State, at: datetime) -> None:
    row.step, row.state, row.last_step = state.step, state.state, state.last_step
    row.division = state.division
    row.ended_at = at if state.state == "ended" else None
    row.version += 1
