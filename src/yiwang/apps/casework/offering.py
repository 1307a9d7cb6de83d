"""What may be done to a task, read off the flow and the state. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from yiwang.apps.casework import flow as graph
from yiwang.apps.casework.tasks import Act, Asked, State, Task, is_held
from yiwang.packkit.kinds.work import Flow, Move, Step


@dataclass(frozen=True)
class Offer:
    """Something that may be done to a task; ``asks`` is what the form must ask beside needs.

    ``found`` asks nobody: who does the act finds the post, by the flow or one tier up.
    """

    verb: str
    to: str
    title: str
    needs: tuple[str, ...] = ()
    asks: Literal["", "post", "division", "found"] = ""
    asked: Asked = ""
    pause: str = ""


REASON = ("reason",)


def offers(flow: Flow, state: State, task: Task | None) -> tuple[Offer, ...]:
    """Everything that may be done to a task now; with None, to the case by its own people."""
    if state.state != "open" or task is None:
        moves = tuple(_plain(move) for move in graph.moves(flow, state.position))
        merges = flow.merged and state.state == "open"
        return (*moves, Offer("merge", flow.merged, "并入另一事件", REASON)) if merges else moves
    if task.verb or is_held(task, state.tasks):
        return ()
    step = flow.steps[state.step]
    hand_on = tuple(_HANDED[one] for one in ("transfer", "escalate") if one in step.may)
    if task.asked:
        return (*_ANSWERS[task.asked], *hand_on)
    moves = tuple(_plain(move) for move in graph.moves(flow, state.position))
    asks = (*_asks(step), *_extension(step, state, task))
    return (*moves, *_returns(flow, state), *_pauses(flow, step), *asks, *hand_on)


def offered(flow: Flow, state: State, act: Act) -> Offer:
    """The one offer that an act takes up, or ``MoveNotOpen``."""
    task = state.task(act.task) if act.task and state.state == "open" else None
    open_now = offers(flow, state, task)
    for one in open_now:
        same = one.verb == act.verb and act.to in ("", one.to) and act.pause == one.pause
        names_post = one.asks in ("post", "found")
        if same and act.asked == one.asked and names_post == bool(act.post):
            return one
    raise graph.not_open(flow, state.position, act.verb, [one.title for one in open_now])


@lru_cache(maxsize=4096)
def _plain(move: Move) -> Offer:
    asks: Literal["", "division"] = "division" if move.verb in graph.HANDS_OVER else ""
    return Offer(move.verb, move.to, graph.move_title(move), move.needs, asks)


def _returns(flow: Flow, state: State) -> Iterable[Offer]:
    """驳回 to any step where the case has been, unless a move of the step itself leads there.

    Such a move asks for its own evidence and agreement, which a return would pass by when a case
    stands at the step for the second time.
    """
    step = flow.steps[state.step]
    written = {move.to for move in step.moves}
    earlier = dict.fromkeys(one for one in state.visited if one != state.step)
    if "return" in step.may:
        for one in earlier:
            if one not in written:
                yield Offer("return", one, f"驳回至“{flow.steps[one].title}”", REASON)


def _pauses(flow: Flow, step: Step) -> Iterable[Offer]:
    for name in step.pauses:
        yield Offer("pause", "", f"挂起：{flow.pauses[name].title}", REASON, pause=name)


def _asks(step: Step) -> Iterable[Offer]:
    if "sign" in step.may:
        yield Offer("sign", "", "加签：先请会签", REASON, "post", "before")
        yield Offer("sign", "", "加签：办后再会签", REASON, "post", "after")
    if "delegate" in step.may:
        yield Offer("delegate", "", "委派他人办理", REASON, "post", "delegate")
    if "assist" in step.may:
        yield Offer("assist", "", "请求协办", REASON, "post", "assist")


def _extension(step: Step, state: State, task: Task) -> Iterable[Offer]:
    """More time is asked for as often as the step says in one stay."""
    if step.extension is None:
        return
    asked = sum(one.asked == "extend" and one.asker == task.number for one in state.tasks)
    if asked < step.extension.times:
        title = f"申请延期 {step.extension.most}"
        yield Offer("extend", "", title, REASON, "found", "extend")


_HANDED = {
    "transfer": Offer("transfer", "", "转办", REASON, "post"),
    "escalate": Offer("escalate", "", "上报上级", REASON, "found"),
}
_SIGNED = (Offer("confirm", "", "同意"), Offer("deny", "", "不同意", REASON))
_ANSWERS: dict[Asked, tuple[Offer, ...]] = {
    "before": _SIGNED,
    "after": _SIGNED,
    "delegate": (Offer("confirm", "", "办好，交回", REASON),),
    "assist": (
        Offer("confirm", "", "协办完成", REASON),
        Offer("deny", "", "无法协办", REASON),
    ),
    "extend": (Offer("confirm", "", "同意延期"), Offer("deny", "", "不同意延期", REASON)),
}
