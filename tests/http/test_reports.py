"""A report from its design to the township's total, through the pages."""

import json
import re
from io import BytesIO

import pytest
import reporting_county
from cast import NINE, PASSWORD
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook
from reporting_county import ALONE, NEXT_VILLAGE, ROSTER, TABLE, VILLAGE

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.faces.office import report_field
from yiwang.kernel.clock import system_clock

DESIGNS = "/office/report-designs/"


@pytest.fixture(scope="module")
def installed(django_db_setup, django_db_blocker, tmp_path_factory):
    with (
        django_db_blocker.unblock(),
        reporting_county.reporting_county(tmp_path_factory.mktemp("home")) as packs,
    ):
        yield packs


@pytest.fixture
def at(installed, db):
    for make in (reporting_county.issuer, reporting_county.clerk, reporting_county.stranger):
        make()
    Account.objects.update(password_set_at=system_clock())

    def browser(username):
        client = Client()
        client.post("/sign-in/", {"username": username, "password": PASSWORD})
        return client

    return browser


def _designed(xu):
    address = xu.post(DESIGNS, {"title": "走访情况表", "period": "month"}).url
    change = f"{address}change/"
    xu.post(change, {"act": "known", "column": [f"{TABLE}.people", f"{TABLE}.aged_80"]})
    xu.post(change, {"act": "asked", "title": "已走访次数", "required": "1", "summed": "1"})
    return address, change


def _round(xu):
    _, change = _designed(xu)
    xu.post(change, {"act": "issue"})
    page = xu.get("/office/reports/").content.decode()
    assert "走访情况表" in page
    return next(one for one in forms.rounds(actor=_officer("xu")) if one.title == "走访情况表").id


def _officer(username):
    return identity.officer(username, at=NINE)


def test_a_designed_report_is_filled_in_and_added_up(at):
    xu, qian = at("xu"), at("qian")
    number = _round(xu)
    address = f"/office/reports/{number}/{VILLAGE}/"

    assert "走访情况表" in qian.get("/office/todo/?kind=report").content.decode()
    page = qian.get(address).content.decode()
    assert "各村底数" in page and 'name="answer-f3"' in page and 'name="answer-f1"' not in page
    wrong = qian.post(address, {"answer-f3": "很多", "version": "1"})
    assert wrong.status_code == 422 and "写法不对" in wrong.content.decode()
    qian.post(address, {"answer-f3": "12", "version": "1"})
    late = qian.post(address, {"answer-f3": "13", "version": "1"}, follow=True)
    assert "已由 qian 保存过" in late.content.decode()

    total = xu.get(f"/office/reports/{number}/?below=321323001000").content.decode()
    assert "合计" in total and ">12<" in total.replace("\n", "")


def test_a_column_that_is_asked_already_stops_the_report_until_it_takes_the_value(at):
    xu = at("xu")
    address, change = _designed(xu)
    xu.post(change, {"act": "asked", "title": "外出打工人数", "type": "integer"})

    told = xu.post(change, {"act": "issue"}, follow=True).content.decode()
    assert "没有下发" in told and "劳动力就业情况表·外出务工人数" in told
    xu.post(change, {"act": "take"})
    xu.post(change, {"act": "issue"})
    assert "已下发" in xu.get(address).content.decode()


def test_a_workbook_is_taken_away_and_brought_back(at):
    xu, qian = at("xu"), at("qian")
    number = _round(xu)
    book = load_workbook(BytesIO(qian.get(f"/office/reports/{number}/workbook/").content))
    rows = [[cell.value for cell in row] for row in book.active.iter_rows(min_row=2)]
    assert [row[0] for row in rows] == [VILLAGE, NEXT_VILLAGE]
    book.active["E2"], book.active["E3"] = 4, -1
    filled = BytesIO()
    book.save(filled)

    page = qian.post(
        f"/office/reports/{number}/upload/",
        {"workbook": SimpleUploadedFile("a.xlsx", filled.getvalue())},
        follow=True,
    )
    address = page.redirect_chain[-1][0]
    assert "传回结果" in page.content.decode() and "没有写入的行" in page.content.decode()
    again = qian.get(f"{address}workbook/")
    assert load_workbook(BytesIO(again.content)).active["A2"].value == NEXT_VILLAGE
    assert address in qian.get(f"/office/reports/{number}/").content.decode()
    assert xu.get(address).status_code in (403, 404)
    assert at("sun").get(address).status_code == 403
    assert at("sun").get(f"{address}workbook/").status_code == 403


