"""One-things: one form, several organs, mixed outcomes, and what falls with what."""

from datetime import timedelta

import applying
import pytest
from applying import ELDER
from cast import PASSWORD
from django.utils import timezone

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import Case
from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.apps.services.models import Application, BundleFiling, BundlePart

START, RETIRE = "business_start.start", "retirement.retirement"
ANSWERS = {"firm_name": "泗阳县秀英家政有限公司", "firm_kind": "company", "capital": "10"}
ADDRESS = {"address": "众兴街道北京路1号", "ethnic": "01", "sex": "2"}
GIVEN = services.Given(answers={**ANSWERS, **ADDRESS}, agreed=frozenset({"premises"}))
ORGANS = ("market", "public-security", "tax", "human-resources", "medical-security", "housing")


@pytest.fixture
def county(applying_county, db):
    for organ in ORGANS:
        identity.create_account(
            username=f"{organ}-all", name=organ, password=PASSWORD, at=timezone.now(), organ=organ,
            posts=["事项经办", "事项审批"] + (["一件事牵头"] if organ == "market" else []),
        )  # fmt: skip


def wang() -> identity.Applicant:
    return identity.applicant(ELDER)


def officer(organ: str) -> identity.Officer:
    return identity.officer(f"{organ}-all", at=timezone.now())


def filed(given: services.Given = GIVEN, token: str = "t") -> services.FilingView:
    return services.file_bundle(START, token=token, given=given, actor=wang(), at=timezone.now())


def decide(filing: services.FilingView, member: str, organ: str, verb: str) -> None:
    case = part(filing, member).case
    for step in ("accept", verb):
        services.act_on_case(
            number=case, verb=step, officer=officer(organ), at=timezone.now(),
            reason="材料与事实不符" if step == "refuse" else "",
            evidence={"clause": "《办法》第四条"} if step == "refuse" else {},
        )  # fmt: skip


def part(filing: services.FilingView, member: str) -> services.PartView:
    now = services.filing(filing.number, actor=wang(), at=timezone.now())
    return next(one for one in now.parts if one.member == member)


def states(filing: services.FilingView) -> dict[str, str]:
    now = services.filing(filing.number, actor=wang(), at=timezone.now())
    return {one.member: one.state for one in now.parts}


def test_one_form_asks_each_thing_once_and_opens_a_case_at_every_organ(county):
    page = services.bundle_page(START, actor=wang(), at=timezone.now()).page
    names = [one.name for one in (*page.known, *page.asked)]
    assert len(names) == len(set(names))
    assert "name" not in {one.name for one in page.asked}

    filing = filed()

    assert filing.repeated_fields > 10
    cases = {case.organ for case in Case.objects.all()}
    assert cases == {"market", "public-security", "tax"}
    assert states(filing) == dict.fromkeys(("registration", "seal", "tax"), "waiting")
    assert Application.objects.get(item="business_start.seal").answers.keys() == {
        "name", "id_number", "division", "phone", "firm_name",
    }  # fmt: skip


def test_a_member_after_another_begins_when_that_is_granted(county):
    given = services.Given(
        answers={**GIVEN.answers, "has_employees": "true", "employees": "3"}, agreed=GIVEN.agreed
    )
    filing = filed(given)
    assert states(filing)["insurance"] == "pending"

    decide(filing, "registration", "market", "approve")

    assert states(filing)["insurance"] == "waiting"
    assert part(filing, "registration").license
    case = casework.case(part(filing, "insurance").case, actor=wang(), at=timezone.now())
    assert case.facts["员工人数"] == "3"


def test_a_refused_member_takes_back_what_falls_with_it(county):
    filing = filed()
    decide(filing, "tax", "tax", "approve")
    held = part(filing, "tax").license

    decide(filing, "registration", "market", "refuse")

    assert states(filing) == {"registration": "denied", "seal": "dropped", "tax": "undoing"}
    undo = part(filing, "tax").undo_case
    services.act_on_case(
        number=undo, verb="confirm", officer=officer("tax"), at=timezone.now(), reason="登记未准予"
    )
    assert states(filing)["tax"] == "undone"
    now = timezone.now()
    assert credentials.license_of(held, actor=wang(), at=now).state == "revoked"
    ended = services.filing(filing.number, actor=wang(), at=now)
    assert ended.ended_at is not None
    assert ended.outcome == "全部未办成"


def test_mixed_outcomes_are_one_progress(county):
    filing = filed()
    decide(filing, "seal", "public-security", "refuse")
    decide(filing, "registration", "market", "approve")
    decide(filing, "tax", "tax", "approve")
    assert services.filing(filing.number, actor=wang(), at=timezone.now()).outcome == (
        "办成 2 项，未办成 1 项"
    )


def test_an_organ_that_never_answers_is_pursued_once_by_the_lead_organ(county):
    filing = filed()
    later = timezone.now() + timedelta(days=20)
    assert services.pursue_late_members(at=later) == 3
    assert services.pursue_late_members(at=later) == 0
    (line,) = services.filings(officer=officer("market"), at=later)
    assert all(one.is_late and one.late_case for one in line.parts)
    lead = casework.cases_waiting(officer=officer("market"), at=later, flow="base.late_member")
    assert len(lead) == 3
    assert ELDER not in str(lead)
    assert states(filing) == dict.fromkeys(("registration", "seal", "tax"), "waiting")


def test_sent_twice_it_is_filed_once_and_a_second_waits_for_the_first(county):
    first, second = filed(), filed()
    assert first.number == second.number
    with pytest.raises(services.AlreadyHeld):
        filed(token="other")
    assert BundleFiling.objects.count() == 1
    assert Case.objects.count() == 3


def test_what_is_missing_or_altered_is_refused_at_its_field_and_nothing_begins(county):
    with pytest.raises(services.ApplicationRefused) as refusal:
        filed(services.Given(answers={"name": "别人", "capital": "-1"}))
    wrong = refusal.value.fields
    assert {"answer-name", "answer-firm_name", "material-premises"} <= wrong.keys()
    assert not Case.objects.exists()
    assert not BundlePart.objects.exists()


def test_the_stranger_and_other_organs_see_nothing_of_a_filing(county):
    number = filed().number
    at = timezone.now()
    stranger = identity.officer("stranger", at=at)
    for actor in (stranger, officer("tax"), identity.applicant(applying.CARDLESS)):
        with pytest.raises(services.FilingUnknown):
            services.filing(number, actor=actor, at=at)
    with pytest.raises(identity.NotAllowed):
        services.filings(officer=stranger, at=at)
    seen = services.filing(number, actor=officer("market"), at=at)
    assert ELDER not in str(seen)
