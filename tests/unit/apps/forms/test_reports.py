"""A report takes what is known, asks only the rest, and never what another asked lately."""

from datetime import timedelta
from io import BytesIO

import pytest
import reporting_county
from cast import NINE
from openpyxl import Workbook, load_workbook
from reporting_county import ELSEWHERE, NEXT_VILLAGE, TABLE, VILLAGE

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import public as forms
from yiwang.apps.forms.models import ReportedValue, ReportRow
from yiwang.apps.journal.models import Outbox
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit.kinds.reports import ReportField


@pytest.fixture
def county(installed, db):
    return installed


@pytest.fixture
def issuer(county):
    return reporting_county.issuer()


@pytest.fixture
def clerk(county):
    return reporting_county.clerk()


@pytest.fixture
def stranger(county):
    return reporting_county.stranger()


def _issued(officer, *titles, title="独居老人走访表", at=NINE):
    fields = [ReportField(title=one) for one in titles]
    known = ReportField(title="户籍人口", prefill=f"{TABLE}.people")
    ref = forms.draft_report(
        title=title, period="month", fields=[known, *fields], officer=officer, at=at
    )
    forms.issue_report(ref=ref, officer=officer, at=at)
    return forms.begin_round(ref=ref, officer=officer, at=at)


def test_what_is_known_is_taken_with_its_source_and_only_the_rest_is_asked(issuer, clerk):
    number = _issued(issuer, "已走访次数")

    known, asked = forms.report_row(number, VILLAGE, actor=clerk).cells

    assert (known.value, known.source, known.table) == (40, "各村底数", TABLE)
    assert (asked.value, asked.source) == (None, "")


def test_a_division_nothing_is_known_of_is_asked_everything(issuer, clerk):
    number = _issued(issuer, "已走访次数")
    row = ReportRow.objects.get(round=number, division=ELSEWHERE)

    assert (row.known, row.asked) == ({}, 2)


def test_a_filled_row_is_kept_offered_to_others_and_on_record(issuer, clerk):
    number = _issued(issuer, "已走访次数")
    before = Outbox.objects.count()

    fill = forms.fill_row(
        number=number, division=VILLAGE, answers={"f2": "3"}, version=1, officer=clerk, at=NINE
    )

    assert fill == 2
    assert ReportedValue.objects.get(division=VILLAGE).value == 3
    assert Outbox.objects.count() == before + 1
    assert [one.rows for one in forms.reports_waiting(officer=clerk)] == [1]


def test_two_hands_do_not_overwrite_each_other(issuer, clerk):
    number = _issued(issuer, "已走访次数")
    same = {"number": number, "division": VILLAGE, "version": 1, "officer": clerk, "at": NINE}
    forms.fill_row(answers={"f2": "3"}, **same)

    with pytest.raises(forms.RowChanged, match="已走访次数"):
        forms.fill_row(answers={"f2": "5"}, **same)
    assert ReportRow.objects.get(round=number, division=VILLAGE).answers == {"f2": 3}


@pytest.mark.parametrize("given", [{"f2": "-1"}, {"f2": "三"}, {"f2": ""}, {"f2": "1", "f1": "9"}])
def test_a_wrong_answer_or_an_altered_known_value_is_refused(issuer, clerk, given):
    number = _issued(issuer, "已走访次数")

    with pytest.raises(forms.AnswersRefused):
        forms.fill_row(
            number=number, division=VILLAGE, answers=given, version=1, officer=clerk, at=NINE
        )


def test_a_stranger_sees_and_changes_nothing(issuer, stranger):
    number = _issued(issuer, "已走访次数")

    with pytest.raises(NotAllowed):
        forms.report_round(number, actor=stranger)
    with pytest.raises(NotAllowed):
        forms.report_row(number, VILLAGE, actor=stranger)
    with pytest.raises(NotAllowed):
        forms.round_workbook(number=number, officer=stranger)
    with pytest.raises(NotAllowed):
        forms.fill_row(
            number=number,
            division=VILLAGE,
            answers={"f2": "1"},
            version=1,
            officer=stranger,
            at=NINE,
        )
    assert number not in {one.id for one in forms.rounds(actor=stranger)}


def test_a_clerk_fills_in_no_other_village(issuer, clerk):
    number = _issued(issuer, "已走访次数")

    with pytest.raises(NotAllowed):
        forms.fill_row(
            number=number,
            division=ELSEWHERE,
            answers={"f1": "1", "f2": "1"},
            version=1,
            officer=clerk,
            at=NINE,
        )


