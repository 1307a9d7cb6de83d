"""The census: coverage and gaps per organ, workbooks whose wrong rows are kept with reasons."""

from datetime import date, timedelta
from io import BytesIO

import pytest
from cast import NINE
from openpyxl import Workbook, load_workbook

from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.models import CensusAnswer, CensusImport
from yiwang.apps.identity.public import NotAllowed
from yiwang.lake import FormHeadsMissing, FormUnreadable

pytestmark = pytest.mark.django_db

SYSTEM = {
    "title": "婚姻登记系统",
    "abstract": "办理结婚、离婚登记。",
    "status": "在用",
    "hosting": "政务云",
    "network": "政务外网",
    "protection": "第二级",
    "items": "结婚登记、离婚登记",
}


@pytest.fixture
def number(county):
    return catalog.open_campaign(
        title="2026年普查",
        lists=["system", "demand"],
        organs=["civil-affairs", "market", "health"],
        due_on=date(2026, 12, 1),
        officer=county.gu,
        at=NINE,
    )


def workbook(*rows, head=None):
    kind = catalog.list_kind("system")
    form = load_workbook(BytesIO(catalog.template(kind, catalog.codes())))
    sheet = form.active
    if head:
        for column, title in enumerate(head, 1):
            sheet.cell(1, column, title)
    for row in rows:
        sheet.append([row.get(field.name, "") for field in kind.fields])
    stream = BytesIO()
    form.save(stream)
    return stream.getvalue()


def taken(county, number, content, name="答卷.xlsx"):
    return catalog.import_answers(
        number=number, list_name="system", name=name, content=content, officer=county.li, at=NINE
    )


def test_coverage_counts_answers_nil_returns_and_gaps(county, number):
    catalog.give_answer(number=number, list_name="system", given=SYSTEM, officer=county.li, at=NINE)
    catalog.report_nil(
        number=number, list_name="demand", reason="暂无需求", officer=county.li, at=NINE
    )
    assert catalog.census_waiting(officer=county.li) == []
    assert [one.answers for one in catalog.census_waiting(officer=county.gu)] == [1]
    found = catalog.campaign(number, actor=county.gu)
    counts = {one.organ: one.counts for one in found.coverage}
    assert counts["civil-affairs"] == {"system": 1, "demand": 0}
    assert counts["health"] == {"system": None, "demand": None}
    assert (found.answered, found.organs, found.answers) == (1, 3, 1)
    assert [one.organ for one in found.coverage][-1] == "civil-affairs"  # gaps first


def test_a_workbook_keeps_its_wrong_rows_with_reasons_and_its_counts_balance(county, number):
    wrong = {**SYSTEM, "title": "殡葬系统", "status": "快好了", "network": ""}
    result = taken(county, number, workbook(SYSTEM, wrong, SYSTEM, {**SYSTEM, "title": "救助"}))
    assert (result.read, result.accepted, result.rejected) == (4, 2, 2)
    kept = catalog.imports(number, actor=county.li)[0].rejects
    assert [one["line"] for one in kept] == [3, 4]
    assert any("快好了" in reason for reason in kept[0]["reasons"])
    assert any("所在网络" in reason for reason in kept[0]["reasons"])
    assert "已经报过或在本表中重复" in kept[1]["reasons"][0]
    again = taken(county, number, workbook({**wrong, "status": "在建", "network": "互联网"}))
    assert (again.accepted, again.rejected) == (1, 0)


@pytest.mark.parametrize(
    "content", [b"not a workbook", b"PK\x03\x04broken"], ids=["text", "broken"]
)
def test_a_file_that_is_no_workbook_writes_nothing(county, number, content):
    with pytest.raises(FormUnreadable):
        taken(county, number, content)
    assert not CensusImport.objects.exists()


def test_a_workbook_of_another_form_writes_nothing(county, number):
    other = Workbook()
    other.active.append(["姓名", "年龄"])
    stream = BytesIO()
    other.save(stream)
    with pytest.raises(FormHeadsMissing, match="表头缺少"):
        taken(county, number, stream.getvalue())
    assert not CensusImport.objects.exists()
    assert not CensusAnswer.objects.exists()


def test_a_typed_answer_is_whole_or_not_written(county, number):
    with pytest.raises(catalog.AnswerFaulty) as refused:
        catalog.give_answer(
            number=number,
            list_name="system",
            given={**SYSTEM, "abstract": ""},
            officer=county.li,
            at=NINE,
        )
    assert set(refused.value.data["faults"]) == {"abstract"}
    assert not CensusAnswer.objects.exists()


def test_accepted_answers_become_drafts_of_the_organ_that_gave_them(county, number):
    taken(county, number, workbook(SYSTEM, {**SYSTEM, "title": "救助系统"}))
    first, second = catalog.answers(number, actor=county.gu)
    judged = {"number": number, "officer": county.gu, "at": NINE}
    catalog.judge_answers(answers=[first.id], accept=True, note="", **judged)
    catalog.judge_answers(answers=[second.id], accept=False, note="与上一条重复", **judged)
    first, second = catalog.answers(number, actor=county.li)
    entry = catalog.list_entry(first.entry, actor=county.li)
    assert (entry.state, entry.organ, entry.origin) == ("draft", "civil-affairs", "census")
    assert entry.drafted_by == "li"
    assert not entry.faults
    assert (second.state, second.note) == ("returned", "与上一条重复")
    with pytest.raises(catalog.AnswerJudged):
        catalog.judge_answers(answers=[first.id], accept=True, note="", **judged)


def test_reminders_go_to_organs_with_gaps_once_a_day(county, number):
    given = {"number": number, "officer": county.gu}
    assert catalog.remind_organs(at=NINE, **given) == ["civil-affairs", "market", "health"]
    assert catalog.remind_organs(at=NINE + timedelta(hours=1), **given) == []
    assert catalog.remind_organs(at=NINE + timedelta(days=1), **given)
    mine = catalog.campaign(number, actor=county.li).coverage
    assert [(one.organ, one.reminders) for one in mine] == [("civil-affairs", 2)]


def test_a_closed_campaign_takes_no_more(county, number):
    catalog.close_campaign(number=number, officer=county.gu, at=NINE)
    with pytest.raises(catalog.CampaignClosed):
        taken(county, number, workbook(SYSTEM))


def test_another_organs_officer_sees_no_answers_and_runs_nothing(county, number):
    taken(county, number, workbook(SYSTEM))
    assert catalog.answers(number, actor=county.sun) == []
    assert catalog.imports(number, actor=county.sun) == []
    assert [one.organ for one in catalog.campaign(number, actor=county.sun).coverage] == ["market"]
    with pytest.raises(catalog.CampaignUnknown):  # public security is not asked
        catalog.campaign(number, actor=county.chen)
    answer = catalog.answers(number, actor=county.gu)[0].id
    for act in (
        lambda: catalog.judge_answers(
            number=number, answers=[answer], accept=True, note="", officer=county.sun, at=NINE
        ),
        lambda: catalog.remind_organs(number=number, officer=county.sun, at=NINE),
        lambda: catalog.close_campaign(number=number, officer=county.sun, at=NINE),
        lambda: catalog.open_campaign(
            title="x",
            lists=["data"],
            organs=["market"],
            due_on=date(2026, 12, 1),
            officer=county.sun,
            at=NINE,
        ),
    ):
        with pytest.raises(NotAllowed):
            act()
