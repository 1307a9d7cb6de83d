"""axe finds nothing to complain of (WCAG 2.2 AA) on any page, in any mode."""

import re
from collections import defaultdict

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from wcag import APPEARANCE, RULES, Rules, violations

from yiwang.apps.identity.duties import DUTY_RIGHTS
from yiwang.web.routes import patterns_of
from yiwang.web.shell import ELDER_COOKIE, FACES, THEME_COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

MODES = {"elder": ("light", True), "dark": ("dark", False), "dark for elders": ("dark", True)}
WEAR = """([theme, isElder]) => {
    document.documentElement.dataset.theme = theme;
    document.documentElement.classList.toggle("elder", isElder);
}"""
UNDRAWN = "figure.chart:not(.drawn), figure.map:not(.drawn)"


def _readers() -> dict[tuple[str, str], list[str]]:
    """For each face and reader, every address without a parameter.

    Wang reads the portal, one of the three administrators what is reserved, Li the rest.
    """
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for face in FACES:
        for pattern in patterns_of(face.id):
            if pattern.name == "sign_out" or pattern.pattern.converters:
                continue
            right = pattern.callback.right
            duty = next((duty for duty, rights in DUTY_RIGHTS.items() if right in rights), "")
            reader = "wang" if face.id == "portal" else f"{duty}-admin" if duty else "li"
            found[face.id, reader].append(f"{face.id}:{pattern.name}")
    return found


@pytest.mark.parametrize(("face", "reader"), _readers())
def test_axe_finds_nothing_to_complain_of(face: str, reader: str, page: Page, sign_in):
    sign_in(reader)
    found = []
    for name in _readers()[face, reader]:
        asked = page.request.get(reverse(name))
        if asked.status == 405 or not asked.headers["content-type"].startswith("text/html"):
            continue  # it takes a form, or answers machines
        page.goto(reverse(name))
        expect(page.locator(UNDRAWN)).to_have_count(0)
        found += _faults(page, f"{name}, normal", RULES)
        for mode, worn in MODES.items():
            page.evaluate(WEAR, worn)
            found += _faults(page, f"{name}, {mode}", APPEARANCE)

    assert not found, "\n".join(found)


def _faults(page: Page, where: str, rules: Rules) -> list[str]:
    return [f"{where}: {fault}" for fault in violations(page, rules)]


def test_a_mode_changes_nothing_in_what_a_page_holds(page: Page, sign_in, live_server):
    sign_in("li")
    read = set()
    for cookies in ({}, {ELDER_COOKIE: "1"}, {THEME_COOKIE: "dark"}):
        page.context.add_cookies(
            [
                {"name": name, "value": value, "url": live_server.url}
                for name, value in cookies.items()
            ]
        )
        text = page.request.get(reverse("office:home")).text()
        [held] = re.findall(r"<main.*</main>", text, re.S)
        read.add(re.sub(r'value=".*?"', "", held))

    assert len(read) == 1
