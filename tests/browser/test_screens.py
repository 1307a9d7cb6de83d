"""Every screen in a Chromium that reaches nothing outside: no blanks, every number a link."""

from collections.abc import Iterator

import prepared
import pytest
from cast import NINE, PASSWORD
from county import people, settle
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from wcag import LEVEL_AA, violations
from windows import PHONE, WIDE, attentive_page, unguard, window

from yiwang.apps.boards import public as boards
from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.apps.sensing import public as sensing
from yiwang.kernel.clock import system_clock

pytestmark = [pytest.mark.browser, pytest.mark.slow]
WALL, GREAT_WALL = {"width": 1920, "height": 1080}, {"width": 3840, "height": 2160}


@pytest.fixture
def county(transactional_db) -> Iterator[object]:
    prepared.once(fill)
    yield people()
    unguard()


def fill() -> None:
    """A county with an incident, its indicators counted."""
    settled, at = settle(), system_clock()
    sensing.install(settled.library, at=at)
    identity.create_account(
        username="cheng",
        name="程领导",
        password=PASSWORD,
        at=NINE,
        organ="command-center",
        posts=["分管领导"],
    )
    Account.objects.update(password_set_at=at)
    casework.report_signal(
        kind="city_management.exposed_garbage",
        source="resident",
        summary="垃圾桶满溢",
        lon=118.70,
        lat=33.72,
        actor=settled.wang,
        at=at,
    )
    boards.publish_platform(catalog.lake(), at=at)
    boards.take_snapshots(catalog.lake(), library=settled.library, at=at)


def cookies(url: str) -> list[dict[str, str]]:
    client = Client()
    assert client.post("/sign-in/", {"username": "cheng", "password": PASSWORD}).status_code == 302
    name = settings.SESSION_COOKIE_NAME
    return [{"name": name, "value": client.cookies[name].value, "url": url}]


def drawn(page: Page, address: str) -> None:
    """Open a screen and wait until every chart and map is drawn."""
    answer = page.goto(address)
    assert answer is not None and answer.status == 200, address
    expect(
        page.locator("figure[data-chart]:not(.drawn), figure[data-map]:not(.drawn)")
    ).to_have_count(0)
    expect(page.locator("figure[data-map]:not([data-loaded])")).to_have_count(0, timeout=60_000)


def faults(page: Page, address: str) -> list[str]:
    """What a screen lacks: a number without a link, a part without content, a blank drawing."""
    found = [
        f"{address}: {one} has no link"
        for one in page.locator(".figure-value:not(.words):not(:has(a[href]))").all_inner_texts()
    ]
    for part in page.locator("[data-part]").all():
        if not part.inner_text().strip():
            found.append(f"{address}: an empty part")
    for canvas in page.locator("figure canvas:visible").all():
        if len(canvas.screenshot()) < 1500:
            found.append(f"{address}: a blank canvas")
    return found


def scrolled(page: Page, address: str, size: dict[str, int]) -> list[str]:
    """What a wall of this size does not hold."""
    width, height = page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.scrollHeight]"
    )
    fits = (width, height) == (size["width"], size["height"])
    return [] if fits else [f"{address}: {width} × {height} on {size}"]


@pytest.fixture
def screens(browser: Browser, county, live_server):
    def opened(
        size: dict[str, int], shape: str = "", **options: object
    ) -> Iterator[tuple[Page, str]]:
        with window(browser, live_server.url, viewport=size, **options) as context:
            context.add_cookies(cookies(live_server.url))
            with attentive_page(context) as page:
                for ref in boards.screens(county.library):
                    yield page, f"/oversight/screens/{ref}/{shape}"

    return opened


def test_a_wall_shows_everything_without_scrolling_or_blanks(screens):
    found = []
    for page, address in screens(WALL, "wall/"):
        drawn(page, address)
        found += [*faults(page, address), *scrolled(page, address, WALL)]
    assert not found


def test_a_wall_of_four_thousand_dots_does_not_scroll_either(screens):
    """What is drawn is the same; software draws maps of this size for minutes."""
    found = []
    for page, address in screens(GREAT_WALL, "wall/"):
        answer = page.goto(address, wait_until="domcontentloaded")
        assert answer is not None and answer.status == 200
        found += scrolled(page, address, GREAT_WALL)
    assert not found


@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["desk", "phone"])
def test_a_desk_and_a_phone_show_every_part_and_axe_finds_nothing(screens, size):
    found = []
    for page, address in screens(size):
        drawn(page, address)
        found += faults(page, address)
        if page.evaluate("document.documentElement.scrollWidth") > size["width"]:
            found.append(f"{address}: wider than {size['width']}")
        found += [f"{address}: {fault}" for fault in violations(page, LEVEL_AA)]
    assert not found


def test_a_number_changes_on_the_open_page_without_a_reload(screens, county):
    for page, address in screens(WIDE):
        if "vital_signs.county" not in address:
            continue
        drawn(page, address)
        page.evaluate("window.stays = true")
        figure = page.locator("[data-part]", has_text="事件总数")
        before = figure.locator(".figure-value").inner_text()
        casework.report_signal(
            kind="city_management.dead_tree",
            source="resident",
            summary="行道树枯死",
            lon=118.80,
            lat=33.62,
            actor=county.wang,
            at=system_clock(),
        )
        at = system_clock()
        boards.publish_platform(catalog.lake(), at=at)
        boards.take_snapshots(catalog.lake(), library=county.library, at=at)
        expect(figure.locator(".figure-value")).not_to_have_text(before, timeout=40_000)
        expect(page.locator(".part-list")).to_contain_text("行道树枯死", timeout=40_000)
        assert page.evaluate("window.stays")


def test_without_script_the_page_says_the_same(screens):
    for page, address in screens(WIDE, java_script_enabled=False):
        answer = page.goto(address)
        assert answer is not None and answer.status == 200
        assert not faults(page, address)
