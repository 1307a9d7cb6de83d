"""Signing in, staying in, and being kept out, over HTTP."""

from datetime import timedelta

import pyotp
import pytest
from cast import NINE, PASSWORD
from django.http import HttpResponse
from django.test import Client
from django.urls import include, path

from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account, LimitValue, LiveSession
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import system_clock


@pytest.fixture
def browser(cast):
    """A browser with nobody signed in."""
    return Client()


def sign_in(browser, username, password=PASSWORD, code="", **more):
    given = {"username": username, "password": password, "code": code, **more}
    return browser.post("/sign-in/", given)


def fresh(username):
    """Make the account's password new today, so that the ninety days do not matter."""
    Account.objects.filter(username=username).update(password_set_at=system_clock())


def test_an_officer_signs_in_and_lands_where_they_wanted(browser):
    asked = browser.get("/office/access/?right=tests.work")
    assert asked.status_code == 302
    assert asked.url == "/sign-in/?next=%2Foffice%2Faccess%2F%3Fright%3Dtests.work"

    answer = sign_in(browser, "li", next="/office/access/?right=tests.work")

    assert answer.url == "/office/access/?right=tests.work"
    page = browser.get(answer.url)
    assert "李明在“县民政局”任“窗口”" in page.content.decode()
    assert page.headers["Cache-Control"] == "no-store"


def test_a_citizen_lands_on_the_portal_and_sees_no_officers_page(browser):
    assert sign_in(browser, "wang").url == "/"
    assert browser.get("/office/journal/").status_code == 403


def test_nobody_is_led_to_another_host(browser):
    assert sign_in(browser, "li", next="https://elsewhere.example/").url == "/office/"
    assert sign_in(browser, "li", next="//elsewhere.example/").url == "/office/"


def test_a_wrong_password_and_an_unknown_name_read_the_same(browser):
    wrong = sign_in(browser, "li", "wrong")
    unknown = sign_in(browser, "nobody-here", "wrong")

    assert wrong.status_code == unknown.status_code == 403
    assert "账户名或口令不对" in wrong.content.decode()
    assert "账户名或口令不对" in unknown.content.decode()
    assert "wrong" not in wrong.content.decode()


def test_five_failures_lock_the_account_even_for_the_right_password(browser, cast):
    for _ in range(5):
        assert sign_in(browser, "li", "wrong").status_code == 403

    locked = sign_in(browser, "li")

    assert locked.status_code == 429
    assert "锁定" in locked.content.decode()
    assert journal.entries(subject="li", event="identity.account_locked")
    with pytest.raises(identity.NotAllowed):
        identity.unlock_account(username="li", officer=cast.sun, at=system_clock())
    identity.unlock_account(username="li", officer=cast.security, at=system_clock())
    assert sign_in(browser, "li").status_code == 302


def test_a_lock_ends_by_itself_and_its_number_is_a_dated_setting(browser, cast):
    now = system_clock()
    with pytest.raises(identity.NotAllowed):
        identity.set_limit(name="lock_after", value=3, officer=cast.system, at=now)
    identity.set_limit(name="lock_after", value=3, officer=cast.security, at=now)
    for _ in range(3):
        sign_in(browser, "li", "wrong")

    assert sign_in(browser, "li").status_code == 429
    Account.objects.filter(username="li").update(locked_until=now - timedelta(seconds=1))
    assert sign_in(browser, "li").status_code == 302


def test_one_time_codes_are_enrolled_demanded_and_good_once(browser, cast):
    fresh("li")
    sign_in(browser, "li")
    browser.post("/office/account/totp/", {"step": "begin"})
    assert "<svg" in browser.get("/office/account/").content.decode()
    secret = pyotp.parse_uri(identity.totp_address(cast.li)).secret
    stored = bytes(Account.objects.get(username="li").totp_secret)
    assert secret.encode() not in stored

    refused = browser.post("/office/account/totp/", {"step": "confirm", "code": "000000"})
    assert refused.status_code == 422
    now = system_clock()
    code = pyotp.TOTP(secret).at(now - timedelta(seconds=30))
    browser.post("/office/account/totp/", {"step": "confirm", "code": code})

    other = Client()
    assert "请输入动态口令" in sign_in(other, "li").content.decode()
    assert sign_in(other, "li", code=code).status_code == 403, "a used code is used up"
    assert sign_in(other, "li", code=pyotp.TOTP(secret).at(now)).status_code == 302
    assert LiveSession.objects.filter(account__username="li", assurance=2).count() == 1
    assert "二级" in other.get("/office/account/").content.decode()


def test_a_form_without_its_token_is_refused(cast):
    browser = Client(enforce_csrf_checks=True)

    refused = sign_in(browser, "li")

    assert refused.status_code == 403
    assert "没有生效" in refused.content.decode()
    assert not LiveSession.objects.exists()


def test_signing_out_ends_the_session_for_good(browser):
    sign_in(browser, "li")
    cookie = browser.cookies["yiwang_session"].value
    browser.post("/sign-out/")

    thief = Client()
    thief.cookies["yiwang_session"] = cookie
    assert thief.get("/office/").status_code == 302
    assert not LiveSession.objects.exists()


