"""The demo county as its people see it: every account walks every page that it is led to."""

import html
import os
import re
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import demo_runs
import pytest
import stores
from django.urls import Resolver404, resolve
from playwright.sync_api import Browser, Locator, Page, expect
from wcag import LEVEL_AA, violations
from windows import PHONE, attentive_page, window

from yiwang.web.shell import ELDER_COOKIE, FACES, THEME_COOKIE

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SHOTS = os.environ.get("YIWANG_SHOTS", "")
UNDRAWN = "figure.chart:not(.drawn), figure.map:not(.drawn)"
NO_PAGES = {
    "preferences",
    "map_areas",
    "openapi",
    "place",
    "sign_out",
    "evidence",
    "incident_evidence",
    "report_workbook",
    "health_live",
    "health_ready",
    "metrics",
}
AT_DESKS = (
    "shuju gongan minzheng shichang zhihui shuili lingdao xitong anquan shenji "
    "renshe canlian zhengzhao shenhe"
).split()
ON_PHONES = ("cunwu", "xuncha", "jumin", "baoma")
POLICY_PAGES = {
    "minzheng": (
        "office:policies", "office:policy", "office:policy_run",
        "office:counter", "office:policy_batches", "office:uptake", "office:payments",
        "office:library", "office:library_document",
    ),
    "jumin": ("portal:policies", "portal:policy_document", "portal:ask", "portal:for_me"),
    "zhengzhao": ("office:licenses", "office:license"),
    "shenhe": ("office:ratings", "office:conduct"),
}  # fmt: skip
"""Pages of policies, licences and ratings that somebody must be led to."""
OTHERS_MATTERS = {
    "minzheng": ("office:case", "office:policy_run", "steward:demand", "steward:grant",
                 "steward:call"),
}  # fmt: skip
OWN_QUARANTINE = "/steward/datasets/base.police_resident/rejected/"
"""What the police alone, and who watches over all, may read."""


@dataclass
class County:
    """A demo that is served: where, with which password, and what has been looked at."""

    home: Path
    url: str
    password: str
    read: set[tuple[str, int]] = field(default_factory=set)
    """The kinds of pages, with the width, that axe has read."""
    walked: dict[str, dict[str, str]] = field(default_factory=dict)
    """For each account that walked, one address of every kind of page."""


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory) -> Iterator[County]:
    """A county built once and served with its worker by `yiwang serve`."""
    home = tmp_path_factory.mktemp("county")
    built = demo_runs.run(home, people=1500)
    assert built.returncode == 0, built.stdout + built.stderr
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        demo_runs.yiwang("serve", "--data", str(home), "--port", str(port)),
        env=demo_runs.surroundings(YIWANG_LOG="ERROR", **stores.store_of(home)),
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url)
        yield County(home, url, (home / "secrets" / "demo_password").read_text())
    finally:
        server.terminate()
        server.wait(15)
        demo_runs.forget(home)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail("yiwang serve did not answer")


@contextmanager
def signed_in(browser: Browser, county: County, username: str, **options: object) -> Iterator[Page]:
    """A window in which ``username`` has filled in the form of the sign-in page."""
    with window(browser, county.url, **options) as context, attentive_page(context) as page:
        page.goto("/sign-in/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", county.password)
        page.click("main button")
        expect(page.locator("[name=password]")).to_have_count(0)
        yield page


def look(page: Page, county: County, address: str, *, who: str) -> list[str]:
    """Open one page and return what is wrong with it."""
    kind, width = _kind(address), page.viewport_size["width"]
    asked = page.request.get(address)
    if asked.ok and not asked.headers["content-type"].startswith("text/html"):
        county.read.add((kind, width))  # a file to be taken, or an answer to machines
        return []
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        return [f"{address}: status {answer and answer.status}"]
    faults = []
    expect(page.locator(UNDRAWN)).to_have_count(0)
    if page.evaluate("document.documentElement.scrollWidth") > width:
        faults.append(f"{address}: wider than {width}")
    if page.evaluate("document.querySelector('main')?.clientWidth ?? innerWidth") < 340:
        faults.append(f"{address}: squeezed")
    faults += [f"{address}: an empty {what}" for what in _blank(page)]
    county.read.add((kind, width))
    faults += [f"{address}: {fault}" for fault in violations(page, LEVEL_AA)]
    if SHOTS:
        name = re.sub(r"\W+", "_", kind)
        page.screenshot(path=Path(SHOTS) / f"{name}-{width}-{who}.png", full_page=True)
    return faults


def _kind(address: str) -> str:
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return ""


def _blank(page: Page) -> list[str]:
    """Charts and maps on which nothing is drawn within ten seconds."""
    canvases = page.locator("figure canvas")
    return [
        "canvas" for number in range(canvases.count()) if not _is_drawn(page, canvases.nth(number))
    ]


def _is_drawn(page: Page, canvas: Locator) -> bool:
    """A picture of one colour compresses to nothing; the first frame may be on its way."""
    deadline = time.monotonic() + 10
    while len(page.screenshot(clip=canvas.bounding_box(), full_page=True)) < 1500:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.2)
    return True


def walk(page: Page, county: County, who: str) -> list[str]:
    """Every page of the navigation of every face, and one of each kind linked from a page.

    A kind of page is drawn and read once for each width; for further readers it must open.
    """
    faults: list[str] = []
    waiting = [f"/{'' if face.id == 'portal' else face.id + '/'}" for face in FACES]
    known, kinds = set(waiting), {_kind(one): one for one in waiting}
    while waiting:
        address = waiting.pop(0)
        if (_kind(address), page.viewport_size["width"]) not in county.read:
            faults += look(page, county, address, who=who)
            text = page.content()
        else:
            answer = page.request.get(address)
            faults += [] if answer.status == 200 else [f"{address}: status {answer.status}"]
            text = answer.text()
        for address, is_menu in _links(text):
            kind = _kind(address)
            if not kind or kind.partition(":")[2] in NO_PAGES or address in known:
                continue
            if is_menu or kind not in kinds:
                known.add(address)
                kinds.setdefault(kind, address)
                waiting.append(address)
    county.walked[who] = kinds
    return faults


