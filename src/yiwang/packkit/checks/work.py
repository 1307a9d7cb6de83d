"""Flows and incidents: every step is reached, has a role and a deadline, and leads to an end."""

from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.kinds.work import Flow, Incident


def look(looking: Looking) -> None:
    """flows/ and incidents/."""
    for name, flow in looking.pack.flows.items():
        _flow(looking, f"flows/{name}.yaml", flow)
    for name, incident in looking.pack.incidents.items():
        _incident(looking, f"incidents/{name}.yaml", incident)


def _flow(looking: Looking, path: str, flow: Flow) -> None:
    looking.limit(flow.limit, "流程", path, "limit")
    places = [*flow.steps, *flow.ends]
    if not flow.ends:
        looking.tell("流程没有结果", "写 ends: {done: 已办结}", path, "ends")
    for name in flow.steps.keys() & flow.ends.keys():
        looking.tell(f"“{name}”既是环节又是结果", "改名", path, "ends", name)
    if not looking.choice(flow.start, flow.steps, "环节", path, "start"):
        return
    for name, step in flow.steps.items():
        at = (path, "steps", name)
        looking.ref(("roles",), step.role, *at, "role")
        looking.limit(step.limit, f"环节“{name}”", *at, *(["limit"] if step.limit else []))
        if not step.moves:
            looking.tell(f"环节“{name}”没有出路", "写 moves", *at)
        for number, move in enumerate(step.moves):
            looking.choice(move.to, places, "环节或结果", *at, "moves", number, "to")
    reached = reached_from(flow, flow.start)
    for name in flow.steps:
        if name not in reached:
            looking.tell(f"环节“{name}”走不到", "从别的环节引一步过来，或删去", path, "steps", name)
        elif not reached_from(flow, name) & flow.ends.keys():
            looking.tell(f"环节“{name}”走不到任何结果", "补一步到结果", path, "steps", name)
    for name in flow.ends:
        if name not in reached:
            looking.tell(f"结果“{name}”走不到", "补一步到它，或删去", path, "ends", name)


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


def _incident(looking: Looking, path: str, incident: Incident) -> None:
    looking.organ(incident.organ, path, "organ")
    looking.limit(incident.merge_within, "合并", path, "merge_within")
    if incident.basis:
        looking.basis(incident.basis, path, "basis")
    if incident.merge_metres < 0:
        looking.tell("合并距离不能为负", "写 0 或更大", path, "merge_metres")
    flow = looking.ref(("flows",), incident.flow, path, "flow")
    if flow is not None and flow.profile != "incident":
        looking.tell(
            f"流程“{incident.flow}”不是事件流程", "在流程中写 profile: incident", path, "flow"
        )
