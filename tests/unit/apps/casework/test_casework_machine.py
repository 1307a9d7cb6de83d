"""The machine of a case: each verb by example, and invariants over generated histories."""

from dataclasses import replace

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from yiwang.apps.casework import flow as graph
from yiwang.apps.casework import machine
from yiwang.apps.casework.machine import Act, Post, State
from yiwang.packkit.kinds.work import Flow, Member, Move, Pause, Step

ALL = frozenset({"reason", "photo", "reading_normal"})
ORGANS = {"": "approval", "fire": "fire-office", "water": "water-office", "road": "road-office"}
OTHER = Post("pack.other", "other-office", "321323000000")


def step(role: str, *moves: Move, limit: str = "2wd", **more: object) -> Step:
    return Step(title=role, role=f"pack.{role}", limit=limit, moves=moves, **more)


BENEFIT = Flow(
    title="高龄津贴确认",
    start="village",
    limit="10wd",
    pauses={"visit": Pause(title="踏勘", stops=("legal",), most="5wd", basis="law")},
    steps={
        "village": step(
            "village",
            Move(verb="confirm", to="check"),
            Move(verb="deny", to="refused", needs=("reason",)),
            Move(verb="pause", to="village", needs=("reason",)),
            pauses=("visit",),
        ),
        "check": step(
            "check",
            Move(verb="approve", to="sign"),
            Move(verb="return", to="village", needs=("reason",)),
            may=("sign", "delegate", "transfer"),
        ),
        "sign": step("leader", Move(verb="approve", to="granted"), may=("return", "sign")),
    },
    ends={"granted": "已确认", "refused": "不符合"},
)
RIVER = Flow(
    title="水位超限处置",
    profile="incident",
    start="dispatch",
    limit="2h",
    steps={
        "dispatch": step("dispatcher", Move(verb="dispatch", to="handle"), limit="15m"),
        "handle": step(
            "grid", Move(verb="handle", to="check", needs=("photo", "reading_normal")), limit="1h"
        ),
        "check": step("checker", Move(verb="close", to="closed"), Move(verb="return", to="handle")),
    },
    ends={"closed": "已结案"},
)


def joint(join: str, *, hears_all: bool = False) -> Flow:
    return Flow(
        title="联合审批",
        start="joint",
        limit="10wd",
        parties={"fire": "消防", "water": "水利", "road": "交通"},
        steps={
            "joint": step(
                "approver",
                Move(verb="approve", to="granted"),
                Move(verb="refuse", to="refused", needs=("reason",)),
                Move(verb="return", to="mend", needs=("reason",)),
                members={one: Member(title=one, organ=one) for one in ("fire", "water", "road")},
                join=join,
                hears_all=hears_all,
            ),
            "mend": step("window", Move(verb="submit", to="joint")),
        },
        ends={"granted": "准予", "refused": "不予"},
    )


def begun(flow: Flow) -> State:
    return machine.begin(flow, organs=ORGANS, division="321323000000")


def done(flow: Flow, state: State, verb: str, task: int | None = None, **more: object) -> State:
    number = task if task is not None else state.waiting[0].number if state.waiting else 0
    return machine.apply(flow, state, Act(verb=verb, task=number, evidence=ALL, **more))


def test_a_case_walks_from_its_start_to_an_end():
    state = begun(BENEFIT)
    for verb in ("confirm", "approve", "approve"):
        state = done(BENEFIT, state, verb)

    assert state.position == graph.Position("granted", "ended", last_step="sign")
    assert graph.place_title(BENEFIT, state.position) == "已确认"
    assert machine.offers(BENEFIT, state, None) == ()


def test_a_move_without_its_evidence_says_what_is_missing():
    state = done(RIVER, begun(RIVER), "dispatch")

    with pytest.raises(graph.EvidenceMissing, match="恢复正常的读数") as refusal:
        machine.apply(RIVER, state, Act(verb="handle", task=2, evidence=frozenset({"photo"})))

    assert refusal.value.data["missing"] == ["reading_normal"]


def test_what_a_flow_calls_its_evidence_is_what_people_read():
    flow = msgspec.structs.replace(RIVER, names={"reading_normal": "回落后的水位"})
    state = done(flow, begun(flow), "dispatch")

    with pytest.raises(graph.EvidenceMissing, match="还缺：回落后的水位。"):
        machine.apply(flow, state, Act(verb="handle", task=2, evidence=frozenset({"photo"})))


