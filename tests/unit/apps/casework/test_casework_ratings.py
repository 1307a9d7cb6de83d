"""What people say of finished cases, what a bad word begins, and how numbers resist gaming."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cast import NINE, OFFICE, OTHER_OFFICE, WANG_COMPANY, WANG_NUMBER
from django.conf import settings
from django.db import DatabaseError, transaction
from workshop import VILLAGE

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import Case, Rating, StepTask
from yiwang.apps.casework.scores import Score, in_order, wilson
from yiwang.apps.identity.public import Applicant, Officer
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit.current import current_library

FLOW = "elder_allowance.confirmation"
WANG = Applicant(subject=WANG_NUMBER, kind="person", name="王秀英")
COMPANY = Applicant(subject=WANG_COMPANY, kind="firm", name="别人的公司")
RIGHTS = frozenset({"case.see", "case.handle"})
STEWARD = Officer(
    username="jian", name="许监督", organ="approval", roles=("base.rating_steward",),
    rights=RIGHTS | {"rating.watch"}, divisions=("321323000000",),
)  # fmt: skip
REVIEWER = replace(STEWARD, username="shen", roles=("base.rating_reviewer",))
LI = replace(
    STEWARD, username="li", organ=OFFICE, rights=RIGHTS,
    roles=("base.data_officer", "elder_allowance.civil_officer"),
)  # fmt: skip
SUN = replace(STEWARD, username="sun", organ=OTHER_OFFICE, rights=RIGHTS)
LATER = NINE + timedelta(days=1)


@pytest.fixture
def installed(db) -> None:
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    casework.install(library, at=NINE)


def ended(count: int = 1, subject: str = WANG_NUMBER) -> list[str]:
    """Cases that went through both steps and were granted."""
    news = [
        casework.NewCase(subject=subject, title="高龄津贴", organ=OFFICE, division=VILLAGE)
        for _ in range(count)
    ]
    numbers = casework.open_cases(flow=FLOW, cases=news, actor="services", at=NINE)
    for verb in ("confirm", "approve"):
        assert not casework.act_on_many(numbers=numbers, verb=verb, officer="tests", at=NINE)
    return numbers


def rate(number: str, score: int = 5, actor=WANG, **more) -> None:
    casework.rate(number=number, score=score, comment="", actor=actor, at=LATER, **more)


def score(at=LATER) -> Score:
    found = casework.scores(since=NINE - timedelta(days=30), until=at, at=at)
    return next(one for one in found if one.organ == OFFICE)


def test_every_finished_case_invites_a_rating_whoever_filed_it(installed):
    (number,) = ended()

    (one,) = casework.to_rate(WANG)
    assert (one.number, one.score, one.scores[4]) == (number, 0, "非常满意")
    assert casework.rating_of(number, actor=COMPANY) is None
    assert casework.to_rate(COMPANY) == []


def test_nobody_rates_before_the_end(installed):
    view = casework.open_case(
        flow=FLOW,
        subject=WANG_NUMBER,
        title="高龄津贴",
        organ=OFFICE,
        division=VILLAGE,
        actor="services",
        at=NINE,
    )

    with pytest.raises(casework.NotYetEnded):
        rate(view.number)
    assert casework.to_rate(WANG) == []


@pytest.mark.parametrize("who", [LI, SUN, STEWARD, COMPANY])
def test_only_the_people_of_a_case_rate_it(installed, who):
    (number,) = ended()

    with pytest.raises(NotAllowed):
        rate(number, actor=who)
    assert not Rating.objects.exists()


def test_a_bad_rating_begins_a_rectification_at_the_organ_that_handled_it(installed):
    (number,) = ended()
    rate(number, score=1)

    (said,) = casework.ratings(officer=LI)
    begun = casework.case(said.rectification, actor=STEWARD, at=LATER)
    assert (begun.step, begun.organ, begun.facts["被评价办件"]) == ("verify", OFFICE, number)
    assert begun.due_at is not None
    assert casework.parties_of(said.rectification) == {"reviewer": "approval"}


def test_a_rectification_is_verified_done_called_back_and_reviewed_by_another(installed):
    (number,) = ended()
    rate(number, score=2)
    begun = Rating.objects.get().rectification
    steps = (
        (STEWARD, "dispatch"),
        (LI, "handle"),
        (STEWARD, "return"),
        (LI, "handle"),
        (STEWARD, "confirm"),
    )
    for who, verb in steps:
        casework.act(number=begun, verb=verb, officer=who, at=LATER, reason="已电话核实")
    with pytest.raises(NotAllowed):
        casework.act(number=begun, verb="close", officer=STEWARD, at=LATER)
    assert score(LATER + timedelta(hours=1)).outcomes == {"整改中": 1}

    casework.act(number=begun, verb="close", officer=REVIEWER, at=LATER)

    assert score(LATER + timedelta(hours=1)).outcomes == {"已整改": 1}
    (mine,) = casework.to_rate(WANG)
    assert mine.rectification is not None
    assert (mine.score, mine.rectification.title) == (2, "已整改")


KIND = "city_management.dead_tree"


def reported(actor: Applicant, summary: str, lon: float = 118.7) -> str:
    (told,) = casework.report_signals(
        signals=[
            casework.NewSignal(
                kind=KIND, source="portal", summary=summary, lon=lon, lat=33.7, division=VILLAGE
            )
        ],
        actor=actor,
        at=NINE,
    )
    return told.number


def test_whoever_reported_an_incident_may_rate_it_until_one_of_them_has(installed):
    number = reported(WANG, "我家门口的井盖没了")
    assert reported(COMPANY, "井盖缺失") == number
    assert (casework.to_rate(WANG), casework.to_rate(COMPANY)) == ([], [])
    casework.act(number=number, verb="deny", officer="tests", at=LATER, reason="已恢复")

    (mine,), (theirs,) = casework.to_rate(WANG), casework.to_rate(COMPANY)
    assert mine.number == theirs.number == number
    assert "我家门口" in mine.title
    assert "我家门口" not in theirs.title, "nobody reads what another reporter wrote"
    rate(number, score=5, actor=COMPANY)

    assert [one.score for one in casework.to_rate(COMPANY)] == [5]
    assert casework.to_rate(WANG) == [], "nor what another said of it"


def test_who_reported_what_became_part_of_another_rates_that_one(installed):
    part, whole = reported(WANG, "井盖没了"), reported(COMPANY, "井盖", lon=118.9)
    organ = StepTask.objects.get(case__number=part).organ
    watcher = replace(
        STEWARD, username="duty", organ=organ, roles=("grid.dispatcher",),
        rights=RIGHTS | {"incident.watch"},
    )  # fmt: skip
    casework.merge_incidents(
        number=part, into=whole, reason="同一处", officer=watcher, at=NINE + timedelta(hours=1)
    )
    casework.act(number=whole, verb="deny", officer="tests", at=LATER, reason="已恢复")

    assert [one.number for one in casework.to_rate(WANG)] == [whole]
    rate(whole, actor=WANG)
    stranger = Applicant(subject="110101199003070038", kind="person", name="路人")
    with pytest.raises(NotAllowed):
        rate(part, actor=stranger)


def test_cases_of_which_nobody_speaks_are_counted_apart(installed):
    numbers = ended(3)
    rate(numbers[0])

    in_time, late = score(LATER), score(NINE + timedelta(days=11))
    assert (in_time.said, in_time.defaults, in_time.waiting) == (1, 0, 2)
    assert (late.said, late.good, late.defaults, late.waiting) == (1, 1, 2, 0)


def test_a_case_can_be_rated_after_its_default_and_is_then_counted_as_said(installed):
    (number,) = ended()
    after = NINE + timedelta(days=20)
    casework.rate(number=number, score=4, comment="", actor=WANG, at=after)

    assert (score(after).said, score(after).defaults) == (1, 0)


def test_a_receipt_lets_its_bearer_rate_one_case_from_any_phone(installed):
    first, other = ended(2)
    invitation = casework.invitation(first, actor=WANG)

    said = casework.rate_invited(invitation=invitation, score=4, comment="快", at=LATER, device="p")
    assert said == first
    with pytest.raises(casework.AlreadyRated):
        casework.rate_invited(invitation=invitation, score=5, comment="", at=LATER)
    with pytest.raises(casework.InvitationBroken):
        moved = invitation.replace(first, other)
        casework.rate_invited(invitation=moved, score=5, comment="", at=LATER)
    with pytest.raises(NotAllowed):
        casework.invitation(other, actor=COMPANY)


def test_an_officer_s_browser_rates_with_no_receipt(installed):
    (number,) = ended()
    invitation = casework.invitation(number, actor=LI)

    with pytest.raises(NotAllowed, match="工作人员"):
        casework.rate_invited(invitation=invitation, score=5, comment="", at=LATER, looker=LI)


def test_many_ratings_from_one_device_are_kept_but_the_further_do_not_count(installed):
    for number in ended(8):
        invitation = casework.invitation(number, actor=WANG)
        casework.rate_invited(
            invitation=invitation, score=5, comment="", at=LATER, device="the hall's tablet"
        )

    assert (score().said, score().excluded) == (5, 3)
    assert casework.ratings(officer=LI)[0].excluded == "同一设备评价过多"


def test_many_ratings_by_one_hand_are_kept_but_the_further_do_not_count(installed):
    for number in ended(7):
        rate(number)

    assert (score().said, score().excluded) == (5, 2)
    assert score().ended == 7


def test_a_bad_word_too_many_does_not_count_but_is_looked_into(installed):
    for number in ended(6):
        rate(number, score=1)

    assert (score().bad, score().excluded) == (5, 1)
    assert Case.objects.filter(flow__ref="base.rating_rectification").count() == 6


def test_an_organ_sees_its_own_words_and_who_watches_sees_all(installed):
    (number,) = ended()
    rate(number)

    assert [one.number for one in casework.ratings(officer=LI, organ=OTHER_OFFICE)] == [number]
    assert [one.number for one in casework.ratings(officer=STEWARD)] == [number]
    assert casework.ratings(officer=SUN, organ=OFFICE) == []
    with pytest.raises(NotAllowed):
        casework.ratings(officer=replace(SUN, rights=frozenset()))


def test_a_rating_is_never_changed(installed):
    (number,) = ended()
    rate(number)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Rating.objects.update(score=1)


def test_the_interval_is_wilson_s():
    # Checked against the worked values of Newcombe, Statistics in Medicine 17 (1998), table I.
    assert [round(one, 4) for one in wilson(81, 263)] == [0.2553, 0.3662]
    assert [round(one, 4) for one in wilson(15, 148)] == [0.0624, 0.1605]
    assert [round(one, 4) for one in wilson(0, 20)] == [0.0, 0.1611]
    assert [round(one, 4) for one in wilson(1, 29)] == [0.0061, 0.1718]
    assert wilson(0, 0) == (0.0, 1.0)


def test_three_perfect_ratings_do_not_outrank_a_hundred_good_ones():
    def one(organ: str, said: int, good: int) -> Score:
        return Score(organ=organ, ended=said, said=said, good=good, excluded=0, defaults=0, few=10)

    ranked = in_order([one("few", 3, 3), one("many", 100, 97), one("worse", 100, 80)])

    assert [one.organ for one in ranked] == ["many", "worse", "few"]
