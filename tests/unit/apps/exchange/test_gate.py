"""The gate's decision: every reason of a refusal, in the order a person would ask."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace as altered

from yiwang.apps.exchange.gate import Call, ColumnTerm, Terms, decide

NINE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
TERMS = Terms(
    number="SQ1",
    table="base.resident",
    organ="civil-affairs",
    purpose="高龄津贴资格核验",
    columns=("name", "phone"),
    lookup=("id_number",),
    rows="",
    clear=("name",),
    quota_per_day=2,
    rate_per_second=10,
    max_grade=3,
    active_from=NINE - timedelta(days=1),
    active_until=NINE + timedelta(days=365),
)
COLUMNS = {
    "name": ColumnTerm("name", "姓名", 2, "name"),
    "phone": ColumnTerm("phone", "电话", 3, "phone"),
}
CALL = Call(
    key="k",
    table="base.resident",
    where={"id_number": "321323195003071234"},
    columns=("name",),
    purpose="高龄津贴资格核验",
    case="SY2026110200170",
)


def judged(call=CALL, terms=TERMS, *, at=NINE, used=0, columns=COLUMNS, fast=False):
    return decide(call, terms, columns=columns, at=at, used_today=used, is_rate_exceeded=fast)


def test_a_call_within_its_grant_is_allowed_and_every_check_is_named():
    decision = judged()
    assert decision.is_allowed
    assert decision.columns == ("name",)
    assert all(check.passed and check.sentence for check in decision.checks)


def test_a_call_that_names_no_columns_gets_all_that_are_granted():
    assert judged(altered(CALL, columns=())).columns == ("name", "phone")


@pytest.mark.parametrize(
    ("call", "code"), [(altered(CALL, key=""), "key_missing"), (CALL, "key_unknown")]
)
def test_without_a_grant_there_is_no_call(call, code):
    decision = judged(call, None)
    assert (decision.code, decision.status) == (code, 401)


@pytest.mark.parametrize(
    ("change", "code", "status"),
    [
        ({"terms": replace(TERMS, is_key_revoked=True)}, "key_revoked", 401),
        ({"terms": replace(TERMS, system="养老系统")}, "wrong_system", 403),
        ({"call": altered(CALL, system="养老系统")}, "wrong_system", 403),
        ({"call": altered(CALL, table="base.bank")}, "wrong_table", 403),
        ({"terms": replace(TERMS, withdrawn_at=NINE)}, "grant_withdrawn", 403),
        ({"at": NINE - timedelta(days=2)}, "grant_not_begun", 403),
        ({"at": TERMS.active_until}, "grant_expired", 403),
        ({"call": altered(CALL, purpose="营销")}, "wrong_purpose", 403),
        ({"call": altered(CALL, purpose="")}, "wrong_purpose", 403),
        ({"call": altered(CALL, case="")}, "case_missing", 403),
        ({"call": altered(CALL, case="x" * 65)}, "case_missing", 403),
        ({"call": altered(CALL, columns=("name", "bank"))}, "column_outside_grant", 403),
        ({"call": altered(CALL, columns=("name", "name"))}, "column_outside_grant", 403),
        ({"columns": {"phone": COLUMNS["phone"]}}, "column_gone", 410),
        (
            {"columns": {**COLUMNS, "name": replace(COLUMNS["name"], grade=4)}},
            "column_grade_too_high",
            403,
        ),
        ({"call": altered(CALL, where={})}, "lookup_missing", 422),
        (
            {"call": altered(CALL, where={"id_number": "1", "phone": "2"})},
            "lookup_outside_grant",
            403,
        ),
        ({"call": altered(CALL, where={"id_number": "1" * 129})}, "lookup_outside_grant", 403),
        ({"used": 2}, "quota_over", 429),
        ({"fast": True}, "rate_over", 429),
    ],
)
def test_the_first_check_that_fails_names_the_refusal(change, code, status):
    decision = judged(**change)
    assert (decision.code, decision.status) == (code, status)
    assert decision.explanation
    assert decision.hint
    assert decision.columns == ()
    states = [check.passed for check in decision.checks]
    assert states.count(False) == 1
    assert all(state is None for state in states[states.index(False) + 1 :])


def test_no_refusal_repeats_a_value_of_the_call():
    secret = "321323195003071234"
    for call in (
        altered(CALL, purpose=secret),
        altered(CALL, columns=(secret,)),
        altered(CALL, where={secret: secret}),
        altered(CALL, where={"id_number": secret, secret: "1"}),
    ):
        assert secret not in f"{judged(call)} {judged(call).checks}"


def test_a_grant_without_lookup_gives_pages():
    pages = replace(TERMS, lookup=())
    assert judged(altered(CALL, where={}), pages).is_allowed
    assert judged(CALL, pages).code == "lookup_outside_grant"


def test_a_remembered_shape_is_still_asked_what_may_change():
    passed: set = set()

    def asked(call=CALL, *, at=NINE, used=0):
        return decide(call, TERMS, columns=COLUMNS, at=at, used_today=used, passed=passed)

    assert asked().is_allowed
    assert len(passed) == 1
    assert asked().checks == judged().checks
    assert asked(used=2).code == "quota_over"
    assert asked(at=TERMS.active_until).code == "grant_expired"
    assert asked(altered(CALL, case="")).code == "case_missing"
    assert asked(altered(CALL, where={})).code == "lookup_missing"
    assert asked(altered(CALL, columns=("name", "bank"))).code == "column_outside_grant"
    assert asked(altered(CALL, purpose="营销")).code == "wrong_purpose"
    assert asked(altered(CALL, keys=("1",), form="page")).code == "form_outside_grant"
