"""What a resident sees in elder mode has the ministry's numbers; the first page is light.

工信部《互联网网站适老化通用设计规范》: text of at least 18 pixels, lines of at least 1.3, targets
of at least 60 pixels, contrast of at least 4.5:1. A link within a sentence is as high as its line.
"""

import applying
import pytest
from django.urls import reverse
from playwright.sync_api import Page
from wcag import violations

from yiwang.web.routes import patterns_of
from yiwang.web.shell import ELDER_COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

TEXT, LINES, TARGET, FIRST_PAGE = 18, 1.3, 60, 200_000
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
NO_PAGES = {"sign_out", "preferences"}
MEASURE = """([text, lines, target]) => {
    const found = [];
    const seen = el => el.checkVisibility({opacityProperty: true, visibilityProperty: true})
        && !el.closest('.unseen, .skip, [hidden], dialog:not([open]), canvas, svg');
    const words = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (words.nextNode()) {
        const said = words.currentNode.data.trim(), el = words.currentNode.parentElement;
        if (!said || !seen(el) || el.closest('script, style, option, noscript')) continue;
        const style = getComputedStyle(el), size = parseFloat(style.fontSize);
        const line = style.lineHeight === 'normal' ? 1.2 : parseFloat(style.lineHeight) / size;
        const what = `${el.className} ${said.slice(0, 20)}`;
        if (size < text) found.push(`text ${size}: ${what}`);
        if (line < lines - 0.001) found.push(`line ${line.toFixed(2)}: ${what}`);
    }
    const controls = 'a[href], button, input:not([type=hidden]), select, textarea, summary';
    for (const el of document.querySelectorAll(controls)) {
        if (!seen(el) || getComputedStyle(el).display === 'inline') continue;
        const whole = el.matches('[type=checkbox], [type=radio]') ? el.closest('label') ?? el : el;
        const box = whole.getBoundingClientRect();
        if (box.height < target - 0.5 || box.width < target - 0.5)
            found.push(`target ${box.width}x${box.height}: ${whole.outerHTML.slice(0, 90)}`);
    }
    return [...new Set(found)];
}"""


def _pages() -> list[str]:
    """Every page of the portal without a parameter."""
    return [
        reverse(f"portal:{one.name}")
        for one in patterns_of("portal")
        if one.name not in NO_PAGES and not one.pattern.converters
    ]


def _faults(page: Page, address: str) -> list[str]:
    asked = page.request.get(address)
    if asked.status == 405 or not asked.headers["content-type"].startswith("text/html"):
        return []  # it takes a form, or answers machines
    page.goto(address)
    found = [f"{address}: {one}" for one in page.evaluate(MEASURE, [TEXT, LINES, TARGET])]
    return found + [f"{address}: {dull}" for dull in violations(page, CONTRAST)]


@pytest.mark.parametrize("width", [390, 1440])
def test_every_page_of_the_portal_has_the_ministrys_numbers(elder: Page, live_server, width: int):
    elder.set_viewport_size({"width": width, "height": 844})
    elder.context.add_cookies([{"name": ELDER_COOKIE, "value": "1", "url": live_server.url}])
    own = [f"/items/{applying.ITEM}/", f"/items/{applying.ITEM}/apply/", "/guides/birth.newborn/"]
    found = [fault for address in (*_pages(), *own) for fault in _faults(elder, address)]

    assert not found, "\n".join(found)


def test_the_first_page_weighs_two_hundred_kilobytes_at_most(page: Page):
    answers = []
    page.on("requestfinished", lambda request: answers.append(request.sizes()))
    page.goto("/", wait_until="networkidle")
    weight = sum(one["responseHeadersSize"] + one["responseBodySize"] for one in answers)

    assert len(answers) >= 4, "the page, its style and its scripts"
    assert weight <= FIRST_PAGE, f"{weight:,} bytes"
