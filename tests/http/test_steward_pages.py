"""The steward's and the resident's pages, by use case; the stranger is tried on each."""

import re

import pytest
from cast import NINE, WANG_NUMBER
from county import ADDRESS, PHONE, PURPOSE, RESIDENT, YOUNG_NUMBER, granted, settle
from visiting import browser_of, text_of

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.exchange.models import CallRecord
from yiwang.apps.identity.models import Account
from yiwang.faces.steward import demands
from yiwang.kernel.clock import system_clock
from yiwang.lake import Collection

pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    settled = settle()
    Account.objects.update(password_set_at=system_clock())
    return settled


def record_run() -> None:
    catalog.record_collection(
        Collection(
            run="r1", feed="base.police_resident", read=100, accepted=98, rejected=2, flagged=5,
            by_rule={"id_number.element": 2, "phone.element": 5}, snapshot="s1", at=NINE,
            seconds=0.5,
        ),
        at=NINE,
    )  # fmt: skip


def test_a_steward_finds_a_dataset_and_reads_grades_lineage_and_runs(county):
    record_run()
    browser = browser_of("chen")
    assert "户籍人口信息" in text_of(browser, "/steward/datasets/?query=户籍")
    page = text_of(browser, "/steward/datasets/base.police_resident/")
    assert "公民身份号码符合数据元“公民身份号码”" in page
    page = text_of(browser, f"/steward/datasets/{RESIDENT}/")
    assert "base.police_resident.phone" in page
    assert "flow lineage" in page
    assert "《个人信息保护法》" in page
    categories = catalog.dataset(RESIDENT).categories
    assert categories and all(f"<td>{one}</td>" in page for one in categories)
    for address in ("/steward/", "/steward/runs/", "/steward/registers/"):
        text_of(browser, address)
    assert "行政区划" in text_of(browser, "/steward/registers/base.divisions/")


def test_a_steward_raises_a_grade_and_ends_the_decision_and_a_stranger_does_neither(county):
    feed = "/steward/datasets/base.police_resident/"
    form = f"{feed}columns/village/grade/"
    chen, sun = browser_of("chen"), browser_of("sun")
    assert "还没有抽样过" in text_of(chen, "/steward/grading/")
    assert form in text_of(chen, feed)
    assert form not in text_of(sun, feed)
    given = {"grade": "3", "category": "户籍", "clause": "", "reason": "能定位到住处"}
    assert sun.post(form, given).status_code == 403
    assert "请写明理由" in chen.post(form, {**given, "reason": ""}).content.decode()
    assert chen.post(form, given).status_code == 302
    (kept,) = catalog.grade_decisions(officer=county.chen)
    end = f"/steward/grading/decisions/{kept.number}/end/"
    assert end in text_of(chen, "/steward/grading/")
    assert end not in text_of(sun, "/steward/grading/")
    assert sun.post(end, {"reason": "不是住址"}).status_code == 403
    assert chen.post(end, {"reason": "不是住址"}).status_code == 302
    assert "已撤销" in text_of(chen, "/steward/grading/")
    assert "已安排抽样" in chen.post("/steward/grading/sample/", follow=True).content.decode()
    assert browser_of("wang").post("/steward/grading/sample/").status_code == 403


def test_a_long_navigation_is_unfolded_at_the_section_of_the_page_that_is_read(county):
    browser = browser_of("chen")
    folds = r'<details class="menu-section"( open)?><summary>(.*?)</summary>'
    sections = re.findall(folds, text_of(browser, "/steward/datasets/"))

    assert [title for is_open, title in sections if is_open] == ["资源目录"]
    assert len(sections) > 1
    assert all(is_open for is_open, _ in re.findall(folds, text_of(browser, "/steward/")))


def test_the_whole_chain_of_a_table_is_drawn_and_told(county):
    record_run()
    grant = granted(county, at=system_clock())
    page = text_of(browser_of("gu"), f"/steward/datasets/{RESIDENT}/chain/")
    assert 'class="flow lineage wide"' in page and 'class="node focus"' in page
    for told in (
        "police",
        "base.police_resident",
        f"授权 {grant.number}",
        "指标：",
        "户籍人口信息：联系电话",
    ):
        assert told in page, told
    feed = text_of(browser_of("chen"), "/steward/datasets/base.police_resident/chain/")
    assert f"/steward/datasets/{RESIDENT}/" in feed
    text_of(browser_of("gu"), "/steward/datasets/base.nothing/chain/", 404)
    text_of(browser_of("wang"), f"/steward/datasets/{RESIDENT}/chain/", 403)


