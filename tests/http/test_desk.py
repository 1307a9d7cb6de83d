"""The window desk over HTTP: who stands there, the form, the receipt, the double submit."""

import re
from datetime import datetime

import applying
import pytest
from cast import PASSWORD
from django.test import Client
from django.utils import timezone

from yiwang.apps.casework import public as casework
from yiwang.apps.casework.models import Case, Rating
from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.apps.journal.models import Outbox
from yiwang.apps.services import public as services

ITEM = f"/office/desk/items/{applying.ITEM}/"
ASKED = {
    "number": applying.ELDER,
    "purpose": "apply",
    "consent": "1",
}


@pytest.fixture
def window(applying_county, db) -> Client:  # type: ignore[no-untyped-def]
    """The window clerk's browser."""
    identity.create_account(
        username="window", name="窗口李芳", password=PASSWORD, at=timezone.now(),
        organ="approval", posts=["综合窗口"],
    )  # fmt: skip
    return applying.signed_in("window")


def filled(window: Client) -> dict[str, str]:
    page = window.get(ITEM).content.decode()
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token, page
    return {"token": token[1], "act": "submit"}


def test_a_clerk_files_for_who_stands_there_and_a_double_submit_files_once(window):
    assert window.post("/office/desk/", ASKED).status_code == 302
    form = filled(window)
    first, second = window.post(ITEM, form), window.post(ITEM, form)

    assert first.status_code == 302, first.content.decode()
    assert first.url == second.url
    case = Case.objects.get()
    assert case.applicant == applying.ELDER
    receipt = window.get(first.url).content.decode()
    assert case.number in receipt
    assert "窗口李芳" in receipt
    line = case.trail.get()
    assert line.actor_name == "王秀英（窗口李芳 代办）"
    visited = Outbox.objects.get(event="desk.visited")
    assert visited.actor == "window"
    # 后退再提交: the form that was left behind files nothing more.
    assert window.post(ITEM, form).url == first.url
    assert Case.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"number": "321323194001010029"[:-1] + "0"}, "不是有效的"),
        ({"consent": ""}, "征得本人同意"),
        ({"purpose": "curious"}, "请选择来访目的"),
        ({"number": applying.person("19500101", "002")}, "共享数据中没有这一号码"),
    ],
)
def test_nobody_s_matters_are_opened_without_document_purpose_and_consent(window, change, said):
    answer = window.post("/office/desk/", ASKED | change)

    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert window.get(ITEM).status_code == 404


def test_when_the_visit_is_over_nothing_of_it_stays(window):
    window.post("/office/desk/", ASKED)
    assert "王秀英" in window.get("/office/desk/").content.decode()
    window.post("/office/desk/leave/")

    assert "王秀英" not in window.get("/office/desk/").content.decode()
    assert window.get(ITEM).status_code == 404


def test_who_is_no_window_clerk_does_not_get_to_the_desk(window):
    stranger = applying.signed_in("stranger")

    assert stranger.get("/office/desk/").status_code == 403
    assert stranger.post("/office/desk/", ASKED).status_code == 403


START = "/office/desk/bundles/business_start.start/"
OPENING = {
    "act": "submit",
    "answer-firm_name": "泗阳云帆商贸有限公司",
    "answer-firm_kind": "household",
    "answer-address": "西康居委会3组8号",
    "material-premises": "1",
}


def test_a_one_thing_is_filed_at_the_window_on_one_screen_and_its_receipt_can_be_rated(window):
    assert window.get(START).status_code == 404, "nobody stands there"
    assert window.post("/office/desk/", ASKED).status_code == 302
    assert START in window.get("/office/desk/").content.decode()
    page = window.get(START).content.decode()
    assert "将同时办理：" in page
    token = re.search(r'name="token" value="([^"]+)"', page)[1]
    refused = window.post(START, {"act": "submit", "token": token})
    assert refused.status_code == 422
    assert "企业名称" in refused.content.decode()

    filed = window.post(START, {**OPENING, "token": token})
    assert filed.status_code == 302, filed.content.decode()
    assert window.post(START, {**OPENING, "token": token}).url == filed.url
    assert Case.objects.count() == 3, "registration, seal and tax, each at its organ"
    receipt = window.get(filed.url).content.decode()
    for case in Case.objects.all():
        assert case.applicant == applying.ELDER
        assert case.number in receipt
        assert case.trail.get().actor_name == "王秀英（窗口李芳 代办）"
    assert receipt.count('class="qr-code"') == 3
    stranger = applying.signed_in("stranger")
    for address in (START, filed.url):
        assert stranger.get(address).status_code == 403


def test_the_code_on_a_receipt_leads_to_the_rating_of_its_case_alone(window):
    window.post("/office/desk/", ASKED)
    filed = window.post(ITEM, filled(window))
    assert 'class="qr-code"' in window.get(filed.url).content.decode()
    case = Case.objects.get()
    applicant = identity.applicant(applying.ELDER)
    code = casework.invitation(case.number, actor=applicant)

    phone = Client()  # of whoever holds the receipt
    assert "办结" in phone.get(f"/rate/{code}/").content.decode()
    services.act_on_case(number=case.number, verb="confirm", officer=officer("clerk"), at=now())
    services.act_on_case(number=case.number, verb="approve", officer=officer("civil"), at=now())
    assert case.title in phone.get(f"/rate/{code}/").content.decode()
    phone.post(f"/rate/{code}/", {"score": "5"})
    assert Rating.objects.get().score == 5
    assert "评价码不完整" in phone.get(f"/rate/{code[:-1]}x/").content.decode()


def officer(username: str) -> identity.Officer:
    return identity.officer(username, at=now())


def now() -> datetime:
    return timezone.now()


def test_a_scanned_code_opens_a_visit_without_typing_a_number(window):
    shown = credentials.make_code(
        purpose="base.window", verifier="approval", actor=identity.applicant(applying.ELDER),
        at=now(),
    )  # fmt: skip
    read = window.post("/office/scan/", {"purpose": "base.window", "code": shown.token})
    page = read.content.decode()
    assert "接待王秀英" in page
    sent = dict(re.findall(r'type="hidden" name="(number|name)" value="([^"]+)"', page))
    assert sent == {"number": applying.ELDER, "name": "王秀英"}

    begun = window.post("/office/desk/", {**sent, "purpose": "apply", "consent": "1"})
    assert begun.status_code == 302
    assert "王秀英" in window.get("/office/desk/").content.decode()
    again = window.post("/office/scan/", {"purpose": "base.window", "code": shown.token})
    assert "接待王秀英" not in again.content.decode(), "a code is read once"
    stranger = applying.signed_in("stranger")
    assert stranger.post("/office/scan/", {"code": shown.token}).status_code == 403