def test_a_known_value_that_is_wrong_is_objected_to_from_the_row(at):
    """有误: the button beside a known value leads to the objection at its source."""
    xu, qian = at("xu"), at("qian")
    page = qian.get(f"/office/reports/{_round(xu)}/{VILLAGE}/").content.decode()
    form = re.search(r'<form method="post" action="(/steward/objections/new/)">(.*?)</form>', page)
    assert form and "有误" in form[2]
    carried = dict(re.findall(r'name="(table|column|key-\w+)" value="([^"]*)"', form[2]))
    assert carried == {"table": TABLE, "column": "people", "key-division": VILLAGE}

    asked = qian.post(form[1], carried)
    assert asked.status_code == 200 and "各村底数" in asked.content.decode()
    said = {"claimed": "41", "reason": "户籍底册上是 41 人"}
    made = qian.post(form[1], carried | said, follow=True)
    number = made.redirect_chain[-1][0].split("/")[-2]
    found = catalog.objection(number, actor=_officer("qian"))
    assert (found.table, found.column, found.state) == (TABLE, "people", "waiting")
    assert at("sun").get(f"/steward/objections/{number}/").status_code == 404


def test_a_list_is_completed_through_its_page(at):
    qian, number = at("qian"), forms.open_round(ROSTER, by="system", at=NINE)
    address = f"/office/rosters/{number}/{VILLAGE}/"
    assert qian.get(f"/office/reports/{number}/{VILLAGE}/").url == address
    page = qian.get(address).content.decode()
    assert "王大明" in page and "321323194603010019" not in page
    one, other = (line.id for line in forms.roster(number, VILLAGE, actor=_officer("qian")).lines)

    wrong = qian.post(
        address, {"act": "fill", "entry": one, "version": 1, f"answer-{one}-visits": "40"}
    )
    assert wrong.status_code == 422 and "没有通过校验" in wrong.content.decode()
    qian.post(address, {"act": "fill", "entry": one, "version": 1, f"answer-{one}-visits": "2"})
    qian.post(address, {"act": "strike", "entry": other, "version": 1, "reason": "已迁出"})
    new = {
        "name": "赵新来",
        "id_number": "321323195001010016",
        "birth_on": "1950-01-01",
        "visits": "1",
    }
    qian.post(
        address, {"act": "add"} | {f"answer-new-{name}": value for name, value in new.items()}
    )
    told = qian.post(address, {"act": "submit"}, follow=True).content.decode()

    assert "名册已报送" in told and "已迁出" in told and "赵新来" in told
    summed = qian.get(f"/office/reports/{number}/?below=321323001000").content.decode()
    assert "其中新增" in summed and "下载工作簿" in summed
    assert at("sun").get(address).status_code == 403
    assert at("sun").post(address, {"act": "submit"}).status_code == 403
    assert at("xu").post(address, {"act": "submit"}).status_code == 403


