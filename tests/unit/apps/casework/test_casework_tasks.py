"""Several tasks of one case in the database: who has them, who is told what, what is kept."""

from datetime import timedelta

import pytest
from cast import NINE, OFFICE, OTHER_OFFICE
from django.db import IntegrityError, transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase as DjangoTestCase
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from joint_flow import NEW, PERMIT
from workshop import COUNTY, DISPATCHER, LI, SUN, ZHAO, library

from yiwang.apps.casework import public as casework
from yiwang.apps.casework import states
from yiwang.apps.casework.models import Case, StepTask, TrailEntry
from yiwang.apps.casework.queries.cases import frozen_flow
from yiwang.apps.casework.queries.offers import trail_of
from yiwang.kernel.divisions import DivisionUnknown
from yiwang.kernel.errors import NotAllowed, YiwangError

TEN = NINE + timedelta(hours=1)
PARTNER = casework.Post("work.checker", OTHER_OFFICE, "")


@pytest.fixture
def number(db) -> str:
    casework.install(library(flows={"permit": PERMIT}, incidents={}), at=NINE)
    return opened()


def opened() -> str:
    return casework.open_case(flow="work.permit", division=COUNTY, at=NINE, **NEW).number


def act(number: str, verb: str, officer=LI, **more: object) -> casework.CaseView:
    return casework.act(number=number, verb=verb, officer=officer, at=TEN, reason="说明", **more)


def lists(number: str) -> dict[str, list[str]]:
    """On whose work-list the case stands, with which task."""
    return {
        officer.username: [
            one.step_title
            for one in casework.cases_waiting(officer=officer, at=TEN)
            if one.number == number and not one.is_held
        ]
        for officer in (LI, SUN)
    }


def require_the_same_from_rows_and_from_history(number: str) -> None:
    row = Case.objects.select_related("flow").get(number=number)
    content, trail = frozen_flow(row.flow), trail_of(row)
    assert states.state_of(row, content, trail) == states.history(row, content, trail)[-1]
    marks = states.marks_of(trail)
    if row.state != "ended":
        reading = states.read_clocks(row, content, marks)
        assert (row.due_at, row.legal_due_at) == (reading.due_at, reading.legal_due_at)


def test_each_member_has_a_task_and_the_step_is_left_when_all_agreed(number):
    act(number, "accept")
    assert lists(number) == {"li": ["联合会签：主办"], "sun": ["联合会签：会办"]}

    act(number, "approve", SUN)
    assert lists(number) == {"li": ["联合会签：主办"], "sun": []}
    with pytest.raises(NotAllowed):
        act(number, "approve", SUN)
    view = act(number, "approve")

    assert view.step == "decide"
    assert lists(number) == {"li": ["审定"], "sun": []}
    require_the_same_from_rows_and_from_history(number)


def test_one_refusal_ends_a_countersignature_of_all_and_cuts_the_other_task(number):
    act(number, "accept")
    view = act(number, "refuse", SUN)

    assert (view.state, view.step) == ("ended", "refused")
    assert set(StepTask.objects.values_list("title", "verb")) == {
        ("窗口受理", "accept"),
        ("联合会签：主办", "cut"),
        ("联合会签：会办", "refuse"),
    }


def test_a_signature_asked_for_holds_the_asker(number):
    decide(number)
    held = act(number, "sign", post=PARTNER, asked="before")

    assert held.moves == ()
    assert lists(number) == {"li": [], "sun": ["审定（前加签）"]}
    with pytest.raises(casework.MoveNotOpen):
        act(number, "approve")
    act(number, "deny", SUN)
    assert act(number, "approve").step == "granted"
    require_the_same_from_rows_and_from_history(number)


def decide(number: str) -> None:
    act(number, "accept")
    act(number, "approve", SUN)
    act(number, "approve")


def test_delegated_work_comes_back_and_handed_on_work_does_not(number):
    decide(number)
    act(number, "delegate", post=PARTNER)
    assert lists(number) == {"li": [], "sun": ["审定（委派）"]}
    act(number, "confirm", SUN)
    assert lists(number) == {"li": ["审定"], "sun": []}

    act(number, "transfer", post=PARTNER)
    assert lists(number) == {"li": [], "sun": ["审定"]}
    assert act(number, "approve", SUN).step == "granted"
    require_the_same_from_rows_and_from_history(number)


def test_who_was_asked_may_look_and_a_third_organ_may_not(number):
    decide(number)
    act(number, "delegate", post=casework.Post("work.dispatcher", "command-center", ""))

    assert casework.case(number, actor=DISPATCHER, at=TEN).moves
    act(number, "confirm", DISPATCHER)
    assert casework.case(number, actor=DISPATCHER, at=TEN).moves == ()


def test_of_two_clerks_on_one_task_the_second_is_told_who_took_it(number):
    act(number, "claim")

    assert [one.verb for one in casework.case(number, actor=LI, at=TEN).own_acts] == [
        "release",
    ]
    with pytest.raises(casework.TaskTaken, match="已由 li 领取"):
        act(number, "accept", ZHAO)
    assert casework.case(number, actor=ZHAO, at=TEN).moves == ()
    act(number, "release")
    assert act(number, "accept", ZHAO).step == "joint"
    require_the_same_from_rows_and_from_history(number)


