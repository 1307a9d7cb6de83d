"""A list that an organ makes itself of its own table: its columns, its workbook, its additions."""

from datetime import timedelta
from io import BytesIO

import pytest
import reporting_county
from cast import NINE
from openpyxl import load_workbook
from reporting_county import ALONE, NEXT_VILLAGE, ROSTER, VILLAGE

from yiwang.apps.casework import public as casework
from yiwang.apps.forms import public as forms
from yiwang.apps.forms.models import ReportedValue
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit.kinds.reports import ReportField

NEXT_MONTH = NINE + timedelta(days=30)
NEW = {"f1": "321323195001010016", "f2": "赵新来", "f3": "1", "f4": "送餐"}


@pytest.fixture
def issuer(installed, db):
    return reporting_county.issuer()


@pytest.fixture
def clerk(installed, db):
    return reporting_county.clerk()


@pytest.fixture
def stranger(installed, db):
    return reporting_county.stranger()


def _drafted(issuer, *asked, title="独居老人助餐名册", period="month"):
    name = ReportField(title="姓名", type="text", total="none", prefill=f"{ALONE}.name")
    return forms.draft_report(
        title=title, period=period, fields=[name, *asked], officer=issuer, at=NINE, roster=ALONE
    )


def _opened(issuer, *asked, at=NINE, **about):
    ref = _drafted(issuer, *asked, **about)
    forms.issue_report(ref=ref, officer=issuer, at=at)
    return forms.begin_round(ref=ref, officer=issuer, at=at)


MEALS = (
    ReportField(title="助餐份数"),
    ReportField(title="忌口", type="text", total="none", required=False),
)


def _here(number, clerk, at=NINE):
    return {"number": number, "division": VILLAGE, "officer": clerk, "at": at}


def _fill(number, clerk, *values, at=NINE):
    """Fill every line of the village in and hand it in."""
    here = _here(number, clerk, at)
    lines = forms.roster(number, VILLAGE, actor=clerk).lines
    for line, value in zip(lines, values, strict=True):
        answers = {name: line.values[name] or "" for name in line.asked} | {"f3": value}
        forms.fill_entry(entry=line.id, answers=answers, version=line.version, **here)
    forms.submit_roster(**here)


def test_an_organ_lists_its_own_tables_of_people_in_divisions(issuer, stranger):
    assert ALONE in {one.ref for one in forms.tables_to_list(actor=issuer)}
    assert ALONE not in {one.ref for one in forms.tables_to_list(actor=stranger)}
    for officer, table in ((stranger, ALONE), (issuer, reporting_county.TABLE)):
        with pytest.raises(forms.ReportMalformed, match="本机构"):
            forms.draft_report(
                title="名册", period="month", fields=[], officer=officer, at=NINE, roster=table
            )


def test_the_key_stands_on_the_list_and_no_column_of_another_table(issuer):
    ref = _drafted(issuer)
    key, name = forms.report(ref, actor=issuer).content.fields.values()
    assert (key.prefill, name.prefill) == (f"{ALONE}.id_number", f"{ALONE}.name")
    other = ReportField(title="户籍人口", prefill=f"{reporting_county.TABLE}.people")
    with pytest.raises(forms.ReportMalformed, match="不能列入名册"):
        forms.change_report(ref=ref, fields=[other], officer=issuer, at=NINE)


def test_a_designed_list_has_a_line_for_each_person(issuer, clerk):
    number = _opened(issuer, *MEALS)

    shown = forms.roster(number, VILLAGE, actor=clerk)
    assert [line.values["f2"] for line in shown.lines] == ["王大明", "李秀英"]
    assert shown.lines[0].asked == ("f3", "f4")
    assert forms.roster(number, NEXT_VILLAGE, actor=clerk).lines == ()


