"""Policies find people: batches with evidence, life events, dry runs, payments, rechecks."""

from datetime import date, timedelta
from decimal import Decimal

import prepared
import pytest
from benefit_county import (
    ALMOST,
    BABY,
    CHECKER,
    CLERK,
    DISABLED,
    MAKER,
    OLD_POOR,
    PEOPLE,
    PLAIN,
    STEWARD,
    STRANGER,
    person,
    resident,
    write,
)
from cast import NINE
from django.db import DatabaseError, IntegrityError, transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.journal.models import Outbox
from yiwang.apps.services import public as services
from yiwang.apps.services.models import (
    EligibilityChange,
    Payment,
    PaymentLine,
    PolicyBatch,
    PolicyNotice,
    PolicyRun,
    PolicyVersion,
    Recovery,
)
from yiwang.apps.services.published import published
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit import Library

TODAY, HARDSHIP = NINE.date(), "benefits.elder_hardship"
FEW = [
    f"benefits.{name}"
    for name in (
        "elder_hardship", "elder_care_service", "unemployment", "orphan_living", "disabled_student",
    )
]  # fmt: skip
"""Enough for these tests; all policies stand in tests/spec/test_benefit_rules.py."""
MONTH = f"{TODAY:%Y-%m}"


@pytest.fixture(scope="module")
def library() -> Library:
    return prepared.library()


@pytest.fixture
def county(db, library, tmp_path, settings):
    settings.HOME = tmp_path
    prepared.install(casework, credentials, services, at=NINE)
    PolicyVersion.objects.exclude(ref__in=FEW).update(is_current=False)
    write(library)


@pytest.fixture
def batch(county) -> PolicyBatch:
    (number,) = services.run_batch(as_of=TODAY, at=NINE, officer=STEWARD)
    return PolicyBatch.objects.get(pk=number)


def run_of(policy: str) -> PolicyRun:
    return PolicyRun.objects.filter(policy__ref=policy).latest("id")


def granted(policy: str, subject: str, at=NINE) -> Payment:
    """Through the village and the office to the payment roll."""
    run = run_of(policy).pk
    services.list_candidates(run, officer=MAKER, at=at)
    services.open_confirmations(run, officer=MAKER, at=at)
    waiting = casework.cases_waiting(officer=CLERK, at=at, limit=100)
    (number,) = [one.number for one in waiting if casework_subject(one.number) == subject]
    services.act_on_case(number=number, verb="confirm", officer=CLERK, at=at)
    services.act_on_case(number=number, verb="approve", officer=MAKER, at=at)
    return Payment.objects.get(case=number)


def casework_subject(number: str) -> str:
    return casework.case(number, actor=MAKER, at=NINE).subject


def test_the_policies_over_a_table_are_one_batch_whose_evidence_holds_values_and_reasons(batch):
    assert (batch.people, batch.policies) == (5, len(FEW))
    assert {run.judged for run in batch.runs.all()} == {5}
    run = run_of(HARDSHIP)
    assert (run.yes, run.no, run.unknown) == (1, 4, 0)
    assert run.failed == {"old_enough": 4, "in_hardship": 3}
    assert run.amount == Decimal("100.00")
    unclear = run_of("benefits.unemployment")
    assert (unclear.yes, unclear.unknown) == (0, 1)


def test_evidence_is_never_changed(batch):
    for model in (PolicyBatch, PolicyRun):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            model.objects.update(seconds=0)


def test_a_batch_is_run_by_who_may_match_the_county_only(county):
    for officer in (MAKER, STRANGER, CHECKER):
        with pytest.raises(NotAllowed):
            services.run_batch(as_of=TODAY, at=NINE, officer=officer)