def test_the_last_act_is_taken_back_by_its_actor_only_and_only_while_nobody_acted(number):
    act(number, "accept")
    with pytest.raises(casework.MoveNotOpen, match="不能撤回"):
        act(number, "recall", ZHAO)
    with pytest.raises(casework.EvidenceMissing):
        casework.act(number=number, verb="recall", officer=LI, at=TEN)

    assert act(number, "recall").step == "window"
    assert lists(number) == {"li": ["窗口受理"], "sun": []}
    act(number, "accept")
    act(number, "approve", SUN)
    with pytest.raises(casework.MoveNotOpen, match="不能撤回"):
        act(number, "recall")
    assert [one.verb for one in TrailEntry.objects.order_by("sequence")] == [
        "open", "accept", "recall", "accept", "approve",
    ]  # fmt: skip
    require_the_same_from_rows_and_from_history(number)


@pytest.mark.parametrize("voter", [LI, SUN], ids=["the first member", "the last member"])
def test_a_vote_taken_back_is_asked_for_again(number, voter):
    act(number, "accept")
    act(number, "approve", voter)
    act(number, "recall", voter)

    assert lists(number) == {"li": ["联合会签：主办"], "sun": ["联合会签：会办"]}
    require_the_same_from_rows_and_from_history(number)


def test_a_case_goes_back_to_any_step_it_has_stood_at(number):
    decide(number)
    offered = {one.to for one in casework.case(number, actor=LI, at=TEN).moves}

    assert {"window", "joint"} <= offered
    assert act(number, "return", to="window").step == "window"


@pytest.mark.parametrize(
    ("post", "refusal"),
    [
        (casework.Post("work.checker", "no-such-organ", ""), casework.PostUnknown),
        (casework.Post("work.nobody", OTHER_OFFICE, ""), casework.PostUnknown),
        (casework.Post("work.checker", OTHER_OFFICE, "999999000000"), DivisionUnknown),
        (casework.Post("work.checker", OFFICE, ""), casework.PostMissing),
    ],
)
def test_work_is_not_handed_to_who_is_not_there(number, post, refusal):
    with pytest.raises(refusal):
        act(number, "transfer", post=post)

    assert lists(number) == {"li": ["窗口受理"], "sun": []}


def test_the_database_gives_a_member_one_waiting_task_with_one_post(number):
    row = StepTask.objects.get()
    for change in ({"number": 2}, {"number": 2, "member": "x", "role": ""}):
        with pytest.raises(IntegrityError), transaction.atomic():
            row.pk = None
            for name, value in change.items():
                setattr(row, name, value)
            row.save(force_insert=True)


def test_a_pause_with_a_rule_ends_by_itself_and_stops_only_the_clocks_it_names(number):
    due = casework.case(number, actor=LI, at=NINE)
    paused = act(number, "pause", pause="supplement")

    assert paused.due_at - due.due_at == timedelta(days=7), "five working days at most"
    act(number, "resume")
    act(number, "accept")
    published = act(number, "pause", pause="publicity")
    assert published.due_at == due.due_at
    assert published.legal_due_at > due.legal_due_at


class TaskMachine(RuleBasedStateMachine):
    """The rows of a case are always what its trail replays to, whatever officers do."""

    @initialize()
    def begin(self) -> None:
        casework.install(library(flows={"permit": PERMIT}, incidents={}), at=NINE)
        self.number, self.minutes = opened(), 0

    @rule(officer=st.sampled_from([LI, ZHAO, SUN]), which=st.integers(0, 30))
    @precondition(lambda self: hasattr(self, "number"))
    def do_what_is_offered(self, officer, which: int) -> None:
        self.minutes += 1
        view = casework.case(self.number, actor=officer, at=NINE)
        offered = (*view.moves, *view.own_acts)
        if not offered:
            return
        one = offered[which % len(offered)]
        post = PARTNER if one.asks == "post" else None
        before = TrailEntry.objects.count()
        try:
            casework.act(
                number=self.number, verb=one.verb, to=one.to, task=one.task, post=post,
                asked=one.asked, pause=one.pause, officer=officer, reason="说明",
                at=NINE + timedelta(minutes=self.minutes), expected_version=view.version,
            )  # fmt: skip
        except casework.PostMissing:
            return
        assert TrailEntry.objects.count() == before + 1

    @invariant()
    def rows_and_history_agree_and_nothing_is_lost(self) -> None:
        if not hasattr(self, "number"):
            return
        require_the_same_from_rows_and_from_history(self.number)
        row = Case.objects.get(number=self.number)
        waiting = row.tasks.filter(left_at=None)
        assert waiting.exists() != (row.state == "ended")
        assert row.state == "ended" or waiting.filter(is_held=False).exists()

    @rule(officer=st.sampled_from([DISPATCHER]))
    @precondition(lambda self: hasattr(self, "number"))
    def a_stranger_tries(self, officer) -> None:
        before = TrailEntry.objects.count()
        with pytest.raises(YiwangError):
            casework.act(number=self.number, verb="approve", officer=officer, at=NINE, reason="x")
        assert TrailEntry.objects.count() == before


class TestTaskMachine(TaskMachine.TestCase, DjangoTestCase):
    settings = settings(max_examples=6, stateful_step_count=12, deadline=None)
