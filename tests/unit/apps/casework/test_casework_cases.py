"""A case from opening to its end, and everybody who must not touch it."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest
from cast import NINE, OFFICE, WANG_NUMBER
from django.db import DatabaseError, connection, transaction
from workshop import (
    CLERK,
    CONFIRMATION,
    LI,
    OTHER_CLERK,
    OTHER_VILLAGE,
    SUN,
    VILLAGE,
    ZHAO,
    library,
)

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import Case, FlowVersion, StepTask, TrailEntry
from yiwang.apps.identity.public import Applicant
from yiwang.apps.journal.models import Outbox
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import NotAllowed

WANG = Applicant(subject=WANG_NUMBER, kind="person", name="王秀英")
TEN = NINE + timedelta(hours=1)
ELEVEN = NINE + timedelta(hours=2)


def test_a_case_goes_from_the_village_to_a_decision_and_leaves_its_trail(waiting_case):
    casework.act(number=waiting_case, verb="confirm", officer=CLERK, at=TEN)
    decided = casework.act(number=waiting_case, verb="approve", officer=LI, at=ELEVEN)

    assert (decided.state, decided.step, decided.step_title) == ("ended", "granted", "已确认")
    assert decided.ended_at == ELEVEN
    lines = casework.trail(waiting_case, actor=LI)
    assert [(line.verb, line.actor) for line in lines] == [
        ("open", "services"),
        ("confirm", "clerk"),
        ("approve", "li"),
    ]
    assert list(Outbox.objects.values_list("event", flat=True)) == [
        "case.opened",
        "case.moved",
        "case.moved",
    ]


def test_the_two_clocks_run_in_working_days(waiting_case):
    view = casework.case(waiting_case, actor=CLERK, at=NINE)

    assert (view.due_at - NINE).days == 14
    assert (view.step_due_at - NINE).days == 7
    assert view.light == "green"
    assert casework.case(waiting_case, actor=CLERK, at=NINE + timedelta(days=9)).light == "red"


@pytest.mark.parametrize("stranger", [SUN, OTHER_CLERK])
def test_a_stranger_sees_nothing_and_changes_nothing(waiting_case, stranger):
    before = Outbox.objects.count()

    with pytest.raises(NotAllowed):
        casework.case(waiting_case, actor=stranger, at=TEN)
    with pytest.raises(NotAllowed):
        casework.trail(waiting_case, actor=stranger)
    with pytest.raises(NotAllowed):
        casework.act(number=waiting_case, verb="confirm", officer=stranger, at=TEN)
    assert casework.cases_waiting(officer=stranger, at=TEN) == []
    assert Outbox.objects.count() == before
    assert Case.objects.get().version == 1


def test_the_same_role_in_another_organ_opens_nothing_later_either(waiting_case):
    casework.act(number=waiting_case, verb="confirm", officer=CLERK, at=TEN)

    with pytest.raises(NotAllowed):
        casework.case(waiting_case, actor=SUN, at=TEN)
    with pytest.raises(NotAllowed):
        casework.act(number=waiting_case, verb="approve", officer=SUN, at=TEN)
    assert casework.cases_waiting(officer=SUN, at=TEN) == []


def test_a_colleague_without_the_steps_role_may_look_but_not_move(waiting_case):
    assert casework.case(waiting_case, actor=LI, at=TEN).moves == ()
    with pytest.raises(NotAllowed, match="由其他岗位负责"):
        casework.act(number=waiting_case, verb="confirm", officer=LI, at=TEN)


def test_the_right_alone_is_not_enough_without_case_handle(waiting_case):
    powerless = replace(CLERK, rights=frozenset({"case.see"}))

    with pytest.raises(NotAllowed):
        casework.act(number=waiting_case, verb="confirm", officer=powerless, at=TEN)


def test_a_double_submit_is_refused_with_a_clear_sentence(waiting_case):
    seen = {"number": waiting_case, "officer": CLERK, "at": TEN, "expected_version": 1}
    casework.act(verb="confirm", **seen)

    with pytest.raises(casework.CaseMoved, match="您的上一次提交"):
        casework.act(verb="confirm", **seen)
    assert TrailEntry.objects.count() == 2


def test_of_two_officers_on_one_task_the_second_is_told(waiting_case):
    casework.act(number=waiting_case, verb="confirm", officer=CLERK, at=TEN)
    casework.act(
        number=waiting_case, verb="return", officer=LI, at=TEN, reason="请核实", expected_version=2
    )
    casework.act(number=waiting_case, verb="confirm", officer=CLERK, at=TEN)

    with pytest.raises(casework.CaseMoved, match="您打开页面之后"):
        casework.act(number=waiting_case, verb="approve", officer=ZHAO, at=TEN, expected_version=2)
    assert casework.case(waiting_case, actor=LI, at=TEN).step == "check"


def test_a_refusal_needs_its_reason(waiting_case):
    with pytest.raises(casework.EvidenceMissing, match="理由"):
        casework.act(number=waiting_case, verb="deny", officer=CLERK, at=TEN, reason="  ")

    assert TrailEntry.objects.count() == 1


def test_a_pause_stops_the_clocks_and_a_resume_gives_the_days_back(waiting_case):
    due = casework.case(waiting_case, actor=CLERK, at=NINE).due_at
    paused = casework.act(
        number=waiting_case, verb="pause", officer=CLERK, at=TEN, reason="等待本人返乡"
    )
    assert (paused.state, paused.due_at, paused.step_due_at) == ("paused", None, None)
    assert [move.verb for move in paused.moves] == ["resume"]

    later = NINE + timedelta(days=7)
    resumed = casework.act(number=waiting_case, verb="resume", officer=CLERK, at=later)

    assert resumed.due_at == due + timedelta(days=7)


def test_the_applicant_withdraws_and_nobody_else_does(installed):
    number = open_for_wang().number

    with pytest.raises(NotAllowed):
        other = Applicant(subject="another", kind="person", name="别人")
        casework.act(number=number, verb="withdraw", officer=other, at=TEN)
    view = casework.act(number=number, verb="withdraw", officer=WANG, at=TEN)

    assert view.step == "withdrawn"
    assert [one.number for one in casework.cases_of(WANG_NUMBER, actor=WANG, at=TEN)] == [number]


def open_for_wang(flow: str = "work.confirmation"):
    return casework.open_case(
        flow=flow,
        subject=WANG_NUMBER,
        title="高龄津贴",
        organ=OFFICE,
        division=VILLAGE,
        facts={},
        actor=WANG,
        applicant=WANG_NUMBER,
        at=NINE,
    )


def test_a_transfer_hands_the_case_to_the_other_village(waiting_case):
    casework.act(
        number=waiting_case,
        verb="transfer",
        officer=CLERK,
        at=TEN,
        reason="已迁居",
        division=OTHER_VILLAGE,
    )

    assert casework.cases_waiting(officer=CLERK, at=TEN) == []
    assert [one.number for one in casework.cases_waiting(officer=OTHER_CLERK, at=TEN)] == [
        waiting_case
    ]


def test_a_case_cannot_be_handed_to_a_place_that_does_not_exist(waiting_case):
    with pytest.raises(Exception, match="没有代码"):
        casework.act(
            number=waiting_case, verb="transfer", officer=CLERK, at=TEN, reason="x", division="9"
        )


def test_running_cases_keep_the_flow_they_began_with(waiting_case):
    steps = dict(CONFIRMATION.steps)
    steps["check"] = msgspec.structs.replace(steps["check"], title="新复核", role="work.other")
    changed = msgspec.structs.replace(CONFIRMATION, steps=steps)
    things = {"flows": {**library().packs["work"].flows, "confirmation": changed}}

    assert casework.install(library(**things), at=TEN) == 1
    assert casework.install(library(**things), at=TEN) == 0
    view = casework.act(number=waiting_case, verb="confirm", officer=CLERK, at=TEN)

    assert (view.step_title, view.role) == ("民政复核", "work.checker")
    assert FlowVersion.objects.filter(ref="work.confirmation").count() == 2


def test_a_broken_flow_installs_nothing(db):
    broken = msgspec.structs.replace(CONFIRMATION, start="nowhere")

    with pytest.raises(casework.FlowBroken, match="nowhere"):
        casework.install(library(flows={"broken": broken}), at=NINE)
    assert not FlowVersion.objects.exists()


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["casework_trailentry"])
def test_the_database_refuses_to_change_history(waiting_case, table, statement):
    with (
        pytest.raises(DatabaseError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table))


def test_thousands_of_cases_open_at_once(installed):
    wanted = [
        casework.NewCase(
            subject=f"person-{n}", title="高龄津贴确认", organ=OFFICE, division=VILLAGE
        )
        for n in range(2000)
    ]
    numbers = casework.open_cases(flow="work.confirmation", cases=wanted, actor="services", at=NINE)

    assert len(set(numbers)) == 2000
    assert StepTask.objects.filter(left_at=None).count() == 2000
    assert Outbox.objects.filter(event="case.opened").count() == 2000
    assert casework.count_waiting(officer=CLERK, at=NINE).total == 2000


def test_what_goes_to_the_lake_names_nobody(waiting_case):
    casework.act(number=waiting_case, verb="confirm", officer=CLERK, at=TEN)

    for name, (columns, rows) in casework.published().items():
        found = list(rows)
        assert all(set(row) == set(columns) for row in found), name
        assert WANG_NUMBER not in str(found)
    columns, rows = casework.published()["platform.steps"]
    assert [row["verb"] for row in rows] == ["confirm", ""]


def test_an_open_case_whose_day_has_passed_goes_to_the_lake_as_overdue(waiting_case):
    def told(due: timedelta) -> bool:
        Case.objects.filter(number=waiting_case).update(due_at=system_clock() + due)
        (row,) = casework.published()["platform.cases"][1]
        return row["is_overdue"]

    assert [told(timedelta(days=-1)), told(timedelta(days=1))] == [True, False]


def test_an_act_before_the_last_one_is_refused(waiting_case):
    with pytest.raises(casework.ActBeforeLast):
        casework.act(
            number=waiting_case, verb="confirm", officer=CLERK, at=NINE - timedelta(minutes=1)
        )


def test_a_case_handed_to_another_division_stays_whole(waiting_case):
    before = casework.case(waiting_case, actor=CLERK, at=TEN)
    with pytest.raises(NotAllowed):
        casework.act(
            number=waiting_case, verb="transfer", officer=OTHER_CLERK, at=TEN, reason="本村户籍",
            division=OTHER_VILLAGE,
        )  # fmt: skip
    casework.act(
        number=waiting_case, verb="transfer", officer=CLERK, at=TEN, reason="户籍在该村",
        division=OTHER_VILLAGE,
    )  # fmt: skip
    after = casework.case(waiting_case, actor=OTHER_CLERK, at=TEN)

    assert after.division == OTHER_VILLAGE
    for same in ("number", "subject", "title", "facts", "opened_at", "due_at", "organ"):
        assert getattr(after, same) == getattr(before, same), same
    lists = [
        [one.number for one in casework.cases_waiting(officer=one, at=TEN)]
        for one in (CLERK, OTHER_CLERK)
    ]
    assert lists == [[], [waiting_case]], "it waits at exactly one desk"
    assert [one.verb for one in casework.trail(waiting_case, actor=OTHER_CLERK)] == [
        "open", "transfer",
    ]  # fmt: skip
    assert casework.trail(waiting_case, actor=CLERK), "who had it still sees where it went"
    with pytest.raises(NotAllowed):
        casework.act(number=waiting_case, verb="confirm", officer=CLERK, at=ELEVEN)
    casework.act(number=waiting_case, verb="confirm", officer=OTHER_CLERK, at=ELEVEN)
    decided = casework.act(number=waiting_case, verb="approve", officer=LI, at=ELEVEN)
    assert decided.state == "ended"
    with pytest.raises(NotAllowed):
        casework.case(waiting_case, actor=replace(SUN, organ="elsewhere"), at=ELEVEN)
