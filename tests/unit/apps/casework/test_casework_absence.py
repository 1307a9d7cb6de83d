"""An officer who is away: a colleague of the same organ does their tasks, under both names."""

from datetime import date, timedelta

import msgspec
import pytest
from cast import NINE, OFFICE, OTHER_OFFICE, PASSWORD
from cast import place as two_offices
from workshop import COUNTY, library

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import StepTask, TrailEntry
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Invalid
from yiwang.packkit.kinds.work import Flow, Move, Step

FLOW = Flow(
    title="审批",
    start="check",
    limit="10wd",
    steps={
        "check": Step(
            title="审核",
            role="work.checker",
            limit="5wd",
            moves=(Move(verb="approve", to="granted", title="同意"),),
        ),
    },
    ends={"granted": "已办结"},
)
HANDLES = ("case.see", "case.handle")
FIRST, LAST = date(2026, 11, 3), date(2026, 11, 5)
TOMORROW, AFTER = NINE + timedelta(days=1), NINE + timedelta(days=4)


@pytest.fixture
def office(db) -> None:
    """Li checks; Zhao keeps files, He is in charge; Sun checks at the other office."""
    roles = {
        "work.checker": HANDLES,
        "work.files": HANDLES,
        "work.reader": ("case.see",),
        "work.head": (*HANDLES, "identity.absence.manage"),
    }
    shelf = two_offices(roles)
    for organ in (OFFICE, OTHER_OFFICE):
        posts = {name: (f"work.{name}",) for name in ("checker", "files", "reader", "head")}
        shelf.place.organs[organ] = msgspec.structs.replace(shelf.place.organs[organ], roles=posts)
    identity.install(shelf, at=NINE)
    casework.install(library(flows={"approval": FLOW}, incidents={}), at=NINE)
    people = (
        ("li", "李明", OFFICE, "checker"),
        ("zhao", "赵静", OFFICE, "files"),
        ("zhou", "周宁", OFFICE, "reader"),
        ("he", "何局", OFFICE, "head"),
        ("sun", "孙伟", OTHER_OFFICE, "checker"),
        ("qian", "钱进", OTHER_OFFICE, "head"),
    )
    for username, name, organ, post in people:
        identity.create_account(
            username=username, name=name, password=PASSWORD, at=NINE, organ=organ, posts=[post]
        )


def opened(at=NINE) -> str:
    return casework.open_case(
        flow="work.approval", subject="x", title="一件事", organ=OFFICE, division=COUNTY,
        facts={}, actor="services", at=at,
    ).number  # fmt: skip


def away(deputy="zhao", username="li", by="li", at=NINE, first=FIRST, last=LAST, reason="年休"):
    identity.name_deputy(
        username=username,
        deputy=deputy,
        first_on=first,
        last_on=last,
        reason=reason,
        officer=identity.officer(by, at=at),
        at=at,
    )


def act(number, verb, username, at):
    return casework.act(number=number, verb=verb, officer=identity.officer(username, at=at), at=at)


def waiting(username, at):
    officer = identity.officer(username, at=at)
    page = casework.work_list(officer=officer, at=at, asked=casework.Asked())
    assert casework.count_waiting(officer=officer, at=at).total == len(page.lines)
    return {one.number: one.in_place_of for one in page.lines}


def test_what_was_taken_and_what_comes_meanwhile_is_done_by_the_deputy_under_both_names(office):
    taken = opened()
    act(taken, "claim", "li", NINE)
    away()
    came = opened(TOMORROW)

    assert waiting("zhao", NINE) == {}, "not before the first day"
    assert waiting("zhao", TOMORROW) == {taken: "李明", came: "李明"}
    for number in (taken, came):
        view = casework.case(number, actor=identity.officer("zhao", at=TOMORROW), at=TOMORROW)
        assert [one.verb for one in view.moves] == ["approve"]
        assert act(number, "approve", "zhao", TOMORROW).state == "ended"

    lines = TrailEntry.objects.filter(verb="approve")
    assert {(one.actor, one.actor_name) for one in lines} == {("zhao", "赵静（代李明）")}
    assert {one.detail["in_place_of"] for one in lines} == {"li"}
    kept = [one for one in journal.entries(event="case.moved") if one.actor == "zhao"]
    assert {one.facts["in_place_of"] for one in kept} == {"li"}