@pytest.mark.parametrize(
    ("column", "age"), [("seen_at", timedelta(minutes=31)), ("began_at", timedelta(hours=11))]
)
def test_an_idle_or_old_session_ends(browser, column, age):
    sign_in(browser, "li")
    assert browser.get("/office/").status_code == 200

    LiveSession.objects.update(**{column: system_clock() - age})

    assert browser.get("/office/").status_code == 302
    assert not LiveSession.objects.exists()


def test_a_fourth_session_ends_the_first(cast):
    browsers = [Client() for _ in range(4)]
    for one in browsers:
        sign_in(one, "li")

    assert [one.get("/office/").status_code for one in browsers] == [302, 200, 200, 200]


def test_a_stopped_account_is_out_at_once(browser, cast):
    sign_in(browser, "li")
    with pytest.raises(identity.NotAllowed):
        identity.stop_account(username="li", officer=cast.sun, at=system_clock())

    identity.stop_account(username="li", officer=cast.system, at=system_clock())

    assert browser.get("/office/").status_code == 302
    assert sign_in(browser, "li").status_code == 403


def test_a_changed_password_ends_all_sessions_and_old_ones_are_not_taken_again(cast):
    here, there = Client(), Client()
    sign_in(here, "li")
    sign_in(there, "li")

    def change(old, new):
        given = {"old": old, "new": new, "again": new}
        return here.post("/office/account/password/", given)

    assert change("wrong", "Another-2026-one").status_code == 422
    assert change(PASSWORD, "short").status_code == 422
    assert change(PASSWORD, "Li-Password-123-li").status_code == 422, "holds the user name"
    assert change(PASSWORD, PASSWORD).status_code == 422
    assert change(PASSWORD, "Another-2026-one").status_code == 302

    assert there.get("/office/").status_code == 302
    assert sign_in(here, "li").status_code == 403
    assert sign_in(here, "li", "Another-2026-one").status_code == 302
    back = {"old": "Another-2026-one", "new": PASSWORD, "again": PASSWORD}
    assert here.post("/office/account/password/", back).status_code == 422


def test_an_old_password_must_be_changed_before_anything_else(browser):
    Account.objects.filter(username="li").update(password_set_at=NINE - timedelta(days=200))
    sign_in(browser, "li")

    assert browser.get("/office/").url == "/office/account/"
    assert browser.get("/office/account/").status_code == 200


def test_security_limits_stay_in_their_range(cast):
    for name, value in (("lock_after", 1000), ("lock_nothing", 5)):
        with pytest.raises(identity.NotAllowed.__base__):
            identity.set_limit(name=name, value=value, officer=cast.security, at=NINE)
    assert not LimitValue.objects.exists()


def bare(request):
    """A view that nobody gave a right."""
    return HttpResponse("open")


urlpatterns = [path("bare/", bare), path("", include("yiwang.boot.urls"))]


def test_a_page_without_a_right_is_closed_to_everybody(browser, settings):
    settings.ROOT_URLCONF = __name__
    sign_in(browser, "li")

    for one in (browser, Client()):
        answer = one.get("/bare/")
        assert answer.status_code == 403
        assert "没有声明所需权利" in answer.content.decode()


def test_machines_get_problem_details(browser):
    answer = browser.get("/office/journal/", headers={"Accept": "application/json"})

    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == "boot.not_signed_in"


def test_the_request_log_names_the_page_and_not_what_was_asked(browser, caplog):
    sign_in(browser, "li")
    with caplog.at_level("INFO", logger="yiwang.request"):
        browser.get("/office/access/?division=321323195603140021")

    assert caplog.records[-1].getMessage().split()[:3] == ["GET", "/office/access/", "200"]
    assert "3213231956" not in caplog.text


def test_the_audit_administrator_alone_reads_the_journal_with_its_proof(cast):
    journal.record("test.done", subject="SY1", actor="li", at=NINE)
    journal.seal(at=NINE)
    [entry] = journal.entries(subject="SY1", limit=1)
    for username, status in (("sun", 403), ("li", 403), ("system-admin", 403)):
        browser = Client()
        sign_in(browser, username)
        assert browser.get("/office/journal/").status_code == status
        assert browser.get(f"/office/journal/{entry.id}/").status_code == status
    auditor = Client()
    sign_in(auditor, "audit-admin")

    listing = auditor.get("/office/journal/?subject=SY1").content.decode()
    signed_in = auditor.get("/office/journal/?event=登录").content.decode()
    shown = auditor.get(f"/office/journal/{entry.id}/").content.decode()

    assert "test.done" in listing
    assert "identity.signed_in" in signed_in and ">登录<" in signed_in
    assert "存证成立" in shown
    assert journal.entries(event="journal.searched")[0].actor == "audit-admin"
    assert auditor.get("/office/journal/no-such-entry/").status_code == 404


def test_only_the_auditor_reads_another_accounts_rights(cast):
    address = "/office/access/?username=li&right=tests.work"
    for username, status in (("sun", 403), ("wang", 403), ("audit-admin", 200)):
        browser = Client()
        sign_in(browser, username)
        assert browser.get(address).status_code == status, username