def test_a_list_is_designed_filled_by_workbook_and_confirmed(at):
    """From an empty draft to an addition that the organ confirms on the case's own page."""
    xu, qian = at("xu"), at("qian")
    assert "名册：独居老年人名册" in xu.get(DESIGNS).content.decode()
    address = xu.post(DESIGNS, {"title": "助餐名册", "period": "month", "roster": ALONE}).url
    change = f"{address}change/"
    page = xu.get(address).content.decode()
    assert f'value="{ALONE}.name"' in page and TABLE not in page
    xu.post(change, {"act": "known", "column": [f"{ALONE}.name", f"{TABLE}.people"]})
    xu.post(change, {"act": "asked", "title": "助餐份数", "required": "1", "summed": "1"})
    xu.post(change, {"act": "issue"})
    number = next(one for one in forms.rounds(actor=_officer("qian")) if one.title == "助餐名册").id

    book = load_workbook(BytesIO(qian.get(f"/office/reports/{number}/workbook/").content))
    titles = {cell.value: cell.column_letter for cell in book.active[1]}
    lines = {"2": {"助餐份数": 20}, "3": {"剔除原因": "已迁出"}}
    lines["4"] = {"区划代码": VILLAGE, "公民身份号码": "321323195001010016", "姓名": "赵新来"}
    for line, cells in lines.items():
        for title, value in cells.items():
            book.active[f"{titles[title]}{line}"] = value
    filled = BytesIO()
    book.save(filled)
    upload = SimpleUploadedFile("名册.xlsx", filled.getvalue())
    said = qian.post(f"/office/reports/{number}/upload/", {"workbook": upload}, follow=True)
    assert "助餐份数" in said.content.decode() or "必" in said.content.decode()

    here = f"/office/rosters/{number}/{VILLAGE}/"
    new = {"f1": "321323195001010016", "f2": "赵新来", "f3": "1"}
    qian.post(here, {"act": "add"} | {f"answer-new-{name}": value for name, value in new.items()})
    assert "名册已报送" in qian.post(here, {"act": "submit"}, follow=True).content.decode()
    case = re.search(r"名录所属部门核实（(\S+?)）", qian.get(here).content.decode())[1]
    shown = xu.get(f"/office/cases/{case}/").content.decode()
    assert "赵新来" in shown and "核实属实" in shown
    assert at("sun").get(f"/office/cases/{case}/").status_code in (403, 404)


def test_what_a_phone_sends_is_done_once_and_never_over_another_hand(at):
    xu, qian = at("xu"), at("qian")
    number = _round(xu)

    def send(browser, **entry):
        said = {"kind": "row", "round": number, "division": VILLAGE, "version": 1} | entry
        return browser.post("/office/report-field/sync", {"entry": json.dumps(said)})

    taken = qian.get("/office/report-field/work.json").json()["reports"]
    mine = [one for one in taken if one["round"] == number]
    assert [one["division"] for one in mine] == [VILLAGE, NEXT_VILLAGE]
    assert [field["name"] for field in mine[0]["asked"]] == ["f3"]

    first = send(qian, what={"answer-f3": "12"}).json()
    again = send(qian, what={"answer-f3": "12"}).json()
    late = send(qian, what={"answer-f3": "13"}).json()
    bad = send(qian, division=NEXT_VILLAGE, what={"answer-f3": "很多"}).json()
    assert [one["outcome"] for one in (first, again, late, bad)] == [
        "done", "done", "conflict", "refused",
    ]  # fmt: skip
    assert "已走访次数" in late["text"]
    assert send(qian, kind="other").status_code == 422

    sun = at("sun")
    assert sun.get("/office/report-field/").status_code == 403
    assert sun.get("/office/report-field/work.json").status_code == 403
    assert send(sun, what={"answer-f3": "1"}).status_code == 403


def test_a_phone_says_how_much_it_left_behind(at, monkeypatch):
    _round(at("xu"))
    monkeypatch.setattr(report_field, "MOST", 1)
    work = at("qian").get("/office/report-field/work.json").json()
    waiting = forms.reports_waiting(officer=identity.officer("qian", at=system_clock()))

    assert len(work["reports"]) == 1
    assert work["left"] == sum(one.rows for one in waiting) - 1 > 0


def test_the_stranger_opens_no_row_and_changes_no_design(at):
    xu, sun = at("xu"), at("sun")
    number = _round(xu)
    address, change = _designed(xu)

    assert sun.get(f"/office/reports/{number}/").status_code == 403
    assert sun.get(f"/office/reports/{number}/{VILLAGE}/").status_code == 403
    assert sun.get(f"/office/reports/{number}/workbook/").status_code == 403
    assert sun.get(address).status_code == 403
    assert sun.post(change, {"act": "issue"}).status_code == 403
    assert sun.post(f"/office/reports/{number}/upload/").status_code == 403
    assert sun.get("/office/reports/reduction/").status_code == 403
    assert "走访情况表" not in sun.get("/office/todo/").content.decode()