def test_a_verb_that_does_not_lead_out_of_the_step_is_refused_with_those_that_do():
    with pytest.raises(graph.MoveNotOpen, match="确认、否认、挂起、挂起：踏勘"):
        done(BENEFIT, begun(BENEFIT), "approve")


def test_a_paused_case_can_only_be_resumed_where_it_stood_and_its_task_stays():
    before = begun(BENEFIT)
    paused = done(BENEFIT, before, "pause", pause="visit")

    assert [one.verb for one in machine.offers(BENEFIT, paused, paused.waiting[0])] == ["resume"]
    assert done(BENEFIT, paused, "resume") == before


def test_an_ended_incident_reopens_at_the_step_that_closed_it():
    state = begun(RIVER)
    for verb in ("dispatch", "handle", "close"):
        state = done(RIVER, state, verb)

    assert graph.role_of(RIVER, state.position) == "pack.checker"
    assert done(RIVER, state, "reopen", task=0).step == "check"


def test_a_return_leads_to_any_step_the_case_has_stood_at_and_to_no_other():
    state = done(BENEFIT, done(BENEFIT, begun(BENEFIT), "confirm"), "approve")

    back = {o.to for o in machine.offers(BENEFIT, state, state.waiting[0]) if o.verb == "return"}
    assert back == {"village", "check"}
    assert done(BENEFIT, state, "return", to="village").step == "village"
    with pytest.raises(graph.MoveNotOpen):
        done(BENEFIT, state, "return", to="granted")


def test_a_return_never_leads_forward_past_the_agreement_of_the_members():
    members = {one: Member(title=one) for one in ("fire", "water")}
    content = Flow(
        title="联合核查",
        start="check",
        limit="5wd",
        steps={
            "check": step("r", Move(verb="approve", to="sign"), members=members, may=("return",)),
            "sign": step("r", Move(verb="approve", to="granted"), Move(verb="deny", to="check")),
        },
        ends={"granted": "通过"},
    )
    state = begun(content)
    for verb in ("approve", "approve", "deny"):
        state = done(content, state, verb)

    assert (state.step, state.visited) == ("check", ("check", "sign"))
    assert [one.verb for one in machine.offers(content, state, state.waiting[0])] == ["approve"]
    with pytest.raises(graph.MoveNotOpen):
        done(content, state, "return", to="sign")


def test_a_signature_asked_before_holds_the_asker_until_the_signer_answered():
    state = done(BENEFIT, begun(BENEFIT), "confirm")
    own = state.waiting[0].number
    asked = done(BENEFIT, state, "sign", post=OTHER, asked="before")

    assert [one.post for one in asked.waiting] == [OTHER]
    with pytest.raises(graph.MoveNotOpen):
        done(BENEFIT, asked, "approve", task=own)
    answered = done(BENEFIT, asked, "deny")
    assert [one.number for one in answered.waiting] == [own]
    assert done(BENEFIT, answered, "approve").step == "sign"


def test_a_signature_asked_after_holds_the_case_until_the_signer_agreed():
    state = done(BENEFIT, begun(BENEFIT), "confirm")
    asked = done(BENEFIT, state, "sign", post=OTHER, asked="after")
    decided = done(BENEFIT, asked, "approve")

    assert (decided.step, [one.post for one in decided.waiting]) == ("check", [OTHER])
    refused = done(BENEFIT, decided, "deny")
    assert (refused.step, refused.waiting[0].post.role) == ("check", "pack.check")
    again = done(BENEFIT, refused, "approve")
    assert again.step == "check", "a new decision is signed anew"
    assert done(BENEFIT, again, "confirm").step == "sign"


def test_delegated_work_returns_to_who_delegated():
    state = done(BENEFIT, begun(BENEFIT), "confirm")
    asked = done(BENEFIT, state, "delegate", post=OTHER, asked="delegate")
    back = done(BENEFIT, asked, "confirm")

    assert back.waiting == state.waiting


def test_handing_on_puts_another_post_in_the_place_and_needs_a_different_one():
    state = done(BENEFIT, begun(BENEFIT), "confirm")
    moved = done(BENEFIT, state, "transfer", post=OTHER)

    assert [one.post for one in moved.waiting] == [OTHER]
    with pytest.raises(machine.PostMissing):
        done(BENEFIT, state, "transfer", post=state.waiting[0].post)