def test_the_counter_tells_eligible_not_and_unknown_because(batch):
    found = services.match_at_counter(PLAIN, purpose="窗口咨询失业补助", officer=MAKER, at=NINE)

    (unclear,) = found.of("unknown")
    assert (unclear.title, unclear.missing) == ("失业补助", ("失业保险缴费月数",))
    assert [one.title for one in unclear.because] == ["失业保险缴费满规定月数"]
    assert not found.of("yes")
    assert len(found.matches) == len(FEW)
    kept = [one for one in vars(Outbox.objects.latest("id")).values() if isinstance(one, bytes)]
    assert any("窗口咨询失业补助".encode() in one for one in kept)


def test_the_counter_needs_a_purpose_a_right_and_a_real_number(batch):
    with pytest.raises(services.PurposeMissing):
        services.match_at_counter(PLAIN, purpose=" ", officer=MAKER, at=NINE)
    with pytest.raises(NotAllowed):
        services.match_at_counter(PLAIN, purpose="随便看看", officer=CLERK, at=NINE)
    with pytest.raises(services.SubjectNotHeld):
        services.match_at_counter("321323199005050", purpose="窗口咨询", officer=MAKER, at=NINE)


def test_who_receives_one_of_two_exclusive_benefits_is_told_so(batch):
    granted(HARDSHIP, OLD_POOR)
    found = services.my_matches(actor=resident(OLD_POOR), at=NINE)

    care = next(one for one in found.matches if one.title == "养老服务补贴")
    assert care.excluded_by == "经济困难老年人补贴"


def test_a_birthday_is_an_event_and_only_those_concerned_are_judged_again(batch):
    assert services.judge_events(at=NINE)[0].judged == 0
    birthday = NINE + timedelta(days=1)
    (found,) = services.judge_events(at=birthday)

    assert (found.judged, found.gained) == (1, 1)
    change = EligibilityChange.objects.get(policy=HARDSHIP)
    assert (change.subject, change.event, change.was, change.now) == (ALMOST, "到龄", "no", "yes")
    assert change.because == ["满60周岁"]
    assert services.judge_events(at=birthday)[0].gained == 0


def test_a_death_stops_the_payment_and_recovers_what_was_paid_after_it(batch, library):
    payment = granted(HARDSHIP, OLD_POOR)
    paid_for(HARDSHIP)
    died = person(OLD_POOR, assistance="01", is_alive=False, death_on=date(2026, 9, 20))
    write(library, [died, *PEOPLE[1:]], at=NINE + timedelta(hours=1))
    found = services.judge_events(at=NINE + timedelta(hours=2))[0]

    assert (found.judged, found.lost, found.stopped) == (1, 1, 1)
    payment.refresh_from_db()
    assert payment.stop.from_month == "2026-10"
    assert payment.stop.because == "死亡：在世"
    recovery = Recovery.objects.get(payment=payment)
    assert recovery.amount == Decimal("100.00")
    assert casework.case(recovery.case, actor=MAKER, at=NINE).title == "经济困难老年人补贴多发追回"


def test_the_entitled_are_told_why_unless_they_said_no(batch, library):
    services.opt_out(policy="benefits.disabled_student", actor=resident(DISABLED), at=NINE)
    pupil = person(DISABLED, disability_degree="1", disability_category="4", school_stage="大学")
    baby = person(BABY, guardianship="孤儿", assistance="01", school_stage="学前")
    write(library, [*PEOPLE[:2], baby, pupil, PEOPLE[4]])
    services.judge_events(at=NINE + timedelta(hours=1))

    assert EligibilityChange.objects.filter(policy="benefits.disabled_student", now="yes").exists()
    assert not PolicyNotice.objects.filter(subject=DISABLED).exists()
    services.opt_in(policy="benefits.disabled_student", actor=resident(DISABLED), at=NINE)
    assert services.opted_out(actor=resident(DISABLED)) == set()


