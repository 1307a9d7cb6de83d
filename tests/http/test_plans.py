"""The plan ledger from an uploaded text to a notice; who lacks the right changes nothing."""

import pytest
from county import settle
from django.core.files.uploadedfile import SimpleUploadedFile
from visiting import browser_of, text_of

from yiwang.apps.boards import public as boards
from yiwang.apps.identity.models import Account
from yiwang.kernel.clock import system_clock

pytestmark = pytest.mark.django_db
TASK = "/steward/plans/%s/二-1-1/"


@pytest.fixture
def county():
    settled = settle()
    Account.objects.update(password_set_at=system_clock())
    return settled


def uploaded(repository) -> SimpleUploadedFile:
    text = (repository / "packs/programme/sample/plan.md").read_bytes()
    return SimpleUploadedFile("方案.txt", text)


def read_by(username: str, repository) -> int:
    answer = browser_of(username).post("/steward/plans/read/", {"file": uploaded(repository)})
    assert answer.status_code == 302
    return boards.plans()[0].id


def test_an_uploaded_plan_is_read_confirmed_followed_and_asked_after(county, repository):
    number, browser = read_by("gu", repository), browser_of("gu")
    assert "摸清家底" in text_of(browser, f"/steward/plans/{number}/")
    confirmed = {
        "act": "confirm",
        "title": "摸清家底",
        "leads": ["data-bureau"],
        "due_on": "2025-12-31",
    }
    assert browser.post(TASK % number, confirmed).status_code == 302
    assert "摸清家底" in text_of(browser, "/steward/plans/late/")
    asked = browser.post(TASK % number, {"act": "ask", "reason": "未见进展"}, follow=True)
    assert "督办通知已发出" in asked.content.decode()
    assert "牵头单位反馈" in text_of(browser, TASK % number)
    for address in ("report/", ""):
        assert "已逾期" in text_of(browser, f"/steward/plans/{number}/{address}")
    assert "能力清单" in text_of(browser, "/steward/plans/capabilities/?only=served")
    census = browser.get("/steward/plans/capabilities/?query=D-02").content.decode()
    assert 'href="/steward/census/"' in census and "基础库" in census


def test_what_reading_missed_is_added_and_what_it_misread_corrected_or_dropped(county, repository):
    number, browser = read_by("gu", repository), browser_of("gu")
    page = f"/steward/plans/{number}/"
    assert f"{page}new/" in browser.get(page).content.decode()
    task = {"title": "补的任务", "leads": ["data-bureau"], "helpers": ["civil-affairs"]}
    refused = browser.post(f"{page}new/", task)
    assert refused.status_code == 422
    assert 'value="补的任务"' in refused.content.decode()
    added = browser.post(f"{page}new/", {**task, "text": "原文"}, follow=True)
    assert "民政局" in added.content.decode()

    aim = {"words": "评价率", "value": "NaN", "unit": "%", "bound": "least"}
    refused = browser.post(f"{page}targets/1/", aim)
    assert refused.status_code == 422
    assert "数值不是数" in refused.content.decode() and "评价率" in refused.content.decode()
    for address in ("targets/1/", "targets/new/"):
        assert browser.post(f"{page}{address}", {**aim, "value": "97.5"}).status_code == 302
    shown = text_of(browser, page)
    assert shown.count("≥ 97.5%") == 2
    for address in ("targets/1/", "二-1-1/"):
        refused = browser.post(f"{page}{address}", {"act": "drop", "reason": " "})
        assert refused.status_code == 422 and "要写明理由" in refused.content.decode()
        dropped = {"act": "drop", "reason": "方案没有这一条"}
        assert browser.post(f"{page}{address}", dropped).status_code == 302
    report = text_of(browser, f"{page}report/")
    assert report.count("≥ 97.5%") == 1
    assert "摸清家底" not in report and "补的任务" in report


def test_a_task_without_a_leader_comes_back_with_the_error_at_its_place(county, repository):
    number, browser = read_by("gu", repository), browser_of("gu")
    answer = browser.post(TASK % number, {"act": "confirm", "title": "摸清家底", "due_on": "明天"})
    assert answer.status_code == 422
    assert "不是日期" in answer.content.decode()


def test_the_same_plan_leads_to_the_one_that_is_there(county, repository):
    number, browser = read_by("gu", repository), browser_of("gu")
    answer = browser.post("/steward/plans/read/", {"file": uploaded(repository)})
    assert answer.headers["Location"] == f"/steward/plans/{number}/"


def test_a_file_that_is_no_plan_is_refused_in_words(county):
    sent = {"file": SimpleUploadedFile("a.pdf", b"%PDF")}
    answer = browser_of("gu").post("/steward/plans/read/", sent)
    assert answer.status_code == 422
    assert "另存为" in answer.content.decode()


def test_an_officer_of_another_organ_reads_the_ledger_and_changes_nothing(county, repository):
    number, sun = read_by("gu", repository), browser_of("sun")
    assert "摸清家底" in text_of(sun, f"/steward/plans/{number}/")
    sent = {"file": uploaded(repository)}
    assert sun.post("/steward/plans/read/", sent).status_code == 403
    for act in ("confirm", "drop", "ask"):
        asked = {"act": act, "title": "改", "leads": ["data-bureau"], "reason": "改"}
        assert sun.post(TASK % number, asked).status_code == 403
    for address in ("new/", "targets/new/", "targets/1/"):
        asked = {"words": "改", "value": "1", "unit": "个", "bound": "least", "title": "改"}
        assert sun.post(f"/steward/plans/{number}/{address}", asked).status_code == 403
    assert sun.get(f"/steward/plans/{number}/targets/1/").status_code == 200
    assert boards.plan(number).confirmed == 0
