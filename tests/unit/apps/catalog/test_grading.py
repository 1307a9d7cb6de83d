"""Sensitive columns are proposed with evidence; an accepted grade masks at every exit."""

import pytest
from cast import NINE, WANG_NUMBER
from county import PURPOSE, RESIDENT, granted, settle

from yiwang.apps.catalog import detecting
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import holding
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.public import NotAllowed
from yiwang.apps.jobs import public as jobs
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
    assert (kept.grade, kept.decided_by, kept.may_end) == (3, "chen", False)

    ended = {"reason": "误判，不是住址", "library": county.library, "at": NINE}
    with pytest.raises(NotAllowed):
        catalog.end_decision(kept.number, officer=county.sun, **ended)
    with pytest.raises(catalog.GradeMalformed):
        catalog.end_decision(kept.number, officer=county.chen, **{**ended, "reason": " "})
    assert masked() == (True, True)

    catalog.end_decision(kept.number, officer=county.chen, **ended)

    assert masked() == (False, False)
    assert catalog.graded(county.library)(RESIDENT, "division") == 2
    (kept,) = catalog.grade_decisions(officer=county.chen)
    assert (kept.ended_by, kept.end_reason, kept.may_end) == ("chen", "误判，不是住址", False)
    with pytest.raises(catalog.DecisionEnded):
        catalog.end_decision(kept.number, officer=county.chen, **ended)


@pytest.fixture
def delivered(db, tmp_path, settings):
    """A county whose police have delivered places where people live, in a lake of its own."""
    county = settle()
    settings.HOME = tmp_path
    columns = {name: one.type for name, one in county.library.feed(FEED).columns.items()}
    rows = [dict.fromkeys(columns) | {COLUMN: f"众兴街道北京路{n}号"} for n in range(40)]
    catalog.lake().write(FEED, rows, columns=columns, at=NINE)
    jobs.register(kinds=catalog.JOBS)
    yield county
    catalog.lake().close()


def test_feeds_are_sampled_every_week_and_whenever_their_organ_asks(delivered):
    county, worker = delivered, jobs.Worker(clock=lambda: NINE)
    assert catalog.grade_sampling(officer=county.chen).at is None
    with pytest.raises(NotAllowed):
        catalog.ask_for_discovery(officer=county.wang, at=NINE)

    theirs = catalog.ask_for_discovery(officer=county.sun, at=NINE)
    assert worker.run_next()
    assert jobs.job(theirs).about == identity.organ(county.sun.organ).title
    assert catalog.grade_proposals(officer=county.gu) == []  # a stranger samples their own

    next(one for one in catalog.TIMETABLE if one.name == "catalog.discover_all").act(NINE)
    assert worker.run_next()

    (found,) = catalog.grade_proposals(officer=county.chen)
    assert (found.table, found.column, found.hits) == (FEED, COLUMN, 40)
    sampling = catalog.grade_sampling(officer=county.chen)
    assert (sampling.sampled, sampling.at) == (1, NINE)
    ours = catalog.ask_for_discovery(officer=county.chen, at=NINE)
    assert jobs.job(ours).about == identity.organ(county.chen.organ).title