@pytest.mark.parametrize("title", ["外出打工人数", "外出就業人数", "外出打公人数"])
def test_a_report_that_asks_what_another_asked_is_stopped_and_shown(stranger, title):
    """By synonym, in the other script, and misspelt with the same sound: 外出务工人数 is asked."""
    ref = forms.draft_report(
        title="流动人口情况表",
        period="month",
        fields=[ReportField(title=title)],
        officer=stranger,
        at=NINE,
    )

    with pytest.raises(forms.AsksAgain):
        forms.issue_report(ref=ref, officer=stranger, at=NINE)
    (refusal,) = forms.report(ref, actor=stranger).refusals
    assert refusal.prefill.startswith(forms.REPORTED)


def test_a_report_that_asks_what_the_catalogue_knows_is_stopped(issuer):
    ref = forms.draft_report(
        title="敬老情况表",
        period="month",
        fields=[ReportField(title="80岁以上老人数")],
        officer=issuer,
        at=NINE,
    )

    with pytest.raises(forms.AsksAgain, match="80周岁以上老年人数"):
        forms.issue_report(ref=ref, officer=issuer, at=NINE)


def test_after_the_days_of_the_register_it_may_be_asked_again(issuer, stranger):
    _issued(issuer, "已走访次数")
    ref = forms.draft_report(
        title="走访表",
        period="once",
        fields=[ReportField(title="已走访次数")],
        officer=stranger,
        at=NINE,
    )
    later = NINE + timedelta(days=91)

    assert not forms.asked_again(forms.report(ref, actor=stranger).content, ref=ref, at=later)


def test_what_was_given_once_is_taken_by_the_next_report(stranger, clerk):
    number = forms.open_round("grassroots.employment", by="system", at=NINE)
    forms.fill_row(
        number=number,
        division=VILLAGE,
        answers={"working_away": "7", "returned": "0", "workshops": "1"},
        version=1,
        officer=clerk,
        at=NINE,
    )
    ref = forms.draft_report(
        title="流动人口情况表",
        period="month",
        fields=[ReportField(title="外出打工人数")],
        officer=stranger,
        at=NINE,
    )
    forms.take_known(ref=ref, officer=stranger, at=NINE)
    forms.issue_report(ref=ref, officer=stranger, at=NINE)
    other = forms.begin_round(ref=ref, officer=stranger, at=NINE)

    (cell,) = forms.report_row(other, VILLAGE, actor=clerk).cells
    assert (cell.value, cell.origin) == (7, number)
    assert "劳动力就业情况表" in cell.source

    forms.fill_row(
        number=number,
        division=VILLAGE,
        answers={"working_away": "8", "returned": "0", "workshops": "1"},
        version=2,
        officer=clerk,
        at=NINE,
    )
    (cell,) = forms.report_row(other, VILLAGE, actor=clerk).cells
    assert cell.value == 8, "put right where it was said, right where it was taken"


def test_what_is_corrected_in_the_table_reaches_the_round_that_is_open(issuer, clerk, people):
    number = _issued(issuer, "已走访次数")
    people(VILLAGE, 41)
    forms.open_due_rounds(NINE + timedelta(hours=1))

    known, asked = forms.report_row(number, VILLAGE, actor=clerk).cells
    assert (known.value, asked.value) == (41, None)
    assert ReportRow.objects.get(round=number, division=ELSEWHERE).known == {}, "asked stays asked"


@pytest.fixture
def people(county):
    """Writes what the table says of a village; the table is as before afterwards."""
    lake = catalog.lake()
    columns = {name: one.type for name, one in county.table(TABLE).columns.items()}
    before = lake.rows('SELECT * FROM "grassroots"."village_profile"')

    def write(division, count):
        rows = [one | ({"people": count} if one["division"] == division else {}) for one in before]
        new = dict.fromkeys(columns, 5) | {"division": ELSEWHERE}
        lake.write(TABLE, [*rows, new], columns=columns, at=NINE + timedelta(minutes=1))

    yield write
    lake.write(TABLE, before, columns=columns, at=NINE + timedelta(minutes=2))


def test_who_was_asked_by_a_report_that_was_withdrawn_is_not_asked_again(issuer, stranger):
    _issued(issuer, "已走访次数")
    (first,) = [one.ref for one in forms.reports(actor=issuer) if one.title == "独居老人走访表"]
    forms.withdraw_report(ref=first, officer=issuer, at=NINE)
    ref = forms.draft_report(
        title="走访表",
        period="once",
        fields=[ReportField(title="已走访次数")],
        officer=stranger,
        at=NINE,
    )

    content = forms.report(ref, actor=stranger).content
    assert [one.other for one in forms.asked_again(content, ref=ref, at=NINE)] == [first]


