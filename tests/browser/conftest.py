"""A real Chromium on the running platform; whatever it asks of another host is reported."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import cast
import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Route,
    sync_playwright,
)

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
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
WITHIN_THE_PAGE = {"data", "blob", "about"}


@pytest.fixture(scope="session")
def browser(chromium: Path) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, live_server) -> Iterator[BrowserContext]:  # type: ignore[no-untyped-def]
    """A fresh window. Requests to other hosts are cut off, and fail the test at its end."""
    outside: list[str] = []

    def confine(route: Route) -> None:
        parts = urlsplit(route.request.url)
        if parts.scheme in WITHIN_THE_PAGE or parts.hostname in LOOPBACK:
            route.continue_()
        else:
            outside.append(route.request.url)
            route.abort()

    context = browser.new_context(
        base_url=live_server.url, locale="zh-CN", viewport={"width": 1440, "height": 900}
    )
    context.set_default_timeout(15_000)
    context.route("**/*", confine)
    yield context
    context.close()
    assert not outside, f"the page asked other hosts: {outside}"


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page whose every complaint (policy, script error, failed load) fails the test."""
    complaints: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))

    def listen(said: ConsoleMessage) -> None:
        is_the_page_itself = said.location.get("url") == page.url  # a refusal is a page too
        if said.type == "error" and not is_the_page_itself:
            complaints.append(f"console: {said.text} {said.location}")

    page.on("console", listen)
    yield page
    assert not complaints, complaints


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
