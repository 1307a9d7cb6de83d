"""Browser windows that may speak to this machine only, and pages whose every complaint is kept."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
WITHIN_THE_PAGE = {"data", "blob", "about"}
WIDE = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


@contextmanager
def window(browser: Browser, url: str, **options: Any) -> Iterator[BrowserContext]:
    """A fresh window. Requests to other hosts, which no name leads to, raise at its end."""
    outside: list[str] = []

    def watch(request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in WITHIN_THE_PAGE and parts.hostname not in LOOPBACK:
            outside.append(request.url)

    context = browser.new_context(base_url=url, locale="zh-CN", **{"viewport": WIDE, **options})
    context.set_default_timeout(15_000)
    context.on("request", watch)  # a route would keep every window from using its cache
    yield context
    context.close()
    assert not outside, f"the page asked other hosts: {outside}"


@contextmanager
def attentive_page(context: BrowserContext) -> Iterator[Page]:
    """A page whose every complaint (policy, script error, failed load) raises at its end."""
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


def _once_free(act: Callable[[], object]) -> None:
    """Do it once the last question of a page that was closed is answered."""
    deadline = time.monotonic() + 5
    while True:
        try:
            act()
        except (CommandError, OperationalError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _flush() -> None:
    call_command("flush", interactive=False, verbosity=0, inhibit_post_migrate=True)


def unguard() -> None:
    """Empty the database of what its triggers keep, for the tests that come after."""
    if connection.vendor != "sqlite":
        return  # TRUNCATE passes row triggers
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            _once_free(partial(cursor.execute, f'DROP TRIGGER "{name}"'))
        _once_free(_flush)
        for _, sql in triggers:
            cursor.execute(sql)
