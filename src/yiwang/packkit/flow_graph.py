"""What is wrong with a flow: dead ends, steps nobody does, joins that never complete. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from yiwang.packkit.kinds.work import Flow, Step

PART = re.compile(r"([1-9]\d?)/([1-9]\d?)")


@dataclass(frozen=True)
class Fault:
    """One thing wrong: what, what to write instead, and the keys that lead to it."""

    what: str
    write: str
    keys: tuple[str | int, ...]


def faults(flow: Flow) -> list[Fault]:
    """Everything wrong with a flow by itself; references to other things are not looked at."""
    found = [*_names(flow), *(one for name in flow.steps for one in _step(flow, name))]
    if flow.start in flow.steps:
        found += _ways(flow)
    return found


def reached_from(flow: Flow, start: str) -> set[str]:
    """Every step and end that can be reached from a step, itself included."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        here = waiting.pop()
        if here not in reached:
            reached.add(here)
            waiting += [move.to for move in flow.steps[here].moves] if here in flow.steps else []
    return reached


def _names(flow: Flow) -> Iterator[Fault]:
    if not flow.ends:
        yield Fault("流程没有结果", "写 ends: {done: 已办结}", ("ends",))
    if flow.merged and flow.merged not in flow.ends:
        write = f"可用的有：{'、'.join(flow.ends)}"
        yield Fault(f"并入的结果“{flow.merged}”不存在", write, ("merged",))
    if flow.start not in flow.steps:
        write = f"可用的有：{'、'.join(flow.steps)}"
        yield Fault(f"起始环节“{flow.start}”不存在", write, ("start",))
    for name in flow.steps.keys() & flow.ends.keys():
        yield Fault(f"“{name}”既是环节又是结果", "改名", ("ends", name))
    used = {step.organ for step in flow.steps.values()} | {
        one.organ for step in flow.steps.values() for one in step.members.values()
    }
    used |= {one.extension.organ for one in flow.steps.values() if one.extension}
    for name in flow.parties.keys() - used:
        write = "在环节中写 organ，或删去"
        yield Fault(f"参与部门“{name}”没有环节用到", write, ("parties", name))
    paused = {name for step in flow.steps.values() for name in step.pauses}
    for name in flow.pauses.keys() - paused:
        yield Fault(f"挂起原因“{name}”没有环节用到", "在环节中写 pauses，或删去", ("pauses", name))


def _step(flow: Flow, name: str) -> Iterator[Fault]:
    step, at = flow.steps[name], ("steps", name)
    for organ, keys in (
        (step.organ, (*at, "organ")),
        *((one.organ, (*at, "members", id_, "organ")) for id_, one in step.members.items()),
        *(((one.organ, (*at, "extension", "organ")),) if (one := step.extension) else ()),
    ):
        if organ and organ not in flow.parties:
            write = f"写进流程的 parties，或改为：{'、'.join(flow.parties) or '（空）'}"
            yield Fault(f"没有参与部门“{organ}”", write, keys)
    if not step.moves:
        yield Fault(f"环节“{name}”没有出路", "写 moves", at)
    seen: set[tuple[str, str]] = set()
    for number, move in enumerate(step.moves):
        if (move.verb, move.to) in seen:
            write = "删去一个，或换一个 verb"
            yield Fault(f"操作“{move.verb}”到“{move.to}”写了两次", write, (*at, "moves", number))
        seen.add((move.verb, move.to))
        if move.to not in flow.steps and move.to not in flow.ends:
            write = f"可用的有：{'、'.join([*flow.steps, *flow.ends])}"
            yield Fault(f"没有环节或结果“{move.to}”", write, (*at, "moves", number, "to"))
    for pause in step.pauses:
        if pause not in flow.pauses:
            yield Fault(f"没有挂起原因“{pause}”", "写进流程的 pauses", (*at, "pauses"))
    if step.late and step.late not in {move.verb for move in step.moves}:
        yield Fault(f"逾期视为“{step.late}”，环节没有这个操作", "写 moves 中的一个", (*at, "late"))
    if step.instant:
        yield from _instant(step, at)
    if step.unattended and "escalate" not in step.may:
        yield Fault("无人领取时要上报，却不能上报", "在 may 中写 escalate", (*at, "unattended"))
    yield from _join(step, name)


def _instant(step: Step, at: tuple[str, str]) -> Iterator[Fault]:
    """What the platform does by itself stands on rules alone, and people have another way."""
    made = [move for move in step.moves if move.verb == step.instant]
    if step.members:
        yield Fault("会签的环节不能秒批", "删去 instant", (*at, "instant"))
    elif len(made) != 1 or not made[0].needs or not all("." in one for one in made[0].needs):
        write = "写一个同名操作，needs 只写规则，如 [pack.rule]"
        yield Fault(f"秒批“{step.instant}”不是只凭规则的操作", write, (*at, "instant"))
    elif all(set(made[0].needs) <= set(move.needs) for move in step.moves if move.to == made[0].to):
        write = f"再写一个到“{made[0].to}”的操作，由人核实后办理"
        yield Fault("规则不满足时没有人能办成", write, (*at, "instant"))


def _join(step: Step, name: str) -> Iterator[Fault]:
    """A join that can complete: members that differ, a part of them, an agreement that leads on."""
    at = ("steps", name)
    if not step.members:
        if step.join != "all" or step.hears_all:
            yield Fault(f"环节“{name}”没有 members，却写了会签规则", "写 members，或删去", at)
        return
    part = PART.fullmatch(step.join)
    if step.join not in ("all", "any") and not (part and int(part[1]) <= int(part[2])):
        write = "写 all、any 或不大于一的分数，如 2/3"
        yield Fault(f"会签规则“{step.join}”永远不能成立", write, (*at, "join"))
    posts = [(one.organ or step.organ, one.role or step.role) for one in step.members.values()]
    if len(set(posts)) < len(posts):
        write = "每名成员写不同的 organ 或 role"
        yield Fault(f"环节“{name}”有两名成员是同一个岗位", write, (*at, "members"))
    if step.moves and (
        step.moves[0].verb in ("pause", "withdraw", "return") or step.moves[0].to == name
    ):
        write = "把表示同意的操作写在第一个"
        yield Fault(f"环节“{name}”的会签同意之后没有去处", write, (*at, "moves", 0))


def _ways(flow: Flow) -> Iterator[Fault]:
    reached = reached_from(flow, flow.start) | {flow.merged}
    for name in flow.steps:
        if name not in reached:
            write = "从别的环节引一步过来，或删去"
            yield Fault(f"环节“{name}”走不到", write, ("steps", name))
        elif not reached_from(flow, name) & flow.ends.keys():
            yield Fault(f"环节“{name}”走不到任何结果", "补一步到结果", ("steps", name))
    for name in flow.ends:
        if name not in reached:
            yield Fault(f"结果“{name}”走不到", "补一步到它，或删去", ("ends", name))
