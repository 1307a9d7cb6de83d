"""A village clerk's phone: a list is filled in with the network cut and arrives once."""

import pytest
import reporting_county
from django.conf import settings
from playwright.sync_api import BrowserContext, Locator, Page, expect
from reporting_county import ALONE, PEOPLE, ROSTER, VILLAGE
from windows import unguard

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.kernel.clock import system_clock
from yiwang.packkit.current import current_library

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def ready(page: Page, how: str = "1") -> None:
    expect(page.locator("[data-field]")).to_have_attribute("data-ready", how, timeout=60_000)


@pytest.fixture
def emptied(transactional_db):
    """The database keeps no trail for the tests that come after."""
    yield
    unguard()


def visited_twice(page: Page) -> Locator:
    card = page.locator("article", has_text="独居老年人探访名册").first
    card.get_by_text("打开名册").click()
    line = card.locator("li", has_text="王大明")
    line.locator("summary", has_text="填写").click()
    line.locator("[name=answer-visits]").fill("2")
    line.get_by_role("button", name="保存").click()
    return line


def test_a_list_is_filled_in_without_a_network_and_sent_once(
    emptied, context: BrowserContext, sign_in
) -> None:
    now, packs = system_clock(), current_library(settings.PACKS, settings.PLACE, settings.HOME)
    identity.register_divisions(packs.divisions)
    for room in (identity, catalog, forms):
        room.install(packs, at=now)
    columns = {name: one.type for name, one in packs.table(ALONE).columns.items()}
    catalog.lake().write(ALONE, list(PEOPLE), columns=columns, at=now)
    number = forms.open_round(ROSTER, by="system", at=now)
    reporting_county.clerk()
    Account.objects.update(password_set_at=now)
    sign_in("qian")
    context.set_default_timeout(60_000)
    context.clock.set_system_time(now)
    page = context.new_page()
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto("/office/report-field/")
    ready(page)
    page.evaluate("navigator.serviceWorker.ready")
    page.reload()
    ready(page)

    page.evaluate("() => { IDBObjectStore.prototype.put = () => { throw new Error('满了'); }; }")
    line = visited_twice(page)
    expect(page.locator("[data-field-state]")).to_contain_text("没有存进本机（满了）")
    expect(line.locator("[name=answer-visits]")).to_have_value("2")

    context.set_offline(True)
    page.reload()
    ready(page, "offline")
    visited_twice(page)
    expect(page.locator("[data-field-waiting]")).to_have_text("1")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    context.set_offline(False)
    page.click("[data-tab=queue]")
    page.click("[data-field-send]")
    expect(page.locator("[data-field-queue]")).to_contain_text("已提交", timeout=60_000)
    page.click("[data-field-send]")
    ready(page)
    clerk = identity.officer("qian", at=now)
    lines = forms.roster(number, VILLAGE, actor=clerk).lines
    assert [(one.values.get("visits"), one.version) for one in lines] == [(2, 2), (None, 1)]