def test_it_ends_by_itself_and_what_the_deputy_took_is_the_absent_officer_s_again(office):
    away()
    number = opened(TOMORROW)
    act(number, "claim", "zhao", TOMORROW)
    assert StepTask.objects.get().officer == "li"

    assert waiting("zhao", AFTER) == {}
    with pytest.raises(identity.NotAllowed):
        act(number, "approve", "zhao", AFTER)
    assert act(number, "approve", "li", AFTER).state == "ended"


def test_it_can_be_ended_early_by_who_is_back_or_by_the_manager_and_by_nobody_else(office):
    away()
    (known,) = identity.absences(officer=identity.officer("zhao", at=TOMORROW), at=TOMORROW)
    assert (known.name, known.deputy_name, known.is_now, known.may_end) == (
        "李明", "赵静", True, False,
    )  # fmt: skip
    for username, refusal in (("zhao", identity.NotAllowed), ("qian", identity.AbsenceUnknown)):
        officer = identity.officer(username, at=TOMORROW)
        with pytest.raises(refusal):
            identity.end_absence(absence=known.id, officer=officer, at=TOMORROW)

    identity.end_absence(absence=known.id, officer=identity.officer("he", at=TOMORROW), at=TOMORROW)

    assert identity.officer("zhao", at=TOMORROW + timedelta(hours=1)).stands_for == ()
    assert [one.event for one in journal.entries() if "absen" in one.event or "deput" in one.event]


def test_the_manager_of_the_organ_names_for_others_and_nobody_else_does(office):
    for username in ("zhao", "sun", "zhou"):
        with pytest.raises(identity.RightMissing):
            away(by=username)
    with pytest.raises(identity.DeputyUnfit, match="没有任职"):
        away(by="qian")

    away(by="he")

    assert waiting("zhao", TOMORROW) == {}
    assert [one.name for one in identity.officer("zhao", at=TOMORROW).stands_for] == ["李明"]
    for stranger in ("sun", "zhou", "he"):
        assert identity.officer(stranger, at=TOMORROW).stands_for == ()


@pytest.mark.parametrize("deputy", ["sun", "zhou", "li"])
def test_a_deputy_is_another_of_the_same_organ_who_handles_cases(office, deputy):
    with pytest.raises(identity.DeputyUnfit):
        away(deputy)


@pytest.mark.parametrize(
    "days",
    [
        {"first": date(2026, 11, 1)},
        {"last": date(2026, 11, 2)},
        {"last": date(2027, 11, 30)},
        {"reason": " "},
    ],
)
def test_days_are_to_come_in_order_and_not_without_end(office, days):
    with pytest.raises(Invalid):
        away(**days)


def test_there_are_no_chains(office):
    away()
    for again in (
        {"deputy": "he"},
        {"username": "zhao", "deputy": "he", "by": "zhao"},
        {"username": "he", "deputy": "li", "by": "he"},
    ):
        with pytest.raises(identity.AbsenceOverlaps):
            away(**again)
    away("he", first=date(2026, 11, 6), last=date(2026, 11, 6))


def test_a_deputy_gets_no_role_of_the_absent_and_their_own_work_stays_their_own(office):
    away("he")
    deputy = identity.officer("he", at=TOMORROW)

    assert deputy.roles == ("work.head",)
    number = opened(TOMORROW)
    stranger = identity.officer("sun", at=TOMORROW)
    assert waiting("sun", TOMORROW) == {}
    with pytest.raises(identity.NotAllowed):
        casework.act(number=number, verb="approve", officer=stranger, at=TOMORROW)
