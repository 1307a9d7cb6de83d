"""Demand → decision → grant → key → call, and every way in which a call is refused."""

from datetime import timedelta

import pytest
from cast import NINE, WANG_NUMBER
from county import ADDRESS, PHONE, PROVIDER, PURPOSE, RESIDENT, YOUNG_NUMBER, granted
from django.db import IntegrityError, transaction
from msgspec.structs import replace as altered

from yiwang.apps.exchange import fetching
from yiwang.apps.exchange import public as exchange
from yiwang.apps.exchange.gate import questions
from yiwang.apps.exchange.models import CallRecord, Demand, Grant, Key
from yiwang.apps.identity.public import NotAllowed
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import system_clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def call(key) -> exchange.Call:
    return exchange.Call(
        key=key,
        table=RESIDENT,
        where={"id_number": WANG_NUMBER},
        columns=("name", "phone", "address"),
        purpose=PURPOSE,
        case="SY2026110200170",
    )


def refused(call, *, at=NINE):
    with pytest.raises(exchange.CallRefused) as caught:
        exchange.answer(call, at=at)
    return caught.value


def test_a_demand_waits_for_the_provider_with_a_working_day_clock(county):
    granted(county)
    (demand,) = exchange.demands(actor=county.chen)
    assert demand.provider == PROVIDER
    assert demand.due_at is not None
    assert (demand.due_at - demand.opened_at).days >= 12  # ten working days hold two weekends
    assert demand.state == "agreed"


def test_a_call_within_its_grant_gives_masked_rows_and_a_receipt(call):
    answer = exchange.answer(call, at=NINE)
    (row,) = answer.rows
    assert row["name"] == "王秀英"  # granted in clear
    assert row["phone"] == PHONE
    assert row["address"] != ADDRESS
    assert row["address"].endswith("街道****")
    assert answer.masked == ("address",)
    entry = journal.entries(subject=WANG_NUMBER, event="gate.answered", limit=1)[0]
    assert entry.id == answer.receipt
    assert (entry.purpose, entry.case) == (PURPOSE, "SY2026110200170")


def test_neither_journal_nor_meter_keeps_a_personal_value(county, call):
    exchange.answer(call, at=NINE)
    (record,) = CallRecord.objects.all()
    (entry,) = journal.entries(event="gate.answered", limit=1)
    for kept in (str(vars(record)), str(entry)):
        for value in (WANG_NUMBER, "王秀英", PHONE, ADDRESS, "北京路"):
            assert value not in kept


def test_a_lower_case_x_is_the_same_person(call):
    lower = altered(call, where={"id_number": WANG_NUMBER.lower()})
    assert len(exchange.answer(lower, at=NINE).rows) == 1


def test_a_row_outside_the_row_filter_is_not_delivered(call):
    young = altered(call, where={"id_number": YOUNG_NUMBER})
    assert exchange.answer(young, at=NINE).rows == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"key": ""}, "key_missing"),
        ({"key": "yw_guessed"}, "key_unknown"),
        ({"purpose": "商业推广"}, "wrong_purpose"),
        ({"case": ""}, "case_missing"),
        ({"columns": ("name", "ethnic")}, "column_outside_grant"),
        ({"table": "base.legal_person"}, "wrong_table"),
        ({"where": {}}, "lookup_missing"),
        ({"where": {"id_number": WANG_NUMBER, "name": "王"}}, "lookup_outside_grant"),
    ],
)
def test_a_call_outside_its_grant_is_refused_explained_and_on_record(county, call, change, reason):
    error = refused(altered(call, **change))
    assert error.data["reason"] == reason
    assert error.hint
    view = exchange.explain(str(error.data["call"]), actor=county.gu)
    assert view.code == reason
    assert [check.passed for check in view.checks].count(False) == 1
    (entry,) = journal.entries(event="gate.refused", limit=1)
    assert entry.id == view.entry


def test_the_quota_is_exact_and_only_answered_calls_count(county):
    grant = granted(county, quota_per_day=2)
    secret = exchange.issue_key(grant.number, officer=county.li, at=NINE)
    call = exchange.Call(
        key=secret,
        table=RESIDENT,
        where={"id_number": WANG_NUMBER},
        purpose=PURPOSE,
        case="SY2026110200170",
    )
    refused(altered(call, purpose="别的"))
    exchange.answer(call, at=NINE)
    exchange.answer(call, at=NINE)
    assert refused(call).data["reason"] == "quota_over"
    assert refused(call).status == 429
    assert exchange.answer(call, at=NINE + timedelta(days=1)).rows