def test_taking_back_restores_what_stood_before_under_fresh_numbers():
    before = done(BENEFIT, begun(BENEFIT), "confirm")
    after = done(BENEFIT, before, "approve", actor="li")
    back = machine.recall(after, before)

    assert (back.step, back.waiting[0].post) == ("check", before.waiting[0].post)
    assert back.waiting[0].number > after.count - 1
    last = Act(verb="approve", actor="li")
    assert machine.may_recall(after, last, "li")
    assert not machine.may_recall(after, last, "zhao")
    assert not machine.may_recall(replace(after, state="ended"), last, "li")


@pytest.mark.parametrize(
    ("join", "votes", "step_after"),
    [
        ("all", ["approve", "approve"], "joint"),
        ("all", ["approve", "approve", "approve"], "granted"),
        ("all", ["approve", "refuse"], "refused"),
        ("any", ["refuse", "refuse"], "joint"),
        ("any", ["refuse", "approve"], "granted"),
        ("any", ["refuse", "refuse", "return"], "refused"),
        ("2/3", ["approve", "refuse"], "joint"),
        ("2/3", ["approve", "refuse", "approve"], "granted"),
        ("2/3", ["return", "refuse"], "refused"),
        ("2/3", ["return", "return"], "mend"),
    ],
)
def test_a_countersignature_is_decided_by_as_many_as_the_flow_says(join, votes, step_after):
    flow = joint(join)
    state = begun(flow)
    assert [one.post.organ for one in state.waiting] == [
        "fire-office",
        "water-office",
        "road-office",
    ]
    for verb in votes:
        state = done(flow, state, verb)

    assert state.step == step_after


def test_a_step_that_hears_all_waits_for_the_last_though_the_outcome_is_clear():
    flow = joint("all", hears_all=True)
    state = begun(flow)
    for verb in ("refuse", "approve"):
        state = done(flow, state, verb)
        assert state.step == "joint"

    assert done(flow, state, "approve").step == "refused"


def test_a_task_taken_by_one_is_not_taken_by_another():
    state = machine.apply(BENEFIT, begun(BENEFIT), Act(verb="claim", task=1, actor="li"))

    assert state.waiting[0].post.officer == "li"
    with pytest.raises(graph.MoveNotOpen, match="已有人领取"):
        machine.apply(BENEFIT, state, Act(verb="claim", task=1, actor="zhao"))
    assert machine.apply(BENEFIT, state, Act(verb="release", task=1, actor="li")) == begun(BENEFIT)


BROKEN = [
    ({"a": step("r", Move(verb="confirm", to="gone"))}, "没有环节或结果“gone”"),
    ({"a": step("r", Move(verb="confirm", to="a"))}, "走不到任何结果"),
    (
        {
            "a": step("r", Move(verb="confirm", to="done")),
            "b": step("r", Move(verb="confirm", to="done")),
        },
        "“b”走不到",
    ),
    ({"b": step("r")}, "起始环节“a”不存在"),
    (
        {
            "a": step(
                "r", Move(verb="confirm", to="done"), members={"x": Member(title="x")}, join="3/2"
            )
        },
        "会签规则“3/2”永远不能成立",
    ),
    ({"a": step("r", Move(verb="confirm", to="done"), join="any")}, "没有 members"),
    (
        {
            "a": step(
                "r",
                Move(verb="confirm", to="done"),
                members={"x": Member(title="x"), "y": Member(title="y")},
            )
        },
        "两名成员是同一个岗位",
    ),
    (
        {"a": step("r", Move(verb="return", to="done"), members={"x": Member(title="x")})},
        "会签同意之后没有去处",
    ),
    ({"a": step("r", Move(verb="confirm", to="done"), late="approve")}, "逾期视为“approve”"),
    ({"a": step("r", Move(verb="confirm", to="done"), pauses=("gone",))}, "没有挂起原因“gone”"),
]  # fmt: skip


@pytest.mark.parametrize(("steps", "said"), BROKEN)
def test_a_broken_flow_is_named(steps, said):
    broken = Flow(title="坏", start="a", limit="1d", steps=steps, ends={"done": "完成"})

    assert any(said in sentence for sentence in graph.check(broken))