def _links(text: str) -> list[tuple[str, bool]]:
    """Addresses of a page, and whether each stands in a navigation."""
    menus = "".join(re.findall(r"<nav\b.*?</nav>", text, re.S))
    found = re.findall(r'<a\b[^>]*?href="(/[^"#]*)', text)
    return [(html.unescape(one), f'"{one}"' in menus) for one in dict.fromkeys(found)]


@pytest.mark.parametrize("username", AT_DESKS)
def test_every_page_that_a_desk_is_led_to_opens_without_a_fault(username, browser, county):
    with signed_in(browser, county, username) as page:
        faults = walk(page, county, username)

    assert not faults, "\n".join(faults)
    assert len(county.walked[username]) >= 8


@pytest.mark.parametrize("username", ON_PHONES)
def test_every_page_that_a_phone_is_led_to_opens_without_a_fault(username, browser, county):
    with signed_in(browser, county, username, viewport=PHONE) as page:
        faults = walk(page, county, username)

    assert not faults, "\n".join(faults)


def test_the_page_that_each_stage_names_opens_for_somebody(browser, county):
    for username in ("shuju", "minzheng", "lingdao", "shenji", "qiantou"):
        if username not in county.walked:
            with signed_in(browser, county, username) as page:
                walk(page, county, username)
    seen = {kind for kinds in county.walked.values() for kind in kinds}
    named = {stage["page"][0] for stage in demo_runs.stages(county.home).values()}

    assert named <= seen | {"portal:verification"}, named - seen


def test_the_pages_of_policies_licences_and_ratings_are_walked(browser, county):
    missing = []
    for username, wanted in POLICY_PAGES.items():
        if username not in county.walked:
            with signed_in(browser, county, username) as page:
                walk(page, county, username)
        missing += [(username, kind) for kind in wanted if kind not in county.walked[username]]

    assert not missing


def test_a_record_is_verified_by_anybody_and_in_every_mode(browser, county):
    told = demo_runs.stages(county.home)["decide"]["page"]
    modes = ({}, {ELDER_COOKIE: "1"}, {THEME_COOKIE: "dark"})
    with window(browser, county.url) as context, attentive_page(context) as page:
        for mode in modes:
            context.add_cookies(
                [{"name": name, "value": value, "url": county.url} for name, value in mode.items()]
            )
            page.goto(f"/verify/{told[1]}/")
            expect(page.locator("main")).to_contain_text("有效")
            assert not violations(page, LEVEL_AA)


@pytest.mark.parametrize("mode", [{ELDER_COOKIE: "1"}, {THEME_COOKIE: "dark"}], ids=str)
def test_lists_cases_and_screens_keep_their_contrast_in_other_modes(mode, browser, county):
    faults = []
    with signed_in(browser, county, "lingdao") as page:
        page.context.add_cookies(
            [{"name": name, "value": value, "url": county.url} for name, value in mode.items()]
        )
        for address in ("/oversight/", "/oversight/incidents/", "/steward/indicators/"):
            page.goto(address)
            expect(page.locator(UNDRAWN)).to_have_count(0)
            faults += violations(page, LEVEL_AA)

    assert not faults, "\n".join(faults)


def test_civil_affairs_opens_a_file_and_the_person_sees_who_looked(browser, county):
    number = _resident(county)
    with signed_in(browser, county, "minzheng") as page:
        page.goto("/steward/files/")
        page.fill("[name=number]", number)
        page.select_option("[name=purpose]", "高龄津贴核实")
        page.fill("[name=case]", "TEST-1")
        page.click("main form button.primary, main form button[type=submit], main form button")
        expect(page.locator("main")).to_contain_text("base.resident")
        assert not violations(page, LEVEL_AA)
    with signed_in(browser, county, "jumin", viewport=PHONE) as page:
        page.goto("/my/uses/")
        expect(page.locator("main")).to_contain_text("高龄津贴核实")


def test_another_organ_s_officer_is_refused_wherever_others_work(browser, county):
    for username in OTHERS_MATTERS:
        if username not in county.walked:
            with signed_in(browser, county, username) as page:
                walk(page, county, username)
    matters = [
        county.walked[username][kind]
        for username, kinds in OTHERS_MATTERS.items()
        for kind in kinds
    ]
    matters.append(OWN_QUARANTINE)
    with signed_in(browser, county, "gongan") as page:
        assert page.request.get(OWN_QUARANTINE).ok
    with signed_in(browser, county, "minzheng") as page:
        matters.append(_candidate(page, county))
    with signed_in(browser, county, "shichang") as page:
        answers = {address: page.request.get(address).status for address in matters}

    assert set(answers.values()) <= {403, 404}, answers


def _candidate(page: Page, county: County) -> str:
    """The address of somebody on the list of the run that the demo made."""
    run = demo_runs.stages(county.home)["judge"]["page"][1]
    listed = page.request.get(f"/office/policies/runs/{run}/").text()
    return re.findall(rf'"(/office/policies/runs/{run}/candidates/[^"]+)"', listed)[0]


def _resident(county: County) -> str:
    with stores.looked_into(county.home) as store:
        [[number]] = store.execute(
            "SELECT subject FROM identity_account WHERE username = 'jumin'"
        ).fetchall()
    return str(number)