def test_a_run_tells_each_person_once_with_the_reason(batch):
    run = run_of("benefits.orphan_living").pk
    assert services.tell_run(run, officer=MAKER, at=NINE) == 1
    assert services.tell_run(run, officer=MAKER, at=NINE) == 0
    (notice,) = services.read_notices(actor=resident(BABY), at=NINE)
    assert notice["text"].startswith("您可能符合“孤儿基本生活费”，因为满足：")
    assert services.read_notices(actor=resident(PLAIN), at=NINE) == []
    with pytest.raises(NotAllowed):
        services.tell_run(run, officer=STRANGER, at=NINE)


def test_a_dry_run_says_who_gains_who_loses_and_the_money_by_division(batch):
    told = services.dry_run(
        HARDSHIP,
        changes={"least_age": "55", "amount": "80.00"},
        as_of=TODAY,
        officer=MAKER,
        at=NINE,
    )

    assert (told.whole.gain, told.whole.lose, told.whole.more) == (1, 0, 1)
    assert (told.whole.before, told.whole.after) == (Decimal("100.00"), Decimal("160.00"))
    (town,) = told.divisions
    assert (town.division, town.difference) == ("321323001000", Decimal("60.00"))
    assert told.changes == {"起始年龄": ("60", "55"), "每月金额": ("100.00", "80.00")}
    rows = services.concerned(told.id, officer=MAKER, at=NINE)
    assert {(row["id_number"], row["was"], row["now"]) for row in rows} == {
        (ALMOST, "no", "yes"),
        (OLD_POOR, "yes", "yes"),
    }
    assert run_of(HARDSHIP).yes == 1  # nothing took effect


def test_a_dry_run_of_nonsense_is_refused_with_what_may_be_changed(batch):
    for changes in ({"amount": "很多"}, {"salary": "1"}):
        with pytest.raises(services.ChangeRefused) as refused:
            services.dry_run(HARDSHIP, changes=changes, as_of=TODAY, officer=MAKER, at=NINE)
        assert refused.value.hint
    with pytest.raises(NotAllowed):
        services.dry_run(HARDSHIP, changes={}, as_of=TODAY, officer=STRANGER, at=NINE)


def paid_for(policy: str, *, word: str = "成功") -> services.BatchView:
    """The month's batch, made, checked, exported, and returned with one result for all."""
    made = services.make_batch(policy, month=MONTH, officer=MAKER, at=NINE)
    services.check_batch(made.id, agree=True, note="", officer=CHECKER, at=NINE)
    _, content = services.export_batch(made.id, officer=CHECKER, at=NINE)
    lines = content.decode("utf-8-sig").splitlines()[1:]
    results = [f"{line.split(',')[0]},{word},账号不符" for line in lines]
    text = "\n".join(["明细号,结果,说明", *results])
    return services.take_results(made.id, content=text.encode(), officer=MAKER, at=NINE)


def test_a_month_is_paid_by_two_people_once_and_failures_are_paid_again(batch):
    granted(HARDSHIP, OLD_POOR)
    failed = paid_for(HARDSHIP, word="失败")
    assert failed.by_state["failed"][1:] == (1, Decimal("100.00"))
    paid = paid_for(HARDSHIP)

    assert (paid.number, paid.by_state["paid"][1]) == (2, 1)
    with pytest.raises(services.NobodyToPay):
        services.make_batch(HARDSHIP, month=MONTH, officer=MAKER, at=NINE)
    line = PaymentLine.objects.get(state="paid")
    with pytest.raises(IntegrityError), transaction.atomic():
        PaymentLine.objects.create(
            batch=line.batch, payment=line.payment, policy=line.policy, subject=line.subject,
            period=line.period, amount=1, state="waiting",
        )  # fmt: skip