def test_a_withdrawn_grant_is_refused_at_once(county, grant, call):
    exchange.answer(call, at=NINE)  # the grant is now held in memory
    exchange.withdraw_grant(grant.number, reason="用途已完成", officer=county.chen, at=NINE)
    assert refused(call).data["reason"] == "grant_withdrawn"


def test_the_user_of_a_withdrawn_grant_is_told_with_the_reason(county, grant):
    with pytest.raises(NotAllowed):
        exchange.withdraw_grant(grant.number, reason="无关", officer=county.sun, at=NINE)
    exchange.withdraw_grant(grant.number, reason="用途已了。", officer=county.chen, at=NINE)

    (notice,) = exchange.notices(actor=county.li, unread=True)
    assert (notice.kind, notice.reference) == ("withdrawal", grant.number)
    assert "用途已了。" in notice.text
    assert exchange.notices(actor=county.sun) == []


def test_a_stopped_key_is_refused_at_once(county, grant, call):
    exchange.answer(call, at=NINE)
    shown = exchange.grant(grant.number, actor=county.li).keys[0].shown
    exchange.revoke_key(grant.number, shown=shown, officer=county.li, at=NINE)
    assert refused(call).data["reason"] == "key_revoked"


def test_an_expired_grant_is_refused(grant, call):
    assert refused(call, at=grant.active_until).data["reason"] == "grant_expired"


def test_more_calls_per_second_than_granted_are_refused(county):
    grant = granted(county, rate_per_second=2)
    secret = exchange.issue_key(grant.number, officer=county.li, at=NINE)
    call = exchange.Call(
        key=secret,
        table=RESIDENT,
        where={"id_number": WANG_NUMBER},
        purpose=PURPOSE,
        case="SY2026110200170",
    )
    later = NINE + timedelta(hours=1)
    exchange.answer(call, at=later)
    exchange.answer(call, at=later)
    assert refused(call, at=later).data["reason"] == "rate_over"
    assert refused(call, at=later - timedelta(seconds=3)).data["reason"] == "rate_over"


def test_a_clock_that_was_set_back_does_not_shut_the_gate(county):
    grant = granted(county, rate_per_second=1)
    call = exchange.Call(
        key=exchange.issue_key(grant.number, officer=county.li, at=NINE),
        table=RESIDENT,
        where={"id_number": WANG_NUMBER},
        purpose=PURPOSE,
        case="SY2026110200170",
    )
    exchange.answer(call, at=NINE + timedelta(hours=1))
    assert exchange.answer(call, at=NINE).rows
    assert refused(call, at=NINE).data["reason"] == "rate_over"


def test_a_grant_without_lookup_is_read_in_pages(county):
    grant = granted(county, lookup=(), rows="")
    secret = exchange.issue_key(grant.number, officer=county.li, at=NINE)
    call = exchange.Call(
        key=secret, table=RESIDENT, columns=("name",), purpose=PURPOSE, case="SY1", limit=1
    )
    first = exchange.answer(call, at=NINE).rows
    second = exchange.answer(altered(call, offset=1), at=NINE).rows
    assert len(first) == len(second) == 1
    assert first != second
    assert exchange.answer(altered(call, offset=2), at=NINE).rows == []


def test_pages_of_a_hidden_key_do_not_stand_in_its_order(county):
    for change, order, scattered in (
        ({}, (), ("id_number",)),
        ({"columns": ["id_number", "name"], "clear": []}, (), ("id_number",)),
        ({"columns": ["id_number"], "clear": ["id_number"]}, (("id_number", False),), ()),
    ):
        grant = granted(county, lookup=(), rows="")
        Grant.objects.filter(number=grant.number).update(version=9, **change)
        secret = exchange.issue_key(grant.number, officer=county.li, at=NINE)
        draft = exchange.Draft(
            exchange.Call(key=secret, table=RESIDENT, purpose=PURPOSE, case="SY1"), NINE
        )
        exchange.settle([draft])
        assert len(draft.answer().rows) == 2
        page = fetching.selected(draft, draft.held)
        assert (page.order, page.scattered) == (order, scattered)
        assert bool(page.secret) == bool(scattered)


def test_a_batch_of_more_rows_than_an_answer_holds_is_refused(county, monkeypatch):
    for module in (fetching, questions):
        monkeypatch.setattr(module, "PAGE", 1)
    grant = granted(county, rows="")
    call = exchange.Call(
        key=exchange.issue_key(grant.number, officer=county.li, at=NINE),
        table=RESIDENT, keys=(WANG_NUMBER, YOUNG_NUMBER), purpose=PURPOSE, case="SY1",
    )  # fmt: skip
    error = refused(call)
    assert error.data["reason"] == "batch_too_large"
    assert "行" in error.message
    assert exchange.answer(altered(call, keys=(WANG_NUMBER, "x")), at=NINE).rows


