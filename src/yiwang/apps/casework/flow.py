"""The graph of a flow: where a case may stand and which moves lead out of there. Pure.

A case stands at a step, is paused there, or has ended. What moves and what it needs is read from
the flow that was frozen when the case began. Who has done what of a step is ``machine``'s.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

from yiwang.kernel.errors import Conflict, Invalid
from yiwang.packkit.flow_graph import faults
from yiwang.packkit.kinds.work import Flow, Move

HANDS_OVER = ("transfer", "dispatch")
"""The moves that may lead a case into another division."""

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

NAMES = {
    "reason": "理由",
    "clause": "依据条款",
    "photo": "照片",
    "reading_normal": "恢复正常的读数",
    "lat": "纬度",
    "lon": "经度",
    "table": "数据表",
    "tables": "数据表",
    "dataset": "数据集",
    "column": "字段",
    "columns": "字段",
    "to": "使用机构",
    "purpose": "用途",
    "grant": "授权",
    "run": "归集批次",
    "rejected": "隔离行数",
    "by_rule": "未通过的规则",
    "batch": "批次",
    "day": "日期",
}
"""What facts and evidence that the platform itself gives a case are called to people."""


def names_of(flow: Flow) -> dict[str, str]:
    """What the facts and evidence of a case are called to people."""
    return NAMES | flow.names


def is_rule(need: str) -> bool:
    """Whether what a move needs is a rule (``pack.rule``), which the platform judges."""
    return "." in need


def rules_of(flow: Flow, step: str, *, verb: str, to: str) -> tuple[str, ...]:
    """The rules before the moves of a verb out of a step."""
    found = flow.steps[step].moves if step in flow.steps else ()
    meant = [move for move in found if move.verb == verb and to in ("", move.to)]
    return tuple(dict.fromkeys(need for move in meant for need in move.needs if is_rule(need)))


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


def require_evidence(flow: Flow, title: str, missing: Collection[str], verb: str) -> None:
    """``EvidenceMissing`` unless nothing is missing."""
    if missing:
        called = names_of(flow)
        names = "、".join(called.get(name, name) for name in missing)
        raise EvidenceMissing(
            f"“{title}”还缺：{names}。",
            hint="补齐所列内容后再提交。",
            missing=list(missing),
            fields={name: f"请填写{called.get(name, name)}。" for name in missing},
            verb=verb,
        )


def not_open(flow: Flow, position: Position, verb: str, offered: Iterable[str]) -> MoveNotOpen:
    """The refusal of an act that is not offered where the case stands."""
    return MoveNotOpen(
        f"现在不能“{VERBS.get(verb, verb)}”：办件处于“{place_title(flow, position)}”，"
        f"可用操作：{'、'.join(offered) or '无'}。",
        hint="刷新页面，查看最新环节后再操作。",
        verb=verb,
        step=position.step,
    )


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
    return [f"{fault.what}。" for fault in faults(flow)]


def replace_target(move: Move, to: str) -> Move:
    """The kernel's own move, led to ``to``."""
    return Move(verb=move.verb, to=to, title=move.title, needs=move.needs)


VERBS: dict[str, str] = {
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
    "escalate": "上报上级",
    "extend": "申请延期",
    "merge": "并入",
    "grade": "调整等级",
    "link": "关联",
    "split": "拆出",
    "join": "并入信号",
    "call_back": "回访",
    "late_evidence": "离线佐证",
    "consult": "会商",
    "open": "立案",
    "sign": "加签",
    "delegate": "委派",
    "claim": "领取",
    "release": "放回",
    "recall": "撤回上一步",
}
"""What each verb is called."""
