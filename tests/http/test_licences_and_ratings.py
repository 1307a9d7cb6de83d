"""Codes, licences and ratings over HTTP: made, read, printed, said; the stranger gets nothing."""

import re
from datetime import timedelta

import pytest
from cast import PASSWORD, WANG_COMPANY, WANG_NUMBER
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from yiwang.apps.casework import public as casework
from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.packkit.current import current_library


@pytest.fixture
def county(db, settings, tmp_path):
    settings.HOME = tmp_path
    library = current_library(django_settings.PACKS, django_settings.PLACE, tmp_path)
    now = timezone.now() - timedelta(hours=1)
    for room in (identity, casework, credentials):
        room.install(library, at=now)

    def account(username, **more):
        identity.create_account(username=username, name=username, password=PASSWORD, at=now, **more)

    account("wang", kind="person", subject=WANG_NUMBER)
    account("firm", kind="firm", subject=WANG_COMPANY)
    account("window", organ="approval", posts=["综合窗口"])
    account("jian", organ="approval", posts=["政务服务监督"])
    account("market", organ="market", posts=["证照管理"])
    account("civil", organ="civil-affairs", posts=["证照管理"])
    return now


def signed_in(username: str) -> Client:
    browser = Client()
    browser.post("/sign-in/", {"username": username, "password": PASSWORD, "code": ""})
    return browser


def text_of(answer, status: int = 200) -> str:
    assert answer.status_code == status, answer.content.decode()[:2000]
    return answer.content.decode()


def test_a_code_is_made_on_a_phone_and_read_once_at_the_window(county):
    wang, window = signed_in("wang"), signed_in("window")
    assert "窗口办事" in text_of(wang.get("/my/code/"))
    page = wang.post("/my/code/", {"purpose": "base.window", "verifier": "approval"})
    assert "请对方扫码" in text_of(page)
    assert page.headers["Refresh"].endswith("verifier=approval")
    made = credentials.make_code(
        purpose="base.window",
        verifier="approval",
        actor=identity.applicant(WANG_NUMBER),
        at=timezone.now(),
    )
    assert window.get(f"/scan/{made.token}/").headers["Location"].startswith("/office/scan/")
    form = {"purpose": "base.window", "code": made.token}
    assert WANG_NUMBER in text_of(window.post("/office/scan/", form))
    assert "已经用过" in text_of(window.post("/office/scan/", form), 409)
    assert "读取被拒" in text_of(wang.get("/my/code/"))
    assert "没有读取任何信息" in text_of(Client().get(f"/scan/{made.token}/"))
    assert text_of(signed_in("jian").get("/office/scan/"), 403)


def test_an_organ_issues_suspends_and_prints_and_another_sees_nothing(county):
    market, civil = signed_in("market"), signed_in("civil")
    fields = {"name": "秀英家政", "uscc": WANG_COMPANY, "address": "众兴街道", "scope": "热食"}
    form = {"holder": WANG_COMPANY, **{f"field-{name}": value for name, value in fields.items()}}
    address = "/office/licenses/new/common_licenses.food_permit/"
    assert "缺少" in text_of(market.post(address, {"holder": WANG_COMPANY}), 422)
    made = market.post(address, form).headers["Location"]
    assert "热食" in text_of(market.get(made))
    assert market.get(f"{made}print/").content.startswith(b"%PDF")
    number = made.rstrip("/").rpartition("/")[2]
    assert signed_in("firm").get(f"/my/licenses/{number}/print/").content.startswith(b"%PDF")
    for stranger, page in ((civil, made), (signed_in("wang"), f"/my/licenses/{number}/print/")):
        assert "众兴街道" not in text_of(stranger.get(page), 403)
    market.post(f"{made}act/", {"verb": "suspend", "reason": "检查"})
    assert "已暂停" in text_of(market.get("/office/licenses/"))
    assert "食品经营许可证" in text_of(market.get("/office/licenses/uses/"))


def test_a_finished_case_is_rated_and_a_bad_word_is_seen_by_who_watches(county):
    news = [
        casework.NewCase(
            subject=WANG_NUMBER, title="高龄津贴", organ="civil-affairs", division="321323001001"
        )
    ] * 2
    flow = "elder_allowance.confirmation"
    first, second = casework.open_cases(flow=flow, cases=news, actor="services", at=county)
    for verb in ("confirm", "approve"):
        casework.act_on_many(numbers=[first, second], verb=verb, officer="tests", at=county)
    wang, jian = signed_in("wang"), signed_in("jian")
    assert first in text_of(wang.get("/my/ratings/"))
    wang.post(f"/my/ratings/{first}/", {"score": "1", "comment": "跑了三趟"})
    assert "差评整改" in text_of(wang.get("/my/ratings/"))
    assert "跑了三趟" in text_of(jian.get("/office/ratings/?bad=1"))
    invitation = casework.invitation(second, actor=identity.applicant(WANG_NUMBER))
    phone = Client()
    assert "您觉得" in text_of(phone.get(f"/rate/{invitation}/"))
    assert "谢谢" in text_of(phone.post(f"/rate/{invitation}/", {"score": "5"}))
    assert re.search(r"县民政局", text_of(phone.get("/ratings/")))
    assert "改动" in text_of(phone.get(f"/rate/{invitation[:-1]}x/"), 422)
    assert "跑了三趟" not in text_of(signed_in("market").get("/office/ratings/"))