def test_the_stranger_does_not_see_rejected_rows_of_another_organ(county):
    text_of(browser_of("sun"), "/steward/datasets/base.police_resident/rejected/", 403)
    text_of(browser_of("wang"), "/steward/datasets/", 403)


def test_a_demand_is_made_decided_and_its_key_shown_once(county):
    needs, provides = browser_of("li"), browser_of("chen")
    form = f"/steward/demands/new/?table={RESIDENT}"
    assert "作为查询条件" in text_of(needs, form)
    given = {
        "columns": ["name", "phone"], "clear": ["name"], "lookup": ["id_number"],
        "purpose": PURPOSE, "basis": "《条例》第九条", "rows": "", "quota_per_day": "100",
        "rate_per_second": "5", "valid_days": "30",
    }  # fmt: skip
    assert needs.post(form, {**given, "purpose": ""}).status_code == 422
    assert needs.post(form, {**given, "rows": "drop table x"}).status_code == 422
    opened = needs.post(form, given)
    assert opened.status_code == 302
    assert "同意共享" not in text_of(needs, opened.url)
    assert "同意共享" in text_of(provides, opened.url)
    decided = provides.post(f"{opened.url}decision/", {"agree": "1", "reason": ""})
    assert decided.status_code == 302
    issued = needs.post(f"{decided.url}keys/")
    secret = issued.content.decode().split('class="secret">')[1].split("<")[0]
    assert secret.startswith("yw_")
    assert secret not in text_of(needs, decided.url)
    assert secret[:9] in text_of(provides, decided.url)


def test_a_deadline_in_a_year_not_announced_is_marked_as_provisional(county, monkeypatch):
    monkeypatch.setattr(demands, "system_clock", lambda: NINE.replace(month=12, day=30))
    form = f"/steward/demands/new/?table={RESIDENT}"
    given = {
        "columns": ["name"], "lookup": ["id_number"], "purpose": PURPOSE, "basis": "《条例》第九条",
        "quota_per_day": "100", "rate_per_second": "5", "valid_days": "30",
    }  # fmt: skip
    answer = browser_of("li").post(form, given)

    assert answer.status_code == 302
    assert "暂算" in text_of(browser_of("li"), answer.url)
    assert len(exchange.demands(actor=county.li)) == 1


def test_the_stranger_neither_sees_nor_decides_a_demand(county):
    grant = granted(county)
    stranger = browser_of("sun")
    text_of(stranger, f"/steward/grants/{grant.number}/", 404)
    text_of(stranger, f"/steward/demands/{grant.demand}/", 404)
    answer = stranger.post(f"/steward/demands/{grant.demand}/decision/", {"agree": "1"})
    assert answer.status_code == 403
    assert stranger.post(f"/steward/grants/{grant.number}/keys/").status_code == 403
    assert grant.number not in text_of(stranger, "/steward/grants/")


def test_a_refused_call_is_explained_on_its_page(county):
    grant = granted(county)
    key = exchange.issue_key(grant.number, officer=county.li, at=NINE)
    call = exchange.Call(key=key, table=RESIDENT, where={"id_number": WANG_NUMBER}, case="SY1")
    with pytest.raises(exchange.CallRefused) as refused:
        exchange.answer(call, at=NINE)
    address = f"/steward/calls/{refused.value.data['call']}/"
    page = text_of(browser_of("li"), address)
    assert "没有声明用途" in page
    assert WANG_NUMBER not in page
    text_of(browser_of("sun"), address, 404)
    assert "用途不符" in text_of(browser_of("gu"), "/steward/calls/?outcome=refused")


def facts_of(page: str) -> dict[str, str]:
    """The titles and values of a page's lists of facts."""
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", page))