def test_villages_add_up_to_townships_and_the_county(issuer, clerk):
    number = _issued(issuer, "已走访次数")
    for code, said in ((VILLAGE, "3"), (NEXT_VILLAGE, "4")):
        forms.fill_row(
            number=number, division=code, answers={"f2": said}, version=1, officer=clerk, at=NINE
        )

    county = forms.report_round(number, actor=issuer)
    town = forms.report_round(number, actor=issuer, below="321323001000")

    assert (county.whole.values["f1"], county.whole.values["f2"]) == (90, 7)
    assert county.totals[0].division == "321323001000"
    assert county.totals[0].values["f2"] == 7
    assert {one.division: one.values.get("f2") for one in town.totals}[VILLAGE] == 3
    assert county.whole.given["f2"] == 2


def test_a_workbook_goes_out_and_comes_back_line_by_line(issuer, clerk):
    number = _issued(issuer, "已走访次数")
    title, content = forms.round_workbook(number=number, officer=clerk)
    book = load_workbook(BytesIO(content))
    sheet = book.active
    sheet["D2"], sheet["D3"] = 5, -2
    filled = BytesIO()
    book.save(filled)

    taken = forms.fill_from_workbook(
        number=number, name=f"{title}.xlsx", content=filled.getvalue(), officer=clerk, at=NINE
    )
    again = forms.fill_from_workbook(
        number=number, name=f"{title}.xlsx", content=filled.getvalue(), officer=clerk, at=NINE
    )

    assert (taken.read, taken.saved, [one.division for one in taken.refused]) == (
        2,
        1,
        [NEXT_VILLAGE],
    )
    assert again.unchanged == 1


def test_a_workbook_of_another_round_is_refused(issuer, clerk):
    number = _issued(issuer, "已走访次数")
    other = _issued(issuer, "已修路灯数", title="路灯表")
    _, content = forms.round_workbook(number=other, officer=clerk)

    with pytest.raises(forms.WorkbookOfAnotherRound):
        forms.fill_from_workbook(
            number=number, name="a.xlsx", content=content, officer=clerk, at=NINE
        )


def test_a_template_with_heads_in_three_rows_becomes_a_draft(issuer):
    book = Workbook()
    sheet = book.active
    sheet.append(["农村人口和房屋情况统计表"])
    sheet.append(["序号", "村（社区）", "人口情况", "", "", "房屋"])
    sheet.append(["", "", "户籍人口", "其中", "", ""])
    sheet.append(["", "", "", "男性人数", "80周岁以上老人", "已加固户数"])
    for cells in ("A1:F1", "A2:A4", "B2:B4", "C2:E2", "C3:C4", "D3:E3", "F2:F3"):
        sheet.merge_cells(cells)
    content = BytesIO()
    book.save(content)

    ref = forms.import_template(
        name="统计表.xlsx",
        content=content.getvalue(),
        title="",
        period="year",
        officer=issuer,
        at=NINE,
    )

    fields = forms.report(ref, actor=issuer).content.fields.values()
    assert [(one.group, one.title, one.prefill) for one in fields] == [
        ("人口情况", "户籍人口", f"{TABLE}.people"),
        ("人口情况/其中", "男性人数", f"{TABLE}.men"),
        ("人口情况/其中", "80周岁以上老人", f"{TABLE}.aged_80"),
        ("房屋", "已加固户数", ""),
    ]


def test_shares_of_a_template_are_not_added_up(issuer):
    book = Workbook()
    book.active.append(["村（社区）", "已加固户数", "加固率", "绿化%", "人均收入", "产值（万元）"])
    content = BytesIO()
    book.save(content)
    ref = forms.import_template(
        name="表.xlsx",
        content=content.getvalue(),
        title="加固情况表",
        period="year",
        officer=issuer,
        at=NINE,
    )

    fields = forms.report(ref, actor=issuer).content.fields.values()
    assert [(one.title, one.type, one.total) for one in fields] == [
        ("已加固户数", "integer", "sum"),
        ("加固率", "decimal", "none"),
        ("绿化%", "decimal", "none"),
        ("人均收入", "decimal", "none"),
        ("产值（万元）", "decimal", "sum"),
    ]


def test_a_report_that_asks_nothing_fills_itself(county):
    forms.open_due_rounds(NINE)

    rows = ReportRow.objects.filter(round__report__ref="grassroots.aged_account")
    assert rows.get(division=VILLAGE).filled_by == "system"
    assert forms.open_due_rounds(NINE) == 0
