"""A file shows each field by right and grade, leaves a trace, and the subject sees the trace."""

import pytest
from cast import NINE, WANG_COMPANY, WANG_NUMBER
from county import ADDRESS, PHONE, PURPOSE, RESIDENT, YOUNG_NUMBER, granted

from yiwang.apps.casework import public as casework
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity.public import NotAllowed
from yiwang.apps.journal import public as journal
from yiwang.apps.subjects import public as subjects
from yiwang.kernel import ids
from yiwang.kernel.identifiers.gbt11643 import IdNumberMistyped

pytestmark = pytest.mark.django_db

CASE = "外部-2026-17"


def file(county, actor, number=WANG_NUMBER, **changes):
    given = {"purpose": PURPOSE, "case": CASE, "at": NINE, **changes}
    return subjects.person_file(id_number=number, actor=actor, **given)


def fields(found, table=RESIDENT):
    (section,) = [one for one in found.sections if one.table == table]
    return {field.name: field for field in section.rows[0]}


def test_an_officer_of_another_organ_sees_sensitive_fields_masked_and_why(county):
    found = file(county, county.li)
    seen = fields(found)
    assert seen["phone"].is_masked
    assert seen["phone"].value == "138****5678"
    assert seen["address"].value.endswith("****")
    assert "共享授权" in seen["phone"].why
    assert PHONE not in str(found)
    assert WANG_NUMBER not in str(found)
    assert not seen["sex"].is_masked


def test_every_value_has_its_source_owner_snapshot(county):
    (section,) = [one for one in file(county, county.li).sections if one.table == RESIDENT]
    assert section.owner == "public-security"
    assert section.owner_title == "县公安局"
    assert section.snapshot


def test_residents_read_their_own_file_in_clear(county):
    seen = fields(file(county, county.wang, purpose="", case=""))
    assert seen["phone"].value == PHONE
    assert seen["address"].value == ADDRESS


def test_nobody_reads_a_file_without_the_right_or_somebody_elses(county):
    for stranger in (county.sun, county.chen):
        with pytest.raises(NotAllowed):
            file(county, stranger)
    with pytest.raises(subjects.NotOwnFile):
        file(county, county.wang, YOUNG_NUMBER)
    with pytest.raises(subjects.NotOwnFile):
        file(county, county.company)
    with pytest.raises(subjects.NotOwnFile):
        subjects.looked_at(WANG_NUMBER, actor=county.sun)


@pytest.mark.parametrize("missing", ["purpose", "case"])
def test_a_file_needs_a_purpose_and_a_case(county, missing):
    with pytest.raises(subjects.PurposeMissing):
        file(county, county.li, **{missing: " "})


def test_a_case_of_the_platform_must_be_one_the_officer_may_see(county):
    case = casework.open_case(
        flow="base.rectification",
        subject="x",
        title="x",
        organ="market",
        division="321323000000",
        facts={},
        actor="tests",
        at=NINE,
    )
    with pytest.raises(casework.CaseUnknown):
        file(county, county.li, case=ids.number(prefix="SY", day=NINE.date(), sequence=99999))
    with pytest.raises(NotAllowed):
        file(county, county.li, case=case.number)


def test_a_mistyped_number_is_refused_before_anything_is_read(county):
    with pytest.raises(IdNumberMistyped):
        file(county, county.li, WANG_NUMBER[:-1] + "0")


def test_a_look_at_a_person_nobody_holds_is_on_record_too(county):
    unknown = "11010519491231002X"
    with pytest.raises(subjects.SubjectUnknown):
        file(county, county.li, unknown)
    (entry,) = journal.entries(subject=unknown, event="subjects.file_read", limit=1)
    assert entry.actor == "li"


def test_the_resident_sees_who_looked_through_the_gate_and_the_file(county):
    found = file(county, county.li)
    grant = granted(county)
    key = exchange.issue_key(grant.number, officer=county.li, at=NINE)
    call = exchange.Call(
        key=key,
        table=RESIDENT,
        where={"id_number": WANG_NUMBER},
        columns=("name",),
        purpose=PURPOSE,
        case=CASE,
    )
    answer = exchange.answer(call, at=NINE)
    looks = {look.receipt: look for look in subjects.looked_at(WANG_NUMBER, actor=county.wang)}
    by_gate, by_file = looks[answer.receipt], looks[found.receipt]
    assert by_gate.organ_title == by_file.organ_title == "县民政局"
    assert by_gate.purpose == by_file.purpose == PURPOSE
    assert by_gate.fields == ("姓名",)
    assert all(look.organ for look in looks.values())  # her own looks are not listed


def test_a_firm_has_its_file_too(county):
    found = subjects.firm_file(
        number=WANG_COMPANY, actor=county.company, purpose="", case="", at=NINE
    )
    assert found.name == "泗阳秀英家政服务部"
