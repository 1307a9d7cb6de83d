"""Incidents, rounds and plans: whom they reach exists, and what they change is there."""

from yiwang.kernel.cycles import CycleUnreadable, read_cycle
from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.checks.work import parties
from yiwang.packkit.kinds.incidents import Incident, Level, Plan, Round

ROUTING = ("duty", "division", "organ")
RESOURCE = ("id", "name", "kind", "lon", "lat", "contact")


def look(looking: Looking) -> None:
    """incidents/, rounds/ and plans/."""
    for name, incident in looking.pack.incidents.items():
        _incident(looking, f"incidents/{name}.yaml", incident)
    for name, round_ in looking.pack.rounds.items():
        _round(looking, f"rounds/{name}.yaml", round_)
    for name, plan in looking.pack.plans.items():
        _plan(looking, f"plans/{name}.yaml", plan)


def _incident(looking: Looking, path: str, incident: Incident) -> None:
    looking.organ(incident.organ, path, "organ")
    looking.limit(incident.merge_within, "合并", path, "merge_within")
    if incident.gather_within:
        looking.limit(incident.gather_within, "合并多处", path, "gather_within")
    if bool(incident.gather_from) != bool(incident.gather_within) or incident.gather_from in (1, 2):
        what = "合并多处要写满几处、多长时间以内，至少 3 处"
        looking.tell(what, "如 gather_from: 10 和 gather_within: 15m", path, "gather_from")
    if incident.limit:
        looking.limit(incident.limit, "事件", path, "limit")
    if incident.basis:
        looking.basis(incident.basis, path, "basis")
    if incident.merge_metres < 0:
        looking.tell("合并距离不能为负", "写 0 或更大", path, "merge_metres")
    _routing(looking, path, incident)
    flow = looking.ref(("flows",), incident.flow, path, "flow")
    if flow is not None:
        parties(looking, flow, incident.parties, path)
        for name in incident.duties:
            looking.choice(name, flow.parties, "参与部门", path, "duties", name)
    if flow is not None and flow.profile != "incident":
        looking.tell(
            f"流程“{incident.flow}”不是事件流程", "在流程中写 profile: incident", path, "flow"
        )


def _routing(looking: Looking, path: str, incident: Incident) -> None:
    if (incident.duty or incident.duties) and not incident.routing:
        looking.tell("写了职责，没有写职责登记册", "写 routing: 包.登记册", path, "duty")
    if incident.routing:
        _columns(looking, incident.routing, ROUTING, path, "routing")


def _round(looking: Looking, path: str, round_: Round) -> None:
    looking.organ(round_.organ, path, "organ")
    try:
        read_cycle(round_.cycle)
    except CycleUnreadable as error:
        looking.refused(error, path, "cycle")
    if round_.basis:
        looking.basis(round_.basis, path, "basis")
    said = ("division", round_.label, round_.subject)
    _columns(looking, round_.register, tuple(filter(None, said)), path, "register")
    flow = looking.ref(("flows",), round_.flow, path, "flow")
    if flow is not None and (flow.profile != "case" or flow.parties):
        looking.tell(
            f"流程“{round_.flow}”不能用于巡查", "用 profile: case、没有参与部门的流程", path, "flow"
        )


def _plan(looking: Looking, path: str, plan: Plan) -> None:
    looking.organ(plan.organ, path, "organ")
    looking.ref(("flows",), plan.flow, path, "flow")
    if plan.basis:
        looking.basis(plan.basis, path, "basis")
    for kind in plan.kinds:
        looking.ref(("incidents",), kind, path, "kinds")
    for register in plan.resources:
        _columns(looking, register, RESOURCE, path, "resources")
    if not plan.levels:
        looking.tell("预案没有级别", "写 levels", path, "levels")
    for name, level in plan.levels.items():
        _level(looking, path, name, level)


def _level(looking: Looking, path: str, name: str, level: Level) -> None:
    at = (path, "levels", name)
    for role, lent in level.roles.items():
        looking.ref(("roles",), role, *at, "roles", role)
        for one in lent:
            looking.ref(("roles",), one, *at, "roles", role)
    for step, limit in level.limits.items():
        looking.limit(limit, f"环节“{step}”", *at, "limits", step)
        ref, _, id_ = step.rpartition(".")
        flow = looking.ref(("flows",), ref, *at, "limits", step)
        if flow is not None:
            looking.choice(id_, flow.steps, "环节", *at, "limits", step)
            if flow.profile != "incident":
                looking.tell(f"预案不能改变办件“{ref}”的时限", "只写事件流程", *at, "limits", step)
    for organ in level.tasks:
        looking.organ(organ, *at, "tasks", organ)
    if level.screen:
        looking.ref(("screens",), level.screen, *at, "screen")


def _columns(
    looking: Looking, ref: str, columns: tuple[str, ...], path: str, *keys: str | int
) -> None:
    register = looking.ref(("registers",), ref, path, *keys)
    for column in columns if register else ():
        looking.choice(column, register.columns, "列", path, *keys)
