"""A grid worker's phone: report with the network cut, and what was written down arrives later."""

import pytest
from cast import NINE
from django.conf import settings
from playwright.sync_api import BrowserContext, Page, expect
from windows import unguard

from yiwang.apps.casework import public as casework
from yiwang.kernel.clock import system_clock
from yiwang.packkit.current import current_library

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

KIND = "city_management.missing_cover"


def ready(page: Page, how: str = "1") -> None:
    expect(page.locator("[data-field]")).to_have_attribute("data-ready", how, timeout=60_000)


@pytest.fixture
def emptied(transactional_db):
    """The database keeps no trail for the tests that come after."""
    yield
    unguard()


def test_what_is_reported_without_a_network_is_sent_once_when_there_is_one(
    context: BrowserContext, sign_in, emptied
) -> None:
    sign_in("li")
    casework.install(current_library(settings.PACKS, settings.PLACE, settings.HOME), at=NINE)
    context.set_default_timeout(60_000)
    context.clock.set_system_time(system_clock())  # the platform of the tests lives on another day
    page = context.new_page()  # not the attentive one: without a network the browser complains
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/oversight/field/")
    ready(page)
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()
    ready(page)

    context.set_offline(True)
    page.reload()
    ready(page, "offline")
    page.click("[data-tab=report]")
    page.select_option("#report-kind", KIND)
    page.fill("#report-summary", "断网时看到井盖缺失")
    page.click("[data-entry=report] button")
    expect(page.locator("[data-field-waiting]")).to_have_text("1", timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    context.set_offline(False)
    page.click("[data-tab=queue]")
    page.click("[data-field-send]")
    expect(page.locator("[data-field-queue]")).to_contain_text("已立案", timeout=60_000)
    expect(page.locator("[data-field-waiting]")).to_have_text("0")
    page.click("[data-field-send]")
    ready(page)
    found = casework.public_reports(kinds=[KIND])
    assert len(found) == 1, "sent once"