def test_a_key_is_shown_once_and_kept_as_a_digest(county, grant, key):
    row = Key.objects.get()
    assert key not in str(vars(row))
    assert len(row.digest) == 64


def test_a_stranger_neither_decides_nor_sees(county, grant):
    demand = exchange.open_demand(
        table=RESIDENT,
        columns=("name",),
        purpose="核实",
        basis="依据",
        officer=county.li,
        at=NINE,
        bounds=exchange.Bounds(lookup=("id_number",)),
    )
    for agree in (True, False):
        with pytest.raises(NotAllowed):
            exchange.decide_demand(
                demand.number, agree=agree, reason="x", officer=county.sun, at=NINE
            )
    with pytest.raises(NotAllowed):
        exchange.issue_key(grant.number, officer=county.sun, at=NINE)
    with pytest.raises(NotAllowed):
        exchange.withdraw_grant(grant.number, reason="x", officer=county.sun, at=NINE)
    with pytest.raises(exchange.GrantUnknown):
        exchange.grant(grant.number, actor=county.sun)
    assert exchange.demands(actor=county.sun) == []
    assert exchange.calls(actor=county.sun) == []
    with pytest.raises(NotAllowed):
        exchange.demands(actor=county.wang)


def test_a_demand_that_nobody_answers_goes_to_the_lake_as_overdue(county):
    granted(county)
    asked = {"table": RESIDENT, "columns": ("name",), "purpose": "核实", "basis": "依据"}
    waiting = exchange.open_demand(**asked, officer=county.li, at=NINE).number
    Demand.objects.update(due_at=system_clock() - timedelta(days=1))

    rows = exchange.published()["platform.demands"][1]
    assert [row["number"] for row in rows if row["is_overdue"]] == [waiting]
    Demand.objects.update(due_at=system_clock() + timedelta(days=1))
    assert not any(row["is_overdue"] for row in exchange.published()["platform.demands"][1])


def test_a_refused_demand_gives_no_grant_and_needs_a_reason(county):
    demand = exchange.open_demand(
        table=RESIDENT,
        columns=("name",),
        purpose="核实",
        basis="依据",
        officer=county.li,
        at=NINE,
    )
    with pytest.raises(exchange.DemandMalformed):
        exchange.decide_demand(demand.number, agree=False, reason=" ", officer=county.chen, at=NINE)
    assert (
        exchange.decide_demand(
            demand.number, agree=False, reason="无法律依据", officer=county.chen, at=NINE
        )
        is None
    )
    with pytest.raises(exchange.DemandAlreadyDecided):
        exchange.decide_demand(demand.number, agree=True, reason="", officer=county.chen, at=NINE)


@pytest.mark.parametrize(
    "change",
    [
        {"columns": ()},
        {"columns": ("name", "name")},
        {"columns": ("nothing",)},
        {"purpose": ""},
        {"basis": " "},
        {"table": "base.police_resident"},
        {"bounds": exchange.Bounds(clear=("phone",))},
        {"bounds": exchange.Bounds(max_grade=1)},
        {"bounds": exchange.Bounds(quota_per_day=0)},
        {"bounds": exchange.Bounds(valid_days=0)},
    ],
)
def test_a_demand_that_could_never_be_granted_is_refused(county, change):
    asked = {
        "table": RESIDENT,
        "columns": ("name",),
        "purpose": "核实",
        "basis": "依据",
        "officer": county.li,
        "at": NINE,
    }
    with pytest.raises(exchange.DemandMalformed):
        exchange.open_demand(**{**asked, **change})


def test_the_database_itself_refuses_rows_for_a_refused_call(county):
    with pytest.raises(IntegrityError), transaction.atomic():
        CallRecord.objects.create(
            number="x", table="", columns=[], lookup=[], code="quota_over", status=429,
            checks=[], rows=1, micros=1, entry="e", at=NINE,
        )  # fmt: skip


def test_what_is_published_says_who_called_but_never_about_whom(call):
    exchange.answer(call, at=NINE)
    columns, rows = exchange.published()["platform.calls"]
    (row,) = rows
    assert set(row) == set(columns)
    assert row["outcome"] == "answered"
    assert WANG_NUMBER not in str(row)
