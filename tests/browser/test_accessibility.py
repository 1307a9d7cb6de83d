"""axe finds nothing to complain of (WCAG 2.2 AA) on any page, in any mode."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect
from wcag import RULES

from yiwang.apps.identity.duties import DUTY_RIGHTS
from yiwang.web.routes import patterns_of
from yiwang.web.shell import ELDER_COOKIE, FACES, THEME_COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MODES = {
    "normal": {},
    "elder": {ELDER_COOKIE: "1"},
    "dark": {THEME_COOKIE: "dark"},
    "dark for elders": {ELDER_COOKIE: "1", THEME_COOKIE: "dark"},
}
UNDRAWN = "figure.chart:not(.drawn), figure.map:not(.drawn)"
NOT_PAGES = {"preferences", "map_areas", "openapi", "place", "sign_out"}


def _pages() -> list[str]:
    """Every address without a parameter that answers a reader with a page."""
    return [
        f"{face.id}:{pattern.name}"
        for face in FACES
        for pattern in patterns_of(face.id)
        if pattern.name not in NOT_PAGES and not pattern.pattern.converters
    ]


def _reader(name: str) -> str:
    """Wang reads the portal, one of the three administrators what is reserved, Li the rest."""
    face, _, page = name.partition(":")
    right = next(p.callback.right for p in patterns_of(face) if p.name == page)
    if face == "portal":
        return "wang"
    duty = next((duty for duty, rights in DUTY_RIGHTS.items() if right in rights), "")
    return f"{duty}-admin" if duty else "li"


@pytest.mark.parametrize("name", _pages())
def test_axe_finds_nothing_to_complain_of(name: str, page: Page, sign_in, live_server):
    sign_in(_reader(name))
    if page.request.get(reverse(name)).status == 405:
        return  # it takes a form and is no page
    found = []
    for mode, cookies in MODES.items():
        page.context.add_cookies(
            [
                {"name": cookie, "value": cookies.get(cookie, "0"), "url": live_server.url}
                for cookie in (ELDER_COOKIE, THEME_COOKIE)
            ]
        )
        page.goto(reverse(name))
        expect(page.locator(UNDRAWN)).to_have_count(0)
        result = Axe().run(page, options=RULES)
        found += [
            f"{mode}: {fault['id']}: {node['html'][:160]} — {node['failureSummary']}"
            for fault in result.response["violations"]
            for node in fault["nodes"][:3]
        ]

    assert not found, "\n".join(found)
