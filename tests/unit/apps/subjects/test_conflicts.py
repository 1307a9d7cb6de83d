"""Sources are held against the authoritative one: once, closed by themselves, merges undone."""

import pytest
from cast import NINE, WANG_NUMBER
from county import YOUNG_NUMBER
from stating import POLICE, WRONG, say

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity.public import NotAllowed
from yiwang.apps.subjects import public as subjects
from yiwang.apps.subjects.models import Conflict

pytestmark = pytest.mark.django_db

STRANGE = ("name", "赵大海", "base.medical_insured", "medical-security", "apart")


def test_a_conflict_is_objected_to_once_and_closes_when_the_source_agrees(county):
    say(county, POLICE, WRONG)
    first = subjects.reconcile(at=NINE)[-1]
    again = subjects.reconcile(at=NINE)[-1]
    assert (first.opened, first.objections, again.opened, again.objections) == (1, 1, 0, 0)
    row = Conflict.objects.get()
    raised = catalog.objection(row.objection, actor=county.chen)
    assert raised.state == "waiting"
    (objector,) = raised.objectors
    assert catalog.dataset("base.insured").title in objector.reason  # not its code
    assert "base." not in objector.reason

    say(county, POLICE, (*WRONG[:1], "王秀英", *WRONG[2:4], "agrees"))
    closed = subjects.reconcile(at=NINE)[-1]

    assert closed.closed == 1
    assert Conflict.objects.get().closed_at == NINE
    assert catalog.objection(row.objection, actor=county.chen).state == "withdrawn"


def test_only_the_bureau_and_the_organs_concerned_see_a_conflict(county):
    say(county, POLICE, WRONG)
    subjects.reconcile(at=NINE)
    (seen,) = subjects.conflicts(officer=county.chen)
    assert (seen.authority_value, seen.value) == ("王秀英", "王**")
    assert subjects.conflicts(officer=county.gu)
    assert not subjects.conflicts(officer=county.sun)
    with pytest.raises(NotAllowed):
        subjects.conflicts(officer=county.wang)


def test_two_people_with_one_number_wait_for_a_decision_with_a_reason(county):
    say(county, POLICE, STRANGE)
    subjects.reconcile(at=NINE)
    row = Conflict.objects.get()
    assert (row.kind, row.objection) == ("apart", "")
    given = {"is_same": False, "at": NINE}
    assert subjects.count_to_settle(officer=county.chen) == 1
    assert subjects.count_to_settle(officer=county.sun) == 0
    with pytest.raises(NotAllowed):
        subjects.settle_conflict(row.pk, reason="同名不同人", officer=county.sun, **given)
    with pytest.raises(subjects.ReasonMissing):
        subjects.settle_conflict(row.pk, reason=" ", officer=county.chen, **given)
    subjects.settle_conflict(row.pk, reason="现场核实另有其人", officer=county.chen, **given)
    assert subjects.links(officer=county.chen)[0].kind_title == "来源所指另有其人"
    assert subjects.count_to_settle(officer=county.chen) == 0


def test_a_link_of_numbers_can_be_undone_and_every_decision_stays(county):
    given = {"entity": "base.person", "stated": YOUNG_NUMBER, "canonical": WANG_NUMBER}
    with pytest.raises(NotAllowed):
        subjects.link_identifiers(**given, reason="重号", officer=county.sun, at=NINE)
    with pytest.raises(subjects.NumbersAlike):
        subjects.link_identifiers(
            **{**given, "stated": WANG_NUMBER}, reason="重号", officer=county.chen, at=NINE
        )
    subjects.link_identifiers(**given, reason="重号更正", officer=county.chen, at=NINE)
    subjects.undo_link(**given, reason="核实为两人", officer=county.chen, at=NINE)
    with pytest.raises(subjects.NotLinked):
        subjects.undo_link(**given, reason="再撤一次", officer=county.chen, at=NINE)

    kinds = [one.kind_title for one in subjects.links(officer=county.chen)]
    rows = list(subjects.published()["platform.identifier_links"][1])
    assert kinds == ["撤销关联", "同一主体"]
    assert [row["kind"] for row in rows] == ["undone"]


def test_an_undeclared_purpose_opens_no_file_and_a_narrow_one_hides_fields(county):
    given = {"id_number": WANG_NUMBER, "actor": county.li, "case": "外部-1", "at": NINE}
    with pytest.raises(subjects.PurposeUnknown):
        subjects.person_file(purpose="随便看看", **given)
    narrow = subjects.person_file(purpose="基础信息核对", **given)
    wide = subjects.person_file(purpose="高龄津贴核实", **given)
    names = {one.name for section in narrow.sections for one in section.rows[0]}
    assert {"death_on", "is_alive"}.isdisjoint(names)
    assert {"death_on", "is_alive"} <= {o.name for s in wide.sections for o in s.rows[0]}
    assert sum(section.absent for section in narrow.sections) >= 2
