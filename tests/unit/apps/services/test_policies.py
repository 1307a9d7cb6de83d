"""A benefit finds its people: judged, explained, confirmed where they live, granted, listed."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import prepared
import pytest
from cast import NINE, OFFICE, WANG_NUMBER
from workshop import OTHER_VILLAGE, VILLAGE

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity.public import Applicant, Officer
from yiwang.apps.journal.models import Outbox
from yiwang.apps.services import public as services
from yiwang.apps.services.models import Candidate, Confirmation, Payment
from yiwang.kernel.errors import NotAllowed
from yiwang.kernel.identifiers import gbt11643
from yiwang.lake import Lake
from yiwang.packkit import Library

POLICY = "elder_allowance.allowance"
TODAY = date(2026, 11, 2)
CIVIL = Officer(
    username="civil",
    name="李芳",
    organ=OFFICE,
    roles=("elder_allowance.civil_officer",),
    rights=frozenset(
        {
            "case.see",
            "case.handle",
            "case.open",
            "services.see",
            "services.run",
            "credentials.issue",
        }
    ),
    divisions=("321323000000",),
)
STRANGER = replace(CIVIL, username="sun", organ="market")
CLERK = Officer(
    username="clerk",
    name="周村",
    organ="town-321323001",
    roles=("elder_allowance.village_clerk",),
    rights=frozenset({"case.see", "case.handle"}),
    divisions=(VILLAGE,),
)


def elder(birth: str, sequence: int) -> str:
    first17 = f"321323{birth}{sequence:03d}"
    return first17 + gbt11643.check_digit(first17)


def person(number: str, **changes) -> dict:
    birth = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    return {
        "id_number": number,
        "name": "王秀英",
        "birth_on": birth,
        "division": VILLAGE,
        "township": "321323001000",
        "phone": "13800000000",
        "is_alive": True,
        "death_on": None,
        "account": f"62{number[6:]}00",
        "account_status": "1",
        "account_holders": 1,
    } | changes


EIGHTY, NINETY, HUNDRED = elder("19450101", 2), elder("19350505", 4), elder("19200101", 6)
DEAD, YOUNG = elder("19400101", 8), WANG_NUMBER
NO_ACCOUNT, ELSEWHERE = elder("19410203", 10), elder("19420304", 12)
PEOPLE = [
    person(EIGHTY),
    person(NINETY),
    person(HUNDRED),
    person(DEAD, is_alive=False, death_on=date(2026, 1, 1)),
    person(YOUNG),
    person(NO_ACCOUNT, account=None, account_status=None, account_holders=None),
    person(ELSEWHERE, division=OTHER_VILLAGE),
]


@pytest.fixture
def library() -> Library:
    return prepared.library()


@pytest.fixture
def county(db, library, tmp_path, settings):
    settings.HOME = tmp_path
    prepared.install(casework, credentials, services, at=NINE)
    lake = Lake(tmp_path / "lake")
    columns = {
        name: column.type
        for name, column in library.table("elder_allowance.candidate_base").columns.items()
    }
    lake.write("elder_allowance.candidate_base", PEOPLE, columns=columns, at=NINE)
    lake.close()


@pytest.fixture
def run(county) -> services.RunView:
    return services.run_policy(policy(), as_of=TODAY, at=NINE, officer=CIVIL)


def policy() -> str:
    return "elder_allowance.elder_allowance"


def test_the_whole_population_is_judged_and_the_counts_balance(run):
    assert (run.judged, run.yes, run.no, run.unknown) == (7, 4, 2, 1)
    assert run.amount == Decimal("60.00") + Decimal("120.00") + Decimal("500.00") + Decimal("60.00")
    assert run.failed == {"在世": 1, "到达起始年龄": 1}
    assert run.parameters["起始年龄"]["value"] == "80"
    assert list(run.snapshots) == ["elder_allowance.candidate_base"]


def test_who_cannot_be_judged_is_listed_with_what_is_missing(run):
    (unclear,) = services.candidates(run.id, officer=CIVIL, verdict="unknown")

    assert unclear.subject == NO_ACCOUNT
    assert unclear.reasons == ("银行账户状态正常", "银行账户不与他人共用")
    assert unclear.missing == ("账户状态", "共用该账号的人数")


@pytest.mark.parametrize("number", [row["id_number"] for row in PEOPLE])
def test_one_persons_explanation_agrees_with_the_run(run, number):
    told = services.explain_candidate(run.id, number, officer=CIVIL, at=NINE)

    assert told.agrees
    assert len(told.reasons) == 5


def test_the_explanation_still_agrees_after_the_data_changed(run, settings, library):
    lake = Lake(settings.HOME / "lake")
    lake.write(
        "elder_allowance.candidate_base",
        [person(EIGHTY, is_alive=False)],
        columns=lake.columns("elder_allowance.candidate_base"),
        at=NINE + timedelta(days=1),
    )
    lake.close()

    assert services.explain_candidate(run.id, EIGHTY, officer=CIVIL, at=NINE).verdict == "yes"


def test_each_entitled_person_gets_one_case_in_their_village(run):
    numbers = services.open_confirmations(run.id, officer=CIVIL, at=NINE)

    assert len(numbers) == 4
    assert len(casework.cases_waiting(officer=CLERK, at=NINE)) == 3
    assert services.open_confirmations(run.id, officer=CIVIL, at=NINE) == []
    again = services.run_policy(policy(), as_of=TODAY, at=NINE, officer=CIVIL)
    assert services.open_confirmations(again.id, officer=CIVIL, at=NINE) == []


def decide(number: str, verb: str, **how):
    services.act_on_case(number=number, verb="confirm", officer=CLERK, at=NINE)
    return services.act_on_case(number=number, verb=verb, officer=CIVIL, at=NINE, **how)


def case_of(run, subject: str) -> str:
    services.open_confirmations(run.id, officer=CIVIL, at=NINE)
    return Confirmation.objects.get(subject=subject).case


def test_a_grant_issues_the_record_and_the_payment_line(run):
    number = case_of(run, EIGHTY)
    view = decide(number, "approve")

    assert view.step_title == "已认定"
    wang = Applicant(subject=EIGHTY, kind="person", name="王秀英")
    (held,) = credentials.licenses_of(EIGHTY, actor=wang, at=NINE)
    assert held.case == number
    assert held.fields["monthly_amount"] == ("每月金额（元）", "60.00")
    assert credentials.verify(held.token, at=NINE).shown["年龄档"] == "80至89周岁"
    (line,) = services.payments(policy(), officer=CIVIL)
    assert (line["amount"], line["license"]) == (Decimal("60.00"), held.number)
    assert services.policy_run(run.id, officer=CIVIL).granted == 1


def test_a_refusal_issues_nothing_and_the_person_may_be_confirmed_again(run):
    number = case_of(run, EIGHTY)
    decide(number, "refuse", reason="已享受同类补贴", evidence={"clause": "《办法》第四条"})

    assert not Payment.objects.exists()
    assert Confirmation.objects.get(case=number).state == "denied"
    assert len(services.open_confirmations(run.id, officer=CIVIL, at=NINE)) == 0
    again = services.run_policy(policy(), as_of=TODAY, at=NINE, officer=CIVIL)
    assert len(services.open_confirmations(again.id, officer=CIVIL, at=NINE)) == 1


def test_if_the_record_cannot_be_issued_the_decision_does_not_stand(run):
    number = case_of(run, EIGHTY)
    services.act_on_case(number=number, verb="confirm", officer=CLERK, at=NINE)
    powerless = replace(CIVIL, rights=CIVIL.rights - {"credentials.issue"})

    with pytest.raises(NotAllowed):
        services.act_on_case(number=number, verb="approve", officer=powerless, at=NINE)

    assert casework.case(number, actor=CIVIL, at=NINE).step == "civil_check"
    assert not Payment.objects.exists()


def test_a_stranger_runs_sees_and_confirms_nothing(run):
    before = Outbox.objects.count()

    with pytest.raises(NotAllowed):
        services.run_policy(policy(), as_of=TODAY, at=NINE, officer=STRANGER)
    for look in (services.policy_run, services.candidates):
        with pytest.raises(NotAllowed):
            look(run.id, officer=STRANGER)
    with pytest.raises(NotAllowed):
        services.explain_candidate(run.id, EIGHTY, officer=STRANGER, at=NINE)
    with pytest.raises(NotAllowed):
        services.open_confirmations(run.id, officer=STRANGER, at=NINE)
    with pytest.raises(NotAllowed):
        services.payments(policy(), officer=STRANGER)
    assert not [one for one in services.policies(officer=STRANGER) if one.organ == OFFICE]
    assert Outbox.objects.count() == before


def test_a_policy_is_not_run_before_it_applies(county):
    with pytest.raises(services.PolicyNotInForce):
        services.run_policy(policy(), as_of=date(2019, 1, 1), at=NINE, officer=CIVIL)


def test_a_run_and_its_candidates_never_change(run):
    from django.db import DatabaseError, transaction

    for model in (Candidate,):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            model.objects.update(verdict="yes")


def test_items_are_listed_and_found_by_title(county):
    assert [one.title for one in services.items(query="高龄")] == ["高龄津贴"]
    with pytest.raises(services.ItemUnknown):
        services.item("nothing.here")
