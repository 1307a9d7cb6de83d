"""Sensitive columns are proposed with evidence; an accepted grade masks at every exit."""

import pytest
from cast import NINE, WANG_NUMBER
from county import PURPOSE, RESIDENT, granted, settle

from yiwang.apps.catalog import detecting
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import holding
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity.public import NotAllowed
from yiwang.apps.subjects import public as subjects

FEED, COLUMN = "base.police_resident", "village"


@pytest.mark.parametrize(
    ("detector", "value"),
    [
        ("id_number", WANG_NUMBER),
        ("bank_card", "6214590000000000015"),
        ("phone", "13812345678"),
        ("plate", "苏NA1234"),
        ("plate", "苏ND12345"),
        ("address", "众兴街道北京路12号"),
        ("name", "王秀英"),
    ],
)
def test_a_column_of_such_values_is_told_with_masked_examples(detector, value):
    found = detecting.detect([value] * 30 + [None, ""])
    assert found is not None
    assert (found.detector, found.hits, found.sampled) == (detector, 30, 30)
    assert value not in found.examples


def test_few_or_mixed_values_are_no_evidence():
    assert detecting.detect(["13812345678"] * 5) is None
    assert detecting.detect(["13812345678"] * 10 + ["好"] * 20) is None
    assert detecting.detect(["县市场监督管理局"] * 30) is None
    assert detecting.detect(["6214590000000000012"] * 30) is None


@pytest.mark.django_db
def test_a_raised_grade_masks_in_the_file_and_at_the_gate(monkeypatch):
    monkeypatch.setattr(holding, "FRESH_SECONDS", 0)  # the gate looks again every 5 s
    county = settle()
    grant = granted(county, clear=("name",))
    key = exchange.issue_key(grant.number, officer=county.li, at=NINE)
    call = exchange.Call(
        key=key,
        table=RESIDENT,
        where={"id_number": WANG_NUMBER},
        columns=("division",),
        purpose=PURPOSE,
        case="外部-1",
    )

    def masked() -> tuple[bool, bool]:
        found = subjects.person_file(
            id_number=WANG_NUMBER, actor=county.li, purpose=PURPOSE, case="外部-1", at=NINE
        )
        fields = {one.name: one for s in found.sections for one in s.rows[0] if s.table == RESIDENT}
        answer = exchange.answer(call, at=NINE)
        return fields["division"].is_masked, "division" in answer.masked

    assert masked() == (False, False)
    given = {
        "grade": 3,
        "category": "户籍",
        "clause": "示例",
        "reason": "能定位到住处",
        "library": county.library,
        "at": NINE,
    }
    with pytest.raises(NotAllowed):
        catalog.raise_grade(FEED, column=COLUMN, officer=county.sun, **given)
    with pytest.raises(catalog.GradeMalformed):
        catalog.raise_grade(FEED, column=COLUMN, officer=county.chen, **{**given, "grade": 1})

    catalog.raise_grade(FEED, column=COLUMN, officer=county.chen, **given)

    assert masked() == (True, True)
    page = {one.name: one for one in catalog.columns_of(RESIDENT)}["division"]
    assert (page.grade, "继承 3 级" in page.grade_reason) == (3, True)
    assert catalog.graded(county.library)(RESIDENT, "division") == 3
    catalog.install(county.library, at=NINE)  # a restart does not forget
    assert masked() == (True, True)
    (kept,) = catalog.grade_decisions(officer=county.gu)
    assert (kept.grade, kept.decided_by) == (3, "chen")
