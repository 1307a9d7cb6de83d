"""The pages of the system and the security administrator."""

import pytest
from cast import OFFICE, PASSWORD
from django.test import Client

from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date, system_clock


@pytest.fixture
def at(cast):
    """A browser with the given account signed in."""

    def browser(username):
        client = Client()
        client.post("/sign-in/", {"username": username, "password": PASSWORD})
        return client

    return browser


@pytest.mark.parametrize("username", ["wang", "li", "sun", "audit-admin"])
def test_nobody_else_opens_the_pages_of_administration(at, username):
    for address in ("/office/accounts/", "/office/security/"):
        assert at(username).get(address).status_code == 403
        assert at(username).post(address, {"step": "stop", "username": "li"}).status_code == 403
    assert identity.account("li", at=system_clock()).is_active


def test_one_administrator_makes_the_account_another_gives_the_post(at):
    system, security = at("system-admin"), at("security-admin")
    new = {"step": "create", "username": "qian", "name": "钱芳", "password": "Good-Enough-2026"}

    assert security.post("/office/accounts/", new).status_code == 403
    assert system.post("/office/accounts/", new | {"password": "weak"}).status_code == 422
    assert system.post("/office/accounts/", new).status_code == 302
    assert system.post("/office/accounts/", new).status_code == 422
    assert "钱芳" in system.get("/office/accounts/?query=qian").content.decode()

    post = {"step": "assign", "username": "qian", "post": f"{OFFICE}/窗口"}
    assert system.post("/office/security/", post).status_code == 403
    assert security.post("/office/security/", post).status_code == 302
    assert identity.officer("qian").posts == ("窗口",)
    assert security.post("/office/security/", post | {"step": "end"}).status_code == 302
    assert identity.officer("qian").posts == ()


def test_an_administrator_stops_accounts_but_not_their_own(at):
    system = at("system-admin")

    own = system.post("/office/accounts/", {"step": "stop", "username": "system-admin"})
    assert own.status_code == 422
    stopped = system.post("/office/accounts/", {"step": "stop", "username": "li"})

    assert stopped.status_code == 302
    with pytest.raises(identity.AccountUnknown):
        identity.officer("li")


def test_limits_are_set_in_their_range_and_shown_with_their_basis(at):
    security = at("security-admin")

    refused = security.post(
        "/office/security/", {"step": "limit", "name": "lock_after", "value": "x"}
    )
    assert refused.status_code == 422
    assert (
        security.post(
            "/office/security/", {"step": "limit", "name": "lock_after", "value": "4"}
        ).status_code
        == 302
    )

    today = {one.name: one.value for one in identity.limits(on=local_date(system_clock()))}
    assert today["lock_after"] == 4
    assert "GB/T 22239-2019" in security.get("/office/security/").content.decode()