def test_a_list_is_stopped_where_its_table_or_another_list_of_it_knows(issuer):
    ref = _drafted(
        issuer,
        ReportField(title="出生日期", type="date", total="none"),
        ReportField(title="需要帮助的事项", type="text", total="none"),
        ReportField(title="户籍人口"),  # what is known of a village says nothing of a person
    )
    with pytest.raises(forms.AsksAgain) as refusal:
        forms.issue_report(ref=ref, officer=issuer, at=NINE)
    assert set(refusal.value.data["fields"].values()) == {f"{ALONE}.birth_on", ROSTER}

    fields = list(forms.take_known(ref=ref, officer=issuer, at=NINE).content.fields.values())
    assert (fields[2].prefill, fields[3].prefill) == (
        f"{ALONE}.birth_on",
        "reported:需要帮助的事项",
    )


def test_what_one_list_was_told_of_a_person_the_next_one_knows_and_says_from_where(issuer, clerk):
    first = _opened(issuer, *MEALS)
    _fill(first, clerk, "20", "0")
    number = _opened(
        issuer, ReportField(title="助餐份数", prefill="reported:助餐份"), title="回访名册"
    )

    one, other = forms.roster(number, VILLAGE, actor=clerk).lines
    assert (one.values["f3"], other.values["f3"], one.asked) == (20, 0, ())
    assert one.origins["f3"] == "独居老人助餐名册（2026-11-02 填报）"


def test_what_a_list_adds_up_to_is_offered_to_reports_and_what_it_asks_of_one_is_not(
    issuer, stranger, clerk
):
    _fill(_opened(issuer, *MEALS), clerk, "20", "5")
    ref = forms.draft_report(
        title="助餐情况表",
        period="month",
        fields=[
            ReportField(title="助餐份数"),
            ReportField(title="忌口", type="text", total="none"),
        ],
        officer=stranger,
        at=NINE,
    )
    (again,) = forms.asked_again(forms.report(ref, actor=stranger).content, ref=ref, at=NINE)
    assert again.other_title == "独居老人助餐名册·助餐份数（逐条合计）"

    forms.take_known(ref=ref, officer=stranger, at=NINE)
    forms.issue_report(ref=ref, officer=stranger, at=NINE)
    number = forms.begin_round(ref=ref, officer=stranger, at=NINE)
    known, asked = forms.report_row(number, VILLAGE, actor=clerk).cells
    assert (known.value, known.source) == (25, "独居老人助餐名册（2026-11-02 名册逐条合计）")
    assert asked.source == ""


def test_a_list_put_right_after_it_was_handed_in_says_so_to_others(issuer, clerk):
    number = _opened(issuer, *MEALS)
    _fill(number, clerk, "20", "5")
    line = forms.roster(number, VILLAGE, actor=clerk).lines[0]
    forms.strike_entry(entry=line.id, reason="已迁出", version=2, **_here(number, clerk))

    assert ReportedValue.objects.get(division=VILLAGE, element="助餐份").value == 5


def _saved(book):
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def _brought(number, clerk, content):
    return forms.fill_from_workbook(
        number=number, name="名册.xlsx", content=content, officer=clerk, at=NINE
    )


def _columns(sheet):
    return {cell.value: cell.column_letter for cell in sheet[1]}


def test_a_list_goes_out_as_a_workbook_and_comes_back_line_by_line(issuer, clerk):
    number = _opened(issuer, *MEALS)
    _, content = forms.round_workbook(number=number, officer=clerk)
    book = load_workbook(BytesIO(content))
    sheet = book.active
    at = _columns(sheet)
    assert sheet[f"{at['公民身份号码']}2"].value.startswith("321*")
    assert not sheet[f"{at['助餐份数']}2"].protection.locked
    assert sheet[f"{at['姓名']}2"].protection.locked
    assert not sheet[f"{at['姓名']}4"].protection.locked
    sheet[f"{at['助餐份数']}2"] = 20
    sheet[f"{at['剔除原因']}3"] = "已迁出"
    for line, division in ((4, VILLAGE), (5, "321323101001"), (6, VILLAGE)):
        sheet[f"{at['区划代码']}{line}"] = division
        for title, value in zip(("公民身份号码", "姓名", "助餐份数"), NEW.values(), strict=False):
            sheet[f"{at[title]}{line}"] = value
    sheet[f"{at['公民身份号码']}6"] = "321323195001010019"

    taken = _brought(number, clerk, _saved(book))

    assert (taken.read, taken.saved, taken.unchanged) == (5, 3, 0)
    assert [(one.line, one.division) for one in taken.refused] == [
        (5, "321323101001"),
        (6, VILLAGE),
    ]
    assert "18 位号码" in taken.refused[1].problem
    one, added, struck = forms.roster(number, VILLAGE, actor=clerk).lines
    assert (one.values["f3"], added.values["f2"], struck.struck_reason) == (20, "赵新来", "已迁出")


