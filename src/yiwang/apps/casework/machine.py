"""The tasks of a case and what may be done to them: pure, knows no database and no person's name.

A case stands at one step. The step has one task, or one per member; a task may ask for further
ones (加签, 委派), which it waits for. When the tasks agree the step is left: the next one's tasks
are opened. ``State`` is all there is to know, ``Act`` is all that can happen, and the state is
always what the acts replay to.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

from yiwang.apps.casework.flow import MoveNotOpen, require_evidence
from yiwang.apps.casework.offering import REASON, Offer, offered, offers
from yiwang.apps.casework.tasks import Act, Asked, Post, State, Task
from yiwang.kernel.errors import Invalid
from yiwang.packkit.kinds.work import Flow, Step

__all__ = [
    "NOTES",
    "REASON",
    "Act",
    "Asked",
    "Offer",
    "Post",
    "PostMissing",
    "State",
    "Task",
    "apply",
    "begin",
    "may_recall",
    "needed_of",
    "offered",
    "offers",
    "recall",
    "replay",
]


class PostMissing(Invalid):
    """The act hands work to another post, and none, or the very same one, was named."""

    code = "casework.post_missing"


NOTES = frozenset(
    {"grade", "link", "split", "join", "call_back", "late_evidence", "consult", "recount"}
)
"""Lines of trail that change neither step nor task nor clock."""
UNRECALLED = NOTES | {"open", "recall", "claim", "release", "pause", "resume", "reopen", "merge"}
"""Acts that are not taken back: they can be answered by another act."""


def begin(flow: Flow, *, organs: Mapping[str, str], division: str) -> State:
    """The state of a new case."""
    return _enter(flow, State(flow.start, "open", organs, division), flow.start)


def apply(flow: Flow, state: State, act: Act) -> State:
    """The state after an act, or the refusal that says why it cannot be."""
    if act.verb in ("claim", "release"):
        taker = act.in_place_of or act.actor
        return _changed(state, _owned(state, act, taker if act.verb == "claim" else ""))
    offer = offered(flow, state, act)
    missing = [name for name in offer.needs if name not in act.evidence]
    require_evidence(flow, offer.title, missing, act.verb)
    match act.verb:
        case "sign" | "delegate":
            return _ask(state, act)
        case "assist" | "extend" if offer.asked:
            return _ask(state, act)
        case "transfer" | "escalate" if offer.asks in ("post", "found"):
            return _hand_on(state, act)
        case "pause":
            return replace(_moved_in_place(flow, state, offer.to), state="paused")
        case "resume":
            return replace(_moved_in_place(flow, state, offer.to), state="open")
        case "reopen":
            return _enter(flow, state, offer.to)
        case "withdraw" | "merge" if not act.task:
            return _enter(flow, state, offer.to)
    return _answer(flow, state, act, offer)


def recall(state: State, before: State) -> State:
    """The state after the last act is taken back: what stood ``before``, under fresh numbers.

    Tasks stand in the order of their numbers, as their rows do.
    """
    waiting = {one.number for one in state.tasks if not one.verb}
    gone = [one.number for one in before.tasks if not one.verb and one.number not in waiting]
    fresh = {number: state.count + place for place, number in enumerate(gone, 1)}
    again = (
        replace(
            one,
            number=fresh.get(one.number, one.number),
            asker=fresh.get(one.asker, one.asker),
        )
        for one in before.tasks
    )
    tasks = tuple(sorted(again, key=lambda one: one.number))
    return replace(before, tasks=tasks, count=state.count + len(gone), visited=state.visited)


def may_recall(state: State, last: Act | None, actor: str) -> bool:
    """Whether ``actor`` did the last act, and nobody has acted since, nor was the case ended."""
    if last is None or state.state != "open" or last.verb in UNRECALLED:
        return False
    return last.actor == actor


def replay(
    flow: Flow, acts: Iterable[Act], *, organs: Mapping[str, str], division: str
) -> tuple[State, ...]:
    """The states of a history, the first before any act."""
    states = [begin(flow, organs=organs, division=division)]
    for act in acts:
        if act.verb == "recall":
            states.append(recall(states[-1], states[-2]))
        elif act.verb not in NOTES:
            states.append(apply(flow, states[-1], act))
    return tuple(states)


def _owned(state: State, act: Act, officer: str) -> Task:
    task = state.task(act.task)
    if task.verb or state.state != "open" or (officer and task.post.officer not in ("", officer)):
        raise MoveNotOpen("这项任务已经结束或已有人领取。", hint="刷新页面查看最新状态。")
    return replace(task, post=replace(task.post, officer=officer))


def _changed(state: State, *changed: Task) -> State:
    by_number = {one.number: one for one in changed}
    return replace(state, tasks=tuple(by_number.get(one.number, one) for one in state.tasks))


def _exchanged(state: State, gone: Iterable[Task], added: Iterable[Task]) -> State:
    """Without the tasks that are over, with those that are new."""
    numbers, new = {one.number for one in gone}, tuple(added)
    kept = tuple(one for one in state.tasks if one.number not in numbers)
    return replace(state, tasks=(*kept, *new), count=state.count + len(new))


def _another_post(state: State, act: Act) -> Post:
    own = state.task(act.task).post
    if act.post is None or replace(act.post, officer="") == replace(own, officer=""):
        named = act.post.officer if act.post else ""
        if not named or named == own.officer:
            raise PostMissing("请选择另一个岗位或另一位工作人员。", hint="不能交给任务原来的岗位。")
    assert act.post is not None
    return act.post


def _ask(state: State, act: Act) -> State:
    post = _another_post(state, act)
    asked = Task(state.count + 1, post, asked=act.asked, asker=act.task)
    return _exchanged(state, (), (asked,))


def _hand_on(state: State, act: Act) -> State:
    """The task ends and a new one of another post stands in its place, with what it asked for."""
    task, number = state.task(act.task), state.count + 1
    asked = [
        replace(one, asker=number) for one in state.tasks if one.asker == act.task and not one.verb
    ]
    new = replace(task, number=number, post=_another_post(state, act))
    return _exchanged(_changed(state, *asked), (task,), (new,))


def _moved_in_place(flow: Flow, state: State, to: str) -> State:
    return state if to in ("", state.step) else _enter(flow, state, to)


def _enter(flow: Flow, state: State, to: str) -> State:
    """At a step with its tasks opened, or at an end, where nothing waits."""
    if to in flow.ends:
        return replace(state, step=to, state="ended", tasks=(), last_step=state.step)
    step = flow.steps[to]
    posts = {
        name: Post(one.role or step.role, state.organs[one.organ or step.organ], state.division)
        for name, one in step.members.items()
    } or {"": Post(step.role, state.organs[step.organ], state.division)}
    tasks = tuple(
        Task(state.count + place, post, member=name)
        for place, (name, post) in enumerate(posts.items(), 1)
    )
    visited = state.visited if to in state.visited else (*state.visited, to)
    return replace(
        state,
        step=to,
        state="open",
        tasks=tasks,
        count=state.count + len(tasks),
        visited=visited,
        last_step="",
    )


def _answer(flow: Flow, state: State, act: Act, offer: Offer) -> State:
    if act.division:
        state = replace(state, division=act.division)
    task = state.task(act.task)
    answered = _changed(state, replace(task, verb=offer.verb, to=offer.to))
    if task.asked == "after" and offer.verb == "deny":
        return _reopened(answered, state.task(task.asker))
    to = _decided(flow, answered)
    return _enter(flow, answered, to) if to else answered


def _reopened(state: State, asker: Task) -> State:
    """A signature after the act was refused: the asker decides anew, and all sign anew."""
    number = state.count + 1
    asked = [one for one in state.tasks if one.asker == asker.number and one.asked == "after"]
    again = replace(asker, number=number, verb="", to="")
    anew = [
        replace(one, number=number + place, asker=number, verb="", to="")
        for place, one in enumerate(asked, 1)
    ]
    return _exchanged(state, (asker, *asked), (again, *anew))


def _decided(flow: Flow, state: State) -> str:
    """Where the tasks lead; empty while they have not agreed."""
    step = flow.steps[state.step]
    own = [one for one in state.tasks if not one.asked]
    done = [one for one in own if one.verb and not _awaits(one, state.tasks)]
    if not step.members:
        return done[0].to if done else ""
    if step.hears_all and len(done) < len(own):
        return ""
    agreement = step.moves[0]
    agreed = sum((one.verb, one.to) == (agreement.verb, agreement.to) for one in done)
    needed = needed_of(step)
    if agreed >= needed:
        return agreement.to
    if len(own) - (len(done) - agreed) >= needed:
        return ""
    votes: dict[str, int] = {}
    for one in done:
        if (one.verb, one.to) != (agreement.verb, agreement.to):
            votes[one.to] = votes.get(one.to, 0) + 1
    order = [*(move.to for move in step.moves), *votes]
    return max(votes, key=lambda to: (votes[to], -order.index(to)))


def _awaits(task: Task, tasks: Iterable[Task]) -> bool:
    """Whether a signature that must follow the answer is still open."""
    return any(one.asker == task.number and one.asked == "after" and not one.verb for one in tasks)


def needed_of(step: Step) -> int:
    """How many members must make the agreement."""
    if step.join == "any":
        return 1
    if step.join == "all":
        return len(step.members)
    part, whole = step.join.split("/")
    return math.ceil(len(step.members) * int(part) / int(whole))
