"""Flows: every step is reached, has a role and a deadline, and leads to an end."""

from collections.abc import Mapping

from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.flow_graph import faults
from yiwang.packkit.kinds.work import Flow


def look(looking: Looking) -> None:
    """flows/."""
    for name, flow in looking.pack.flows.items():
        _flow(looking, f"flows/{name}.yaml", flow)


def _flow(looking: Looking, path: str, flow: Flow) -> None:
    looking.limit(flow.limit, "流程", path, "limit")
    if flow.legal_limit:
        looking.limit(flow.legal_limit, "法定", path, "legal_limit")
    _begun(looking, path, flow)
    for name, pause in flow.pauses.items():
        looking.limit(pause.most, f"挂起“{pause.title}”", path, "pauses", name, "most")
        looking.basis(pause.basis, path, "pauses", name, "basis")
    for name, step in flow.steps.items():
        at = (path, "steps", name)
        looking.ref(("roles",), step.role, *at, "role")
        for member, one in step.members.items():
            if one.role:
                looking.ref(("roles",), one.role, *at, "members", member, "role")
        for index, move in enumerate(step.moves):
            for need in (one for one in move.needs if "." in one):
                looking.ref(("rules",), need, *at, "moves", index, "needs")
        looking.limit(step.limit, f"环节“{name}”", *at, *(["limit"] if step.limit else []))
        if step.unattended:
            looking.limit(step.unattended, "无人领取", *at, "unattended")
        if step.extension:
            looking.ref(("roles",), step.extension.role, *at, "extension", "role")
            looking.limit(step.extension.most, "延期", *at, "extension", "most")
    for end, follow in flow.follows.items():
        at = (path, "follows", end)
        looking.choice(end, flow.ends, "结果", *at)
        looking.organ(follow.organ, *at, "organ")
        next_ = looking.ref(("flows",), follow.flow, *at, "flow")
        if next_ is not None and (next_.profile != "case" or next_.parties):
            looking.tell("后续流程不能有参与部门，也不能是事件流程", "换一个流程", *at, "flow")
    for fault in faults(flow):
        looking.tell(fault.what, fault.write, path, *fault.keys)


def _begun(looking: Looking, path: str, flow: Flow) -> None:
    if flow.begun_by:
        looking.ref(("roles",), flow.begun_by, path, "begun_by")
    if flow.about:
        looking.ref(("registers", "flows"), flow.about, path, "about")
    if flow.about and not flow.begun_by:
        looking.tell("写了 about，没有写由谁发起", "写 begun_by: 包.角色", path, "about")
    if flow.begun_by and flow.profile != "case":
        looking.tell("事件不由人发起办件", "从“上报”进来；删去 begun_by", path, "begun_by")


def parties(looking: Looking, flow: Flow, given: Mapping[str, str], path: str) -> None:
    """What opens cases of a flow names each of its parties, and each is an organ of the place."""
    for name in flow.parties.keys() - given.keys():
        looking.tell(
            f"没有写明流程的参与部门“{name}”（{flow.parties[name]}）是谁",
            f"写 parties: {{{name}: 机构编号}}",
            path,
            *(["parties"] if given else []),
        )
    for name, organ in given.items():
        if looking.choice(name, flow.parties, "参与部门", path, "parties", name):
            looking.organ(organ, path, "parties", name)