def test_lines_that_were_not_written_stay_and_are_brought_again_put_right(issuer, clerk, stranger):
    number = _opened(issuer, *MEALS)
    _, content = forms.round_workbook(number=number, officer=clerk)
    book = load_workbook(BytesIO(content))
    at = _columns(book.active)
    book.active[f"{at['助餐份数']}2"] = "很多"
    book.active[f"{at['姓名']}3"] = "别人"
    taken = _brought(number, clerk, _saved(book))
    assert (taken.saved, len(taken.refused)) == (0, 2)
    assert "取来的" in taken.refused[1].problem

    (kept,) = forms.workbook_returns(number, officer=clerk)
    assert [one.problem for one in kept.refused] == [one.problem for one in taken.refused]
    for other in (stranger, issuer):
        with pytest.raises((NotAllowed, forms.ReportUnknown)):
            forms.workbook_return(kept.id, officer=other)
        with pytest.raises((NotAllowed, forms.ReportUnknown)):
            forms.refused_workbook(kept.id, officer=other)

    book = load_workbook(BytesIO(forms.refused_workbook(kept.id, officer=clerk)))
    at = _columns(book.active)
    assert book.active[f"{at['没有写入的原因']}2"].value == taken.refused[0].problem
    book.active[f"{at['助餐份数']}2"], book.active[f"{at['姓名']}3"] = 3, "李秀英"
    book.active[f"{at['助餐份数']}3"] = 4
    again = _brought(number, clerk, _saved(book))
    assert (again.read, again.saved) == (2, 2)
    assert _brought(number, clerk, _saved(book)).unchanged == 2


def _added(issuer, clerk):
    number = _opened(issuer, *MEALS)
    forms.add_entry(answers=NEW, **_here(number, clerk))
    _fill(number, clerk, "1", "2", "3")
    (line,) = [one for one in forms.roster(number, VILLAGE, actor=clerk).lines if one.is_added]
    return number, line


@pytest.mark.parametrize(("verb", "listed"), [("close", 3), ("deny", 2)])
def test_who_is_added_is_proposed_to_the_organ_and_stands_when_it_agrees(
    verb, listed, issuer, clerk, stranger
):
    number, line = _added(issuer, clerk)
    assert line.proposal_title == "名录所属部门核实"
    forms.submit_roster(**_here(number, clerk))  # handed in again: proposed once
    case = casework.case(line.proposal, actor=issuer, at=NINE)
    assert case.facts["姓名"] == "赵新来"
    assert "助餐份数" not in case.facts
    with pytest.raises(NotAllowed):
        casework.act(number=line.proposal, verb=verb, officer=stranger, at=NINE, reason="核实过")
    casework.act(number=line.proposal, verb=verb, officer=issuer, at=NINE, reason="上门核实过")

    ref = forms.rounds(actor=issuer)
    (ref,) = [one.report for one in ref if one.id == number]
    following = forms.begin_round(ref=ref, officer=issuer, at=NEXT_MONTH)
    lines = forms.roster(following, VILLAGE, actor=clerk).lines
    assert len(lines) == listed
    if verb == "close":
        added = lines[-1]
        assert (added.is_added, added.filled_at, added.proposal) == (True, None, line.proposal)
        answers = {"f2": "赵新来", "f3": "2", "f4": ""}
        forms.fill_entry(
            entry=added.id, answers=answers, version=1, **_here(following, clerk, NEXT_MONTH)
        )
