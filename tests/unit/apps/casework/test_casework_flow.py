"""The state machine of a case: examples, and invariants over generated flows and histories."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from yiwang.apps.casework import flow
from yiwang.packkit.kinds.work import Flow, Move, Step


def step(role: str, *moves: Move, limit: str = "2wd") -> Step:
    return Step(title=role, role=f"pack.{role}", limit=limit, moves=moves)


BENEFIT = Flow(
    title="高龄津贴确认",
    start="village",
    limit="10wd",
    steps={
        "village": step(
            "village",
            Move(verb="confirm", to="check"),
            Move(verb="deny", to="refused", needs=("reason",)),
            Move(verb="pause", to="village", needs=("reason",)),
        ),
        "check": step(
            "check",
            Move(verb="approve", to="granted"),
            Move(verb="return", to="village", needs=("reason",)),
        ),
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


def test_a_case_walks_from_its_start_to_an_end():
    position = flow.advance(BENEFIT, flow.begin(BENEFIT), "confirm")
    position = flow.advance(BENEFIT, position, "approve")

    assert position == flow.Position("granted", "ended", last_step="check")
    assert flow.place_title(BENEFIT, position) == "已确认"


def test_a_move_without_its_evidence_says_what_is_missing():
    position = flow.advance(RIVER, flow.begin(RIVER), "dispatch")

    with pytest.raises(flow.EvidenceMissing, match="恢复正常的读数") as refusal:
        flow.advance(RIVER, position, "handle", evidence={"photo"})

    assert refusal.value.data["missing"] == ["reading_normal"]


def test_a_verb_that_does_not_lead_out_of_the_step_is_refused_with_those_that_do():
    with pytest.raises(flow.MoveNotOpen, match="确认、否认、挂起"):
        flow.advance(BENEFIT, flow.begin(BENEFIT), "approve")


def test_a_paused_case_can_only_be_resumed_where_it_stood():
    paused = flow.advance(BENEFIT, flow.begin(BENEFIT), "pause", evidence={"reason"})

    assert [m.verb for m in flow.moves(BENEFIT, paused)] == ["resume"]
    assert flow.advance(BENEFIT, paused, "resume") == flow.begin(BENEFIT)


def test_an_ended_incident_reopens_at_the_step_that_closed_it():
    acts = [("dispatch", "", ()), ("handle", "", ("photo", "reading_normal")), ("close", "", ())]
    closed = flow.replay(RIVER, acts)

    assert flow.role_of(RIVER, closed) == "pack.checker"
    assert flow.advance(RIVER, closed, "reopen", evidence={"reason"}).step == "check"


def test_a_decided_case_stays_decided():
    granted = flow.replay(BENEFIT, [("confirm", "", ()), ("approve", "", ())])

    assert flow.moves(BENEFIT, granted) == ()


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ({"a": step("r", Move(verb="confirm", to="gone"))}, "不存在的 gone"),
        ({"a": step("r", Move(verb="confirm", to="a"))}, "走不到任何结果"),
        (
            {
                "a": step("r", Move(verb="confirm", to="done")),
                "b": step("r", Move(verb="confirm", to="done")),
            },
            "无法到达",
        ),
        ({"b": step("r")}, "起始环节 a 不存在"),
    ],
)
def test_a_broken_flow_is_named(steps, said):
    broken = Flow(title="坏", start="a", limit="1d", steps=steps, ends={"done": "完成"})

    assert any(said in sentence for sentence in flow.check(broken))


VERBS = ["confirm", "return", "approve", "transfer", "assist", "pause"]


@st.composite
def flows(draw: st.DrawFn) -> Flow:
    names = [f"s{n}" for n in range(draw(st.integers(1, 5)))]
    ends = {"good": "通过", "bad": "不通过"}
    steps = {}
    for index, name in enumerate(names):
        onward = names[index + 1] if index + 1 < len(names) else "good"
        moves = [Move(verb="approve", to=onward)]
        for verb in draw(st.lists(st.sampled_from(VERBS), max_size=4)):
            to = name if verb == "pause" else draw(st.sampled_from([*names, *ends]))
            needs = draw(st.sampled_from([(), ("reason",), ("photo",)]))
            moves.append(Move(verb=verb, to=to, needs=needs))
        steps[name] = Step(title=name, role=f"pack.{name}", limit="1d", moves=tuple(moves))
    profile = draw(st.sampled_from(["case", "incident"]))
    return Flow(title="f", profile=profile, start="s0", limit="9d", steps=steps, ends=ends)


@given(flows())
def test_generated_flows_are_sound_so_the_machine_below_walks_real_ones(content):
    assert flow.check(content) == []


class CaseMachine(RuleBasedStateMachine):
    """Any history of any sound flow keeps the promises of the kernel."""

    @initialize(content=flows())
    def start(self, content: Flow) -> None:
        self.content = content
        self.position = flow.begin(content)
        self.acts: list = []

    @rule(number=st.integers(0, 20), evidence=st.sets(st.sampled_from(["reason", "photo"])))
    @precondition(lambda self: flow.moves(self.content, self.position))
    def take_an_open_move(self, number: int, evidence: set[str]) -> None:
        moves = flow.moves(self.content, self.position)
        move = moves[number % len(moves)]
        chosen = flow.chosen_move(self.content, self.position, move.verb, to=move.to)
        before = self.position
        try:
            after = flow.advance(self.content, before, move.verb, evidence=evidence, to=move.to)
        except flow.EvidenceMissing as refusal:
            assert set(refusal.data["missing"]) == set(chosen.needs) - evidence
            return
        assert set(chosen.needs) <= evidence, "nobody skips the evidence"
        self.position = after
        self.acts.append((move.verb, move.to, frozenset(evidence)))

    @rule(verb=st.sampled_from(list(flow.VERBS)))
    def try_any_verb(self, verb: str) -> None:
        open_verbs = {m.verb for m in flow.moves(self.content, self.position)}
        if verb not in open_verbs:
            with pytest.raises(flow.MoveNotOpen):
                flow.advance(self.content, self.position, verb, evidence={"reason", "photo"})

    @invariant()
    def history_tells_where_the_case_stands(self) -> None:
        if hasattr(self, "content"):
            assert flow.replay(self.content, self.acts) == self.position

    @invariant()
    def an_unended_case_always_has_somebody_who_can_move_it(self) -> None:
        if hasattr(self, "content") and self.position.state != "ended":
            assert flow.moves(self.content, self.position)
            assert flow.role_of(self.content, self.position)

    @invariant()
    def an_ended_case_stands_at_an_end_and_only_incidents_reopen(self) -> None:
        if hasattr(self, "content") and self.position.state == "ended":
            assert self.position.step in self.content.ends
            verbs = [m.verb for m in flow.moves(self.content, self.position)]
            assert verbs == (["reopen"] if self.content.profile == "incident" else [])


CaseMachine.TestCase.settings = settings(max_examples=60, stateful_step_count=15, deadline=None)
TestCaseMachine = CaseMachine.TestCase
