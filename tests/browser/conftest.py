"""A real Chromium on the running platform; whatever it asks of another host is reported."""

from collections.abc import Iterator
from pathlib import Path

import applying
import cast
import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from windows import attentive_page, unguard, window

from yiwang.apps.identity.duties import RESERVED
from yiwang.boot.access import all_rights

ARGUMENTS = [
    "--no-sandbox",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE ::1",
    "--disable-gpu",
    "--use-angle=swiftshader-webgl",
    "--enable-unsafe-swiftshader",
]


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, live_server) -> Iterator[BrowserContext]:  # type: ignore[no-untyped-def]
    """A fresh window on the test's own server."""
    with window(browser, live_server.url) as context:
        yield context


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose every complaint fails the test."""
    with attentive_page(context) as page:
        yield page


@pytest.fixture
def sign_in(context: BrowserContext, live_server, transactional_db):  # type: ignore[no-untyped-def]
    """Give the window the session of an account of the cast: ``sign_in("li")``."""

    def as_(username: str) -> None:
        client = Client()
        answer = client.post("/sign-in/", {"username": username, "password": cast.PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        name = settings.SESSION_COOKIE_NAME
        context.add_cookies(
            [{"name": name, "value": client.cookies[name].value, "url": live_server.url}]
        )

    cast.make_cast({"tests.everything": sorted(set(all_rights()) - RESERVED)})
    return as_


@pytest.fixture
def officer_session(sign_in) -> None:  # type: ignore[no-untyped-def]
    """The window belongs to 窗口 Li, who holds every right that a role may bring."""
    sign_in("li")


@pytest.fixture
def elder(page: Page, settings, tmp_path, live_server, transactional_db) -> Iterator[Page]:  # type: ignore[no-untyped-def]
    """Wang's phone, signed in."""
    settings.HOME = tmp_path
    applying.settle()
    name = settings.SESSION_COOKIE_NAME
    value = applying.signed_in("elder").cookies[name].value
    page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    page.set_viewport_size({"width": 390, "height": 844})
    yield page
    unguard()
