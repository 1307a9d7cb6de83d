"""The state machine of a case over its frozen flow: pure, knows no database and no person.

A case stands at a step, is paused there, or has ended. A move leads out of a step; what may
move, and what it needs, is read from the flow that was frozen when the case began.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Literal

from yiwang.kernel.errors import Conflict, Invalid
from yiwang.packkit.kinds.work import Flow, Move, Verb

State = Literal["open", "paused", "ended"]


@dataclass(frozen=True)
class Position:
    """Where a case stands: a step's id, or an end's when ``state`` is ``ended``."""

    step: str
    state: State = "open"
    last_step: str = ""
    """The step from which an end was reached; reopening leads back to it."""


class MoveNotOpen(Conflict):
    """The case is not at a step out of which this move leads."""

    code = "casework.move_not_open"


class EvidenceMissing(Invalid):
    """The move needs evidence that was not handed in."""

    code = "casework.evidence_missing"


class FlowBroken(Invalid):
    """The flow has a dead end, an unknown step or a step without a deadline."""

    code = "casework.flow_broken"


RESUME = Move(verb="resume", to="", title="恢复办理")
REOPEN = Move(verb="reopen", to="", title="重新打开", needs=("reason",))

EVIDENCE = {"reason": "理由", "photo": "照片", "reading_normal": "恢复正常的读数"}
"""What the kernel's own evidence names are called in a sentence."""


def begin(flow: Flow) -> Position:
    """The position of a new case."""
    return Position(flow.start)


def moves(flow: Flow, position: Position) -> tuple[Move, ...]:
    """The moves out of a position.

    A paused case can only be resumed; an ended incident can be reopened at the step that closed
    it; an ended case of the profile ``case`` stays ended, because somebody's right was decided.
    """
    if position.state == "paused":
        declared = [m for m in flow.steps[position.step].moves if m.verb == "resume"]
        return tuple(declared) or (replace_target(RESUME, position.step),)
    if position.state == "ended":
        if flow.profile == "incident" and position.last_step:
            return (replace_target(REOPEN, position.last_step),)
        return ()
    return tuple(m for m in flow.steps[position.step].moves if m.verb != "resume")


def advance(
    flow: Flow, position: Position, verb: Verb, *, evidence: Collection[str] = (), to: str = ""
) -> Position:
    """The position after a move; ``to`` chooses where several moves share the verb.

    ``evidence`` holds the names of what was handed in, ``reason`` among them.
    """
    move = chosen_move(flow, position, verb, to=to)
    missing = [name for name in move.needs if name not in evidence]
    if missing:
        names = "、".join(EVIDENCE.get(name, name) for name in missing)
        raise EvidenceMissing(
            f"“{move_title(move)}”还缺：{names}。",
            hint="补齐所列内容后再提交。",
            missing=missing,
            verb=verb,
        )
    if verb == "pause":
        return replace(position, step=move.to, state="paused")
    if move.to in flow.ends:
        return Position(move.to, "ended", last_step=position.step)
    return Position(move.to)


def chosen_move(flow: Flow, position: Position, verb: Verb, *, to: str = "") -> Move:
    """The one move that ``verb`` (and ``to``) names, or ``MoveNotOpen``."""
    open_moves = moves(flow, position)
    fitting = [m for m in open_moves if m.verb == verb and to in ("", m.to)]
    if not fitting:
        offered = "、".join(move_title(m) for m in open_moves) or "无"
        raise MoveNotOpen(
            f"现在不能“{VERBS.get(verb, verb)}”：办件处于“{place_title(flow, position)}”，"
            f"可用操作：{offered}。",
            hint="刷新页面，查看最新环节后再操作。",
            verb=verb,
            step=position.step,
        )
    return fitting[0]


def replay(flow: Flow, acts: Iterable[tuple[Verb, str, Collection[str]]]) -> Position:
    """The position after ``acts`` (verb, target, evidence names) from the beginning."""
    position = begin(flow)
    for verb, to, evidence in acts:
        position = advance(flow, position, verb, evidence=evidence, to=to)
    return position


def role_of(flow: Flow, position: Position) -> str:
    """The role that may move; of an ended case, the role that ended it."""
    step = position.last_step if position.state == "ended" else position.step
    return flow.steps[step].role if step in flow.steps else ""


def place_title(flow: Flow, position: Position) -> str:
    """What people call the position."""
    if position.state == "ended":
        return flow.ends[position.step]
    title = flow.steps[position.step].title
    return f"{title}（已挂起）" if position.state == "paused" else title


def move_title(move: Move) -> str:
    """What the button says."""
    return move.title or VERBS[move.verb]


def check(flow: Flow) -> list[str]:
    """What is wrong with a flow, in Chinese sentences; empty when it can be installed."""
    if flow.start not in flow.steps:
        return [f"起始环节 {flow.start} 不存在。"]
    found = [
        f"环节 {step_id} 的操作 {move.verb} 指向不存在的 {move.to}。"
        for step_id, step in flow.steps.items()
        for move in step.moves
        if move.to not in flow.steps and move.to not in flow.ends
    ]
    found += [f"{step_id} 既是环节又是结果。" for step_id in flow.steps if step_id in flow.ends]
    if found:
        return found
    reached = _reached(flow, flow.start)
    found += [f"环节 {step_id} 无法到达。" for step_id in flow.steps if step_id not in reached]
    found += [
        f"环节 {step_id} 走不到任何结果。"
        for step_id in flow.steps
        if not _reached(flow, step_id) & set(flow.ends)
    ]
    return found


def _reached(flow: Flow, start: str) -> set[str]:
    reached, waiting = set[str](), [start]
    while waiting:
        here = waiting.pop()
        if here in reached:
            continue
        reached.add(here)
        if here in flow.steps:
            waiting += [move.to for move in flow.steps[here].moves]
    return reached


def replace_target(move: Move, to: str) -> Move:
    """The kernel's own move, led to ``to``."""
    return Move(verb=move.verb, to=to, title=move.title, needs=move.needs)


VERBS: dict[Verb, str] = {
    "submit": "提交",
    "accept": "受理",
    "approve": "同意",
    "refuse": "不予通过",
    "return": "退回",
    "confirm": "确认",
    "deny": "否认",
    "dispatch": "派遣",
    "handle": "处置",
    "check": "核查",
    "close": "结案",
    "reopen": "重新打开",
    "rate": "评价",
    "withdraw": "撤回",
    "pause": "挂起",
    "resume": "恢复办理",
    "transfer": "转办",
    "assist": "协办",
}
"""What each verb is called."""
