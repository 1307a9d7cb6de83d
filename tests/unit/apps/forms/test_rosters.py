"""A list within a village: known people, added and struck out, and two hands on one line."""

from io import BytesIO

import pytest
import reporting_county
from cast import NINE
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Border, Font, Side
from reporting_county import NEXT_VILLAGE, ROSTER, TABLE, VILLAGE

from yiwang.apps.forms import public as forms
from yiwang.apps.journal.models import Outbox
from yiwang.kernel.errors import NotAllowed

NEW = {
    "name": "赵新来",
    "id_number": "321323195001010016",
    "birth_on": "1950-01-01",
    "visits": "1",
    "needs": "",
}


@pytest.fixture
def number(installed, db):
    return forms.open_round(ROSTER, by="system", at=NINE)


@pytest.fixture
def clerk(number):
    return reporting_county.clerk()


@pytest.fixture
def here(number, clerk):
    return {"number": number, "division": VILLAGE, "officer": clerk, "at": NINE}


def _lines(number, clerk):
    return forms.roster(number, VILLAGE, actor=clerk).lines


def test_the_lines_come_from_the_table_and_hide_the_number(number, clerk):
    one, other = _lines(number, clerk)

    assert (one.values["name"], other.values["name"]) == ("王大明", "李秀英")
    assert one.values["id_number"].startswith("321*")
    assert one.asked == ("visits", "needs")


def test_who_is_listed_can_see_it_and_who_opens_the_list_is_on_record(number, clerk):
    _lines(number, clerk)

    events = list(Outbox.objects.values_list("event", flat=True))
    assert events.count("report.listed") == 2
    assert "report.roster_read" in events


def test_a_list_is_handed_in_when_every_line_is_filled_or_struck_out(number, clerk, here):
    one, other = _lines(number, clerk)
    forms.fill_entry(entry=one.id, answers={"visits": "2"}, version=1, **here)
    with pytest.raises(forms.RosterUnfinished, match="还有 1 条"):
        forms.submit_roster(**here)

    forms.strike_entry(entry=other.id, reason="已迁出", version=1, **here)
    forms.add_entry(answers=NEW, **here)
    forms.submit_roster(**here)

    (total,) = [
        each
        for each in forms.report_round(number, actor=clerk, below="321323001000").totals
        if each.division == VILLAGE
    ]
    assert (total.filled, dict(total.values)) == (
        1,
        {"roster_lines": 2, "roster_added": 1, "roster_struck": 1, "visits": 3},
    )


def test_a_line_is_struck_out_with_a_reason_and_comes_back(number, clerk, here):
    one, _ = _lines(number, clerk)
    with pytest.raises(forms.StrikeWithoutReason):
        forms.strike_entry(entry=one.id, reason=" ", version=1, **here)
    forms.strike_entry(entry=one.id, reason="已去世", version=1, **here)
    forms.restore_entry(entry=one.id, **here)

    assert not any(each.struck_reason for each in _lines(number, clerk))


@pytest.mark.parametrize("wrong", ["", "321323195001010019", "王"])
def test_a_person_is_added_with_a_right_number_only(here, wrong):
    with pytest.raises(forms.AnswersRefused):
        forms.add_entry(answers=NEW | {"id_number": wrong}, **here)


def test_a_person_is_listed_once_and_the_same_again_changes_nothing(here):
    first = forms.add_entry(answers=NEW, **here)

    assert forms.add_entry(answers=NEW, **here) == first
    with pytest.raises(forms.AlreadyListed):
        forms.add_entry(answers=NEW | {"name": "钱另一"}, **here)
    with pytest.raises(forms.AlreadyListed):
        forms.add_entry(answers=NEW | {"id_number": "321323194603010019"}, **here)


def test_two_hands_meet_on_one_line_only(number, clerk, here):
    one, other = _lines(number, clerk)
    forms.fill_entry(entry=one.id, answers={"visits": "2"}, version=1, **here)

    assert forms.fill_entry(entry=one.id, answers={"visits": "2"}, version=1, **here) == 2
    with pytest.raises(forms.RowChanged, match="本月探访次数"):
        forms.fill_entry(entry=one.id, answers={"visits": "4"}, version=1, **here)
    forms.fill_entry(entry=other.id, answers={"visits": "0"}, version=1, **here)