def test_nobody_checks_their_own_batch_and_an_altered_one_is_not_exported(batch):
    granted(HARDSHIP, OLD_POOR)
    made = services.make_batch(HARDSHIP, month=MONTH, officer=MAKER, at=NINE)
    both = type(CHECKER)(**{**_fields(MAKER), "rights": MAKER.rights | CHECKER.rights})
    with pytest.raises(services.OwnBatch):
        services.check_batch(made.id, agree=True, note="", officer=both, at=NINE)
    with pytest.raises(services.BatchNotInState):
        services.export_batch(made.id, officer=CHECKER, at=NINE)
    for officer in (STRANGER, CLERK):
        with pytest.raises(NotAllowed):
            services.payment_lines(made.id, officer=officer)
    services.check_batch(made.id, agree=True, note="", officer=CHECKER, at=NINE)
    PaymentLine.objects.update(amount=9999)
    with pytest.raises(services.BatchAltered):
        services.export_batch(made.id, officer=CHECKER, at=NINE)


def _fields(officer):
    return {name: getattr(officer, name) for name in officer.__dataclass_fields__}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "号,结果\n1,成功",
        "明细号,结果,说明\n999999,成功,",
        "明细号,结果,说明\nx,成功,",
        "明细号,结果,说明",
    ],
)
def test_a_result_file_that_is_not_the_batch_s_is_refused_whole(batch, text):
    granted(HARDSHIP, OLD_POOR)
    made = services.make_batch(HARDSHIP, month=MONTH, officer=MAKER, at=NINE)
    services.check_batch(made.id, agree=True, note="", officer=CHECKER, at=NINE)
    services.export_batch(made.id, officer=CHECKER, at=NINE)
    with pytest.raises(services.ResultsRefused):
        services.take_results(made.id, content=text.encode(), officer=MAKER, at=NINE)
    assert PaymentLine.objects.get().state == "waiting"


def test_who_has_no_usable_account_is_listed_but_not_exported(batch, library):
    granted(HARDSHIP, OLD_POOR)
    write(library, [person(OLD_POOR, assistance="01", account_status="2"), *PEOPLE[1:]])
    made = services.make_batch(HARDSHIP, month=MONTH, officer=MAKER, at=NINE)
    assert made.by_state["blocked"][1] == 1


def test_the_annual_recheck_stops_who_moved_away_and_keeps_the_others(batch, library):
    granted(HARDSHIP, OLD_POOR)
    assert services.recheck(HARDSHIP, officer=MAKER, at=NINE).kept == 1
    write(library, PEOPLE[1:], at=NINE + timedelta(days=1))
    told = services.recheck(HARDSHIP, officer=MAKER, at=NINE + timedelta(days=1))

    assert (told.checked, told.stopped, told.recoveries) == (1, 1, 0)
    assert Payment.objects.get().stop.because == "不在册（迁出或注销）"
    with pytest.raises(NotAllowed):
        services.recheck(HARDSHIP, officer=STRANGER, at=NINE)


def test_uptake_sets_receiving_against_entitled_per_policy(batch):
    granted(HARDSHIP, OLD_POOR)
    paid_for(HARDSHIP)
    found = {one.policy: one for one in services.uptake(officer=MAKER)}

    assert (found[HARDSHIP].eligible, found[HARDSHIP].receiving) == (1, 1)
    assert found[HARDSHIP].rate == 1.0
    assert found[HARDSHIP].paid == Decimal("100.00")
    assert found["benefits.elder_care_service"].rate is None
    assert "benefits.unemployment" not in found
    assert "benefits.unemployment" in {one.policy for one in services.uptake(officer=STEWARD)}


def test_a_list_stays_published_until_a_later_run_has_one(batch):
    def listed() -> set[str]:
        _, rows = published()["platform.candidates"]
        return {row["subject"] for row in rows if row["policy"] == HARDSHIP}

    assert not listed(), "a batch keeps its conclusions only"
    services.list_candidates(run_of(HARDSHIP).pk, officer=MAKER, at=NINE)
    services.run_batch(as_of=TODAY, at=NINE + timedelta(hours=1), officer=STEWARD)

    assert listed() >= {OLD_POOR}