VERBS = ["confirm", "return", "approve", "transfer", "assist", "pause"]
PARTIES = ["fire", "water", "road"]


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    names = [f"s{n}" for n in range(draw(st.integers(1, 4)))]
    ends = {"good": "通过", "bad": "不通过"}
    steps = {}
    for index, name in enumerate(names):
        onward = names[index + 1] if index + 1 < len(names) else "good"
        moves = [Move(verb="approve", to=onward)]
        for verb in draw(st.lists(st.sampled_from(VERBS), max_size=3)):
            to = name if verb == "pause" else draw(st.sampled_from([*names, *ends]))
            needs = draw(st.sampled_from([(), ("reason",), ("photo",)]))
            if (verb, to) not in {(one.verb, one.to) for one in moves}:
                moves.append(Move(verb=verb, to=to, needs=needs))
        members = draw(st.lists(st.sampled_from(PARTIES), max_size=3, unique=True))
        joins = st.sampled_from(["all", "any", "2/3"]) if members else st.just("all")
        steps[name] = Step(
            title=name,
            role=f"pack.{name}",
            limit="1d",
            members={one: Member(title=one, organ=one) for one in members},
            join=draw(joins),
            hears_all=bool(members) and draw(st.booleans()),
            may=draw(
                st.sampled_from([(), ("return",), ("return", "sign", "delegate", "transfer")])
            ),
            pauses=draw(st.sampled_from([(), ("visit",)])),
            moves=tuple(moves),
        )
    return Flow(
        title="f",
        profile=draw(st.sampled_from(["case", "incident"])),
        start="s0",
        limit="9d",
        steps=steps,
        ends=ends,
        parties={one: one for one in PARTIES},
        pauses={"visit": Pause(title="踏勘", stops=("legal",), most="5wd", basis="law")},
    )


@given(flows())
def test_generated_flows_are_sound_so_the_machine_below_walks_real_ones(content):
    unused = ("没有环节用到", "结果“bad”走不到")
    assert not [one for one in graph.check(content) if not any(word in one for word in unused)]


