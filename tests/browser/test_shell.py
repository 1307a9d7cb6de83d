"""The shell in a real browser: keyboard, preferences, dialog, islands, phone, print."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

STYLE = "/office/style/"


def test_the_first_tab_key_offers_to_skip_to_the_content(page: Page):
    page.goto("/")
    page.keyboard.press("Tab")

    expect(page.get_by_text("跳到主要内容")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_the_elder_mode_enlarges_type_and_stays_on_the_next_page(page: Page):
    page.goto("/")
    size = page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)")
    page.get_by_role("button", name="长辈版").click()
    page.goto("/api/")

    assert page.evaluate("parseFloat(getComputedStyle(document.body).fontSize)") >= size * 1.2
    assert page.get_by_role("button", name="标准版").bounding_box()["height"] >= 56


def test_the_first_page_stands_within_a_second(page: Page):
    page.goto("/")
    page.goto("/", wait_until="load")

    took = page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")
    assert took <= 1000


def test_the_dark_theme_and_english_are_chosen_with_a_button(page: Page):
    page.goto("/")
    page.get_by_role("button", name="深色").click()
    page.get_by_role("button", name="English").click()

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    expect(page.get_by_text("Switch platform")).to_be_visible()


@pytest.fixture
def style(page: Page, officer_session) -> Page:
    """The style guide, opened by a signed-in officer."""
    page.goto(STYLE)
    return page


def test_a_dangerous_act_asks_first_and_escape_leaves_it(style: Page):
    style.get_by_role("button", name="不予通过").first.click()
    dialog = style.get_by_role("dialog")
    expect(dialog).to_be_visible()

    style.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_a_chart_is_drawn_and_its_table_opens(style: Page):
    chart = style.locator("figure.chart").first

    expect(chart.locator("canvas")).to_be_visible()
    chart.get_by_text("以表格查看").click()
    expect(chart.get_by_role("cell", name="820", exact=True)).to_be_visible()


def test_a_map_is_drawn_without_the_internet_and_its_points_open(style: Page):
    style.locator("figure.map canvas").wait_for()
    expect(style.locator(".map-label", has_text="泗阳县")).to_be_visible()

    style.get_by_role("button", name="运河泗阳闸").focus()
    style.keyboard.press("Enter")
    expect(style.locator(".maplibregl-popup")).to_contain_text("超警戒")


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_no_page_is_wider_than_the_window(style: Page, width: int):
    style.set_viewport_size({"width": width, "height": 844})

    assert style.evaluate("document.documentElement.scrollWidth") <= width


def test_paper_shows_the_content_without_the_navigation(style: Page):
    style.emulate_media(media="print")

    expect(style.locator(".top")).to_be_hidden()
    expect(style.get_by_role("heading", name="列表", exact=True)).to_be_visible()


def test_the_pages_work_without_script(context: BrowserContext, browser, live_server):
    plain = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = plain.new_page()
    page.goto("/")
    page.get_by_role("button", name="长辈版").click()

    expect(page.get_by_role("button", name="标准版")).to_be_visible()
    plain.close()