def test_a_known_value_and_a_wrong_answer_are_refused(number, clerk, here):
    one, _ = _lines(number, clerk)
    for answers in ({"visits": "40"}, {"visits": "1", "name": "别人"}, {"visits": ""}):
        with pytest.raises(forms.AnswersRefused):
            forms.fill_entry(entry=one.id, answers=answers, version=1, **here)


def test_a_list_is_no_row(number, clerk):
    with pytest.raises(forms.RosterNotOneRow):
        forms.fill_row(
            number=number, division=VILLAGE, answers={}, version=1, officer=clerk, at=NINE
        )


def test_a_stranger_and_another_village_see_and_change_nothing(number, clerk, here):
    one, _ = _lines(number, clerk)
    stranger = reporting_county.stranger()
    acts = [
        lambda who: forms.roster(number, VILLAGE, actor=who["officer"]),
        lambda who: forms.fill_entry(entry=one.id, answers={"visits": "1"}, version=1, **who),
        lambda who: forms.add_entry(answers=NEW, **who),
        lambda who: forms.strike_entry(entry=one.id, reason="已去世", version=1, **who),
        lambda who: forms.restore_entry(entry=one.id, **who),
        lambda who: forms.submit_roster(**who),
    ]

    for act in acts:
        with pytest.raises(NotAllowed):
            act(here | {"officer": stranger})
    assert forms.roster(number, NEXT_VILLAGE, actor=clerk).lines == ()
    with pytest.raises(forms.ReportUnknown):
        forms.fill_entry(
            entry=one.id, answers={"visits": "1"}, version=1, **here | {"division": NEXT_VILLAGE}
        )


def test_the_cells_of_lists_are_counted_line_by_line(number, clerk, here):
    _, rows = forms.published()["platform.report_cells"]
    cells = [row for row in rows if row["report"] == ROSTER]

    assert len(cells) == 10
    assert sum(cell["is_known"] for cell in cells) == 6


def _template():
    book = Workbook()
    sheet = book.active
    sheet.append(["某县农村人口走访统计表"])
    sheet.append(["序号", "村（社区）", "人口", ""])
    sheet.append(["", "", "户籍人口", "已走访次数"])
    for cells in ("A1:D1", "A2:A3", "B2:B3", "C2:D2"):
        sheet.merge_cells(cells)
    sheet["A1"].font = Font(name="方正小标宋简体", size=22)
    sheet.column_dimensions["B"].width, sheet.row_dimensions[4].height = 31, 26
    for column in "ABCD":
        sheet[f"{column}4"].border = Border(bottom=Side("thin"))
        sheet[f"{column}4"].font = Font(name="仿宋_GB2312", size=14)
    sheet["A5"] = "填表人："
    sheet.merge_cells("A5:D5")
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def test_an_imported_template_keeps_its_looks_when_it_is_handed_out(number, clerk):
    issuer = reporting_county.issuer()
    ref = forms.import_template(
        name="走访.xlsx",
        content=_template(),
        title="走访统计表",
        period="year",
        officer=issuer,
        at=NINE,
    )
    forms.issue_report(ref=ref, officer=issuer, at=NINE)
    other = forms.begin_round(ref=ref, officer=issuer, at=NINE)
    assert forms.report(ref, actor=issuer).content.fields["f1"].prefill == f"{TABLE}.people"

    title, content = forms.round_workbook(number=other, officer=clerk)
    sheet = load_workbook(BytesIO(content)).active

    assert (sheet["A1"].value, sheet["A1"].font.size) == ("某县农村人口走访统计表", 22)
    assert sheet["A1"].font.name == "方正小标宋简体"
    assert {str(one) for one in sheet.merged_cells.ranges} >= {"A1:D1", "A2:A3", "C2:D2", "A6:D6"}
    assert (sheet.column_dimensions["B"].width, sheet.row_dimensions[5].height) == (31, 26)
    assert [sheet.cell(4, at).value for at in (1, 3, 4)] == [1, 40, None]
    assert [sheet.cell(5, at).value for at in (1, 3, 4)] == [2, 50, None]
    assert (sheet["C5"].font.name, sheet["C5"].border.bottom.style) == ("仿宋_GB2312", "thin")
    assert sheet["A6"].value == "填表人："

    book = load_workbook(BytesIO(content))
    book.active["D4"] = 3
    filled = BytesIO()
    book.save(filled)
    taken = forms.fill_from_workbook(
        number=other, name=f"{title}.xlsx", content=filled.getvalue(), officer=clerk, at=NINE
    )
    assert (taken.read, taken.saved, taken.unchanged) == (2, 1, 1)
