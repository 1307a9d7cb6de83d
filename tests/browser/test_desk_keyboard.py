"""The window desk with the keyboard alone: from the document to the printed receipt."""

from collections.abc import Iterator

import applying
import pytest
from cast import PASSWORD
from django.utils import timezone
from playwright.sync_api import Page, expect
from wcag import violations
from windows import unguard

from yiwang.apps.identity import public as identity

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def window(page: Page, settings, tmp_path, live_server, transactional_db) -> Iterator[Page]:  # type: ignore[no-untyped-def]
    """The clerk's screen, signed in."""
    settings.HOME = tmp_path
    applying.settle()
    identity.create_account(
        username="window", name="窗口李芳", password=PASSWORD, at=timezone.now(),
        organ="approval", posts=["综合窗口"],
    )  # fmt: skip
    name = settings.SESSION_COOKIE_NAME
    value = applying.signed_in("window").cookies[name].value
    page.context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
    yield page
    unguard()


def whole(page: Page) -> None:
    assert not violations(page)


def test_a_case_is_accepted_without_touching_the_mouse(window: Page):
    keys = window.keyboard
    window.goto("/office/desk/")
    whole(window)
    expect(window.locator("#f-number")).to_be_focused()
    keys.type(applying.ELDER)
    keys.press("Tab")
    keys.press("Tab")
    keys.press("Tab")
    expect(window.locator("#f-consent")).to_be_focused()
    keys.press("Space")
    keys.press("F8")

    expect(window.locator("#f-query")).to_be_focused()
    expect(window.get_by_text("王秀英")).to_be_visible()
    whole(window)
    keys.type("高龄津贴")
    keys.press("Enter")

    expect(window.get_by_text("本次免填")).to_be_visible()
    whole(window)
    keys.press("F8")

    expect(window.get_by_role("heading", name="受理回执")).to_be_visible()
    whole(window)
    window.evaluate("() => { window.printed = 0; window.print = () => { window.printed += 1 } }")
    keys.press("F9")
    assert window.evaluate("window.printed") == 1
    keys.press("F10")
    expect(window.locator("#f-number")).to_be_focused()