def test_an_answered_call_is_explained_by_what_is_on_record(county):
    grant = granted(county, rows="", system="养老系统")
    key = exchange.issue_key(grant.number, officer=county.li, at=NINE)
    batch = exchange.Call(
        key=key, table=RESIDENT, keys=(WANG_NUMBER, YOUNG_NUMBER), purpose=PURPOSE, case="SY1",
        system="养老系统", retry="a-1", size=77,
    )  # fmt: skip
    first, again = (exchange.answer(batch, at=NINE).call for _ in range(2))
    browser = browser_of("li")
    page = text_of(browser, f"/steward/calls/{again}/")
    assert "网关为何应答" in page
    assert "批量查询，不超过 500 个键" in page
    assert "不是批量查询" not in page
    assert "重试不计入当日配额" in page
    facts = facts_of(page)
    assert facts["形式"] == "批量查询"
    assert facts["使用系统"] == "养老系统"
    assert facts["请求字节"] == "77"
    assert facts["重试的调用"] == first
    assert facts["旧副本"] == "否"
    assert WANG_NUMBER not in page
    assert "没有重试标识，或" in text_of(browser, f"/steward/calls/{first}/")

    pages = granted(county, lookup=(), rows="")
    key = exchange.issue_key(pages.number, officer=county.li, at=NINE)
    filtered = exchange.Call(key=key, table=RESIDENT, purpose=PURPOSE, case="SY1", sort=("name",))
    sorted_ = exchange.answer(filtered, at=NINE).call
    assert "没有筛选与排序，或可以识别" in text_of(browser, f"/steward/calls/{sorted_}/")
    text_of(browser_of("sun"), f"/steward/calls/{again}/", 404)


def test_a_call_that_broke_off_or_found_no_source_is_explained(county):
    grant = granted(county, lookup=(), rows="")
    key = exchange.issue_key(grant.number, officer=county.li, at=NINE)
    call = exchange.Call(key=key, table=RESIDENT, purpose=PURPOSE, case="SY1", form="file")
    stream = exchange.open_stream(exchange.Draft(call, NINE), "csv")
    list(stream.parts())
    stream.end(at=NINE, fault="client_gone")
    page = text_of(browser_of("li"), f"/steward/calls/{stream.draft.number}/")
    assert "传输为何中断" in page
    assert "对方断开了连接。已传出 2 行" in page
    assert facts_of(page)["故障"] == "对方断开了连接。"

    CallRecord.objects.update(code="source_down", rows=0, fault="exchange.source_resting")
    page = text_of(browser_of("li"), f"/steward/calls/{stream.draft.number}/")
    assert "网关为何没有数据可答" in page
    assert "连续没有应答" in page
    assert "网关为何拒绝" not in page
    text_of(browser_of("sun"), f"/steward/calls/{stream.draft.number}/", 404)


def test_a_file_is_opened_with_purpose_and_case_and_shown_masked(county):
    browser = browser_of("li")
    given = {"kind": "person", "number": WANG_NUMBER, "purpose": PURPOSE, "case": "外-1"}
    page = browser.post("/steward/files/", given).content.decode()
    assert "138****5678" in page
    assert PHONE not in page
    assert ADDRESS not in page
    assert browser.post("/steward/files/", {**given, "purpose": ""}).status_code == 422
    assert browser.post("/steward/files/", {**given, "number": "1"}).status_code == 422
    assert browser_of("sun").post("/steward/files/", given).status_code == 403


def test_a_resident_reads_her_file_and_who_looked_at_it(county):
    given = {"kind": "person", "number": WANG_NUMBER, "purpose": "基础信息核对", "case": "外-77"}
    browser_of("li").post("/steward/files/", given)
    browser = browser_of("wang")
    page = text_of(browser, "/my/file/")
    assert PHONE in page
    assert "县公安局" in page
    page = text_of(browser, "/my/uses/")
    assert "基础信息核对" in page
    assert "外-77" in page
    assert "县民政局" in page


def test_the_pages_of_a_resident_are_for_that_resident_alone(county):
    text_of(browser_of("sun"), "/my/file/", 403)
    text_of(browser_of("sun"), "/my/uses/", 403)
    other = text_of(browser_of("wang-company"), "/my/file/")
    assert PHONE not in other
    assert YOUNG_NUMBER not in text_of(browser_of("wang"), "/my/file/")