class CaseMachine(RuleBasedStateMachine):
    """Any history of any sound flow keeps the promises of the kernel."""

    @initialize(content=flows())
    def start(self, content: Flow) -> None:
        self.content = content
        self.states = [begun(content)]
        self.acts: list[Act] = []

    @property
    def state(self) -> State:
        return self.states[-1]

    def take(self, act: Act, after: State) -> None:
        before = self.state
        self.check_the_countersignature(before, act, after)
        assert {one.number for one in before.tasks} <= set(range(1, after.count + 1))
        assert after.count >= before.count, "no number is used twice"
        self.acts.append(act)
        self.states.append(after)

    def check_the_countersignature(self, before: State, act: Act, after: State) -> None:
        """Nobody leaves a step by its agreement before enough members made it and all signed."""
        left = act.verb not in ("withdraw", "recall", "reopen") and after.step != before.step
        if not left or before.state == "ended":
            return
        current = self.content.steps[before.step]
        by_number = {one.number: one for one in before.tasks}
        answering = by_number[act.task]
        if current.members and after.step == current.moves[0].to:
            agreement = (current.moves[0].verb, current.moves[0].to)
            own = [one for one in before.tasks if not one.asked]
            agreed = sum((one.verb, one.to) == agreement for one in own)
            agreed += not answering.asked and (act.verb, act.to or agreement[1]) == agreement
            others = {move.to for move in current.moves[1:]}
            assert agreed >= machine.needed_of(current) or after.step in others
        for one in before.tasks:
            if one.asked == "after" and by_number.get(one.asker, answering) is answering:
                signed = one.verb == "confirm" or (one is answering and act.verb == "confirm")
                assert signed or current.members, "nobody skips a signature asked for"

    @rule(
        which=st.integers(0, 20),
        number=st.integers(0, 20),
        evidence=st.sets(st.sampled_from(["reason", "photo"])),
        actor=st.sampled_from(["li", "zhao"]),
    )
    @precondition(lambda self: self.state.state != "ended" or self.content.profile == "incident")
    def take_an_offer(self, which: int, number: int, evidence: set[str], actor: str) -> None:
        waiting = self.state.waiting
        task = waiting[which % len(waiting)] if waiting else None
        offers = machine.offers(self.content, self.state, task)
        offer = offers[number % len(offers)]
        act = Act(
            verb=offer.verb,
            task=task.number if task else 0,
            to=offer.to,
            actor=actor,
            evidence=frozenset(evidence),
            post=OTHER if offer.asks == "post" else None,
            asked=offer.asked,
            pause=offer.pause,
        )
        try:
            after = machine.apply(self.content, self.state, act)
        except graph.EvidenceMissing as refusal:
            assert set(refusal.data["missing"]) == set(offer.needs) - evidence
            return
        except machine.PostMissing:
            assert task is not None and replace(task.post, officer="") == OTHER
            return
        assert set(offer.needs) <= evidence, "nobody skips the evidence"
        self.take(act, after)

    @rule(which=st.integers(0, 20), actor=st.sampled_from(["li", "zhao"]))
    @precondition(lambda self: self.state.state == "open")
    def claim_a_task(self, which: int, actor: str) -> None:
        task = self.state.waiting[which % len(self.state.waiting)]
        act = Act(verb="claim", task=task.number, actor=actor)
        if task.post.officer not in ("", actor):
            with pytest.raises(graph.MoveNotOpen):
                machine.apply(self.content, self.state, act)
            return
        self.take(act, machine.apply(self.content, self.state, act))

    @rule(actor=st.sampled_from(["li", "zhao"]))
    @precondition(lambda self: self.acts)
    def take_the_last_act_back(self, actor: str) -> None:
        if machine.may_recall(self.state, self.acts[-1], actor):
            act = Act(verb="recall", actor=actor)
            before = self.states[-2]
            after = machine.recall(self.state, before)
            again, stood = after.waiting, before.waiting
            assert sorted(map(str, (one.post for one in again))) == sorted(
                map(str, (one.post for one in stood))
            )
            assert [one.number for one in after.tasks] == sorted(one.number for one in after.tasks)
            self.take(act, after)

    @rule(verb=st.sampled_from([one for one in graph.VERBS if one not in ("claim", "release")]))
    def try_any_verb(self, verb: str) -> None:
        waiting = self.state.waiting
        task = waiting[0] if waiting else None
        offers = machine.offers(self.content, self.state, task)
        if verb not in {one.verb for one in offers}:
            number = task.number if task else 0
            with pytest.raises(graph.MoveNotOpen):
                machine.apply(self.content, self.state, Act(verb=verb, task=number, evidence=ALL))

    def teardown(self) -> None:
        """History tells where the case stood, at every moment."""
        if hasattr(self, "content"):
            replayed = machine.replay(
                self.content, self.acts, organs=ORGANS, division="321323000000"
            )
            assert replayed == tuple(self.states)

    @invariant()
    def an_unended_case_is_never_lost(self) -> None:
        if hasattr(self, "content") and self.state.state != "ended":
            assert self.state.waiting, "somebody can act"
            for task in self.state.waiting:
                assert task.post.role and task.post.organ, "each waiting task has one owner"
                assert machine.offers(self.content, self.state, task)

    @invariant()
    def an_ended_case_stands_at_an_end_and_only_incidents_reopen(self) -> None:
        if hasattr(self, "content") and self.state.state == "ended":
            assert self.state.step in self.content.ends
            assert self.state.tasks == ()
            verbs = [one.verb for one in machine.offers(self.content, self.state, None)]
            assert verbs == (["reopen"] if self.content.profile == "incident" else [])


CaseMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
TestCaseMachine = CaseMachine.TestCase


def test_what_the_platform_does_at_once_stands_on_rules_and_leaves_people_a_way():
    by_rule = Move(verb="approve", to="granted", needs=("pack.rule",))
    by_hand = Move(verb="confirm", to="granted", needs=("reason",))

    def wrong(*moves: Move) -> list[str]:
        one = step("decide", *moves, instant="approve")
        flow = Flow(
            title="秒批", start="decide", limit="3wd", steps={"decide": one},
            ends={"granted": "已准予"},
        )  # fmt: skip
        return graph.check(flow)

    assert not wrong(by_rule, by_hand)
    assert wrong(by_hand)
    assert wrong(by_rule)
    assert wrong(msgspec.structs.replace(by_rule, needs=("pack.rule", "reason")), by_hand)
