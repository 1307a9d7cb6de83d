"""Two installations exchange entries: drafts on both sides, three-way changes, what is gone."""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import neighbour_home
import pytest
import stores
from cast import NINE
from visiting import browser_of, text_of

from yiwang.apps.catalog import public as catalog
from yiwang.apps.catalog.actions.hearing import hear
from yiwang.apps.catalog.models import CatalogueNeighbour, NeighbourEntry
from yiwang.apps.catalog.neighbour_wire import (
    NeighbourDown,
    NeighbourRefuses,
    NeighbourUnreadable,
)
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.apps.identity.public import NotAllowed
from yiwang.kernel.clock import system_clock

TESTS = Path(__file__).parents[1]
SERVE = """
import begun_at
begun_at.shift(begun_at.OF_TESTS)
from uvicorn.main import main
main()
"""


class Neighbour:
    """The other installation: ``step`` is what its people do, ``url`` where it is served."""

    def __init__(self, home, url):
        self.url = url
        self.env = {
            **os.environ,
            **stores.store_of(home),
            "YIWANG_HOME": str(home),
            "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings",
        }

    def step(self, name, **given):
        done = subprocess.run(
            [sys.executable, "neighbour_home.py", name, json.dumps(given)],
            cwd=TESTS, env=self.env, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def theirs(tmp_path_factory):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    neighbour = Neighbour(tmp_path_factory.mktemp("theirs"), f"http://127.0.0.1:{port}")
    neighbour.step("settle")
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, "yiwang.boot.asgi:application", "--port", str(port)],
        cwd=TESTS, env=neighbour.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(server, f"{neighbour.url}/api/catalogue/entries")
        yield neighbour
    finally:
        server.kill()
        server.wait()


def _wait_for(server, address):
    deadline = time.monotonic() + 120
    while server.poll() is None and time.monotonic() < deadline:
        try:
            urlopen(address).close()
        except HTTPError as refused:
            refused.close()
            assert refused.code == 401  # nobody without a key
            return
        except URLError:
            time.sleep(0.1)
    raise AssertionError("the neighbour did not start")


@pytest.fixture
def county(settings, tmp_path, transactional_db):
    settings.HOME = tmp_path / "ours"
    people = neighbour_home.settle(NINE)
    Account.objects.update(password_set_at=system_clock())
    return people


def taking(county, url, key, **changes):
    given = {"title": "水务平台", "gives": False, "takes": True, "organ": county.li.organ}
    number, _key = catalog.register_neighbour(
        **given | changes, address=url, key=key, officer=county.gu, at=NINE
    )
    return CatalogueNeighbour.objects.get(pk=number)


def counts(pull):
    return (pull.read, pull.drafted, pull.changed, pull.same, pull.conflicts, pull.gone)


def test_two_installations_exchange_changes_and_people_decide(county, theirs, live_server):
    their_side = theirs.step("register", title="县平台", gives=True, gives_organ="civil-affairs",
                             takes=False)  # fmt: skip
    row = taking(county, theirs.url, their_side["key"], gives=True, gives_organ="civil-affairs")
    first = hear(row, at=NINE)  # both have the packs' entries of civil affairs: nothing to do
    assert first.same > 0
    assert first.same + first.drafted == first.read

    number = theirs.step("draft", title="临时救助台账")["number"]
    assert counts(hear(row, at=NINE)) == (1, 1, 0, 0, 0, 0)
    link = NeighbourEntry.objects.get(number=number)
    ours = catalog.list_entry(link.entry.number, actor=county.li)
    assert (ours.state, ours.version, ours.origin) == ("draft", 0, "neighbour")  # not published
    assert counts(hear(row, at=NINE)) == (0, 0, 0, 0, 0, 0)

    neighbour_home.publish(ours.number, NINE)
    theirs.step("change", number=number, values={"cycle": "4"})
    assert counts(hear(row, at=NINE)) == (1, 0, 1, 0, 0, 0)  # only they changed: a draft here
    assert catalog.list_entry(ours.number, actor=county.li).draft["cycle"] == "4"

    neighbour_home.publish(ours.number, NINE)
    said = catalog.list_entry(ours.number, actor=county.li).values
    catalog.change_entry(
        number=ours.number, given=said | {"cycle": "3"}, officer=county.li, at=NINE
    )
    theirs.step("change", number=number, values={"cycle": "5"})
    assert counts(hear(row, at=NINE)) == (1, 0, 0, 0, 1, 0)  # both changed: nothing is overwritten
    assert catalog.list_entry(ours.number, actor=county.li).draft["cycle"] == "3"
    page = text_of(browser_of("li"), f"/steward/neighbours/{row.pk}/")
    assert "采用对方内容作草稿" in page
    assert "决定 1 条两边都改过的条目" in text_of(browser_of("li"), "/office/todo/")
    assert "两边都改过" not in text_of(browser_of("sun"), "/office/todo/")
    assert "采用对方内容作草稿" not in text_of(browser_of("sun"), f"/steward/neighbours/{row.pk}/")
    with pytest.raises(NotAllowed):
        catalog.decide_conflict(link.pk, take=True, officer=county.sun, at=NINE)
    address = f"/steward/neighbours/{row.pk}/{link.pk}/"
    assert browser_of("li").post(address, {"take": "1"}).status_code == 302
    assert catalog.list_entry(ours.number, actor=county.li).draft["cycle"] == "5"

    theirs.step("withdraw", number=number)
    assert counts(hear(row, at=NINE)) == (1, 0, 0, 0, 0, 1)
    assert catalog.list_entry(ours.number, actor=county.li).state == "draft"  # it is only marked
    assert "已撤下对应条目" in text_of(browser_of("li"), f"/steward/entries/{ours.slug}/")


def test_what_was_given_comes_back_as_a_change_and_not_as_another_entry(
    county, theirs, live_server
):
    _number, key = catalog.register_neighbour(
        title="市平台", gives=True, gives_organ="civil-affairs", takes=False,
        officer=county.gu, at=NINE,
    )  # fmt: skip
    there = theirs.step(
        "register", title="另一县平台", gives=True, gives_organ="civil-affairs", takes=True,
        address=live_server.url, key=key, organ="civil-affairs",
    )  # fmt: skip
    ours = catalog.draft_entry(
        list_name="data", organ=county.li.organ, given=neighbour_home.GIVEN, officer=county.li,
        at=NINE,
    )  # fmt: skip
    neighbour_home.publish(ours, NINE)
    heard = theirs.step("hear", neighbour=there["number"])
    assert heard["drafted"] == 1
    their_number = heard["links"][ours][0]
    theirs.step("publish", number=their_number)
    theirs.step("change", number=their_number, values={"abstract": "补充说明后的摘要。"})

    row = taking(county, theirs.url, there["key"], gives=True, gives_organ="civil-affairs")
    back = hear(row, at=NINE)
    assert (back.changed, back.conflicts) == (1, 0)
    assert catalog.list_entry(ours, actor=county.li).draft["abstract"] == "补充说明后的摘要。"

    chief = identity.officer("chief", at=NINE)
    neighbour_home.publish(ours, NINE)
    catalog.withdraw_entry(number=ours, reason="停办", officer=chief, at=NINE)
    heard = theirs.step("hear", neighbour=there["number"])
    assert heard["gone"] == 1
    assert heard["links"][ours] == [their_number, "gone"]


def test_a_key_opens_its_organs_entries_page_by_page_until_it_is_stopped(county, client):
    number, key = catalog.register_neighbour(
        title="市平台", gives=True, gives_organ="civil-affairs", takes=False,
        officer=county.gu, at=NINE,
    )  # fmt: skip
    headers = {"Authorization": f"Bearer {key}"}

    def page(**query):
        return client.get("/api/catalogue/entries", query, headers=headers)

    after, seen = 0, []
    while True:
        answer = page(after=after, limit=2).json()
        seen += [one["number"] for one in answer["entries"]]
        assert {one["organ"] for one in answer["entries"]} <= {"civil-affairs"}
        after = answer["next"]
        if not answer["has_more"]:
            break
    held = catalog.list_entries("data", actor=county.sun, organ="civil-affairs", limit=1000)
    assert seen == list(dict.fromkeys(seen))
    assert set(seen) == {one.number for one in held if one.version}
    assert page(after="x").status_code == page(after=-1).status_code == 422
    for wrong in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"}):
        assert client.get("/api/catalogue/entries", headers=wrong).status_code == 401
    fresh = catalog.issue_neighbour_key(number, officer=county.gu, at=NINE)
    assert page().status_code == 401
    headers["Authorization"] = f"Bearer {fresh}"
    assert page().status_code == 200
    catalog.stop_neighbour(number, officer=county.gu, at=NINE)
    assert page().status_code == 401


def test_a_neighbour_that_is_away_or_refuses_is_told_and_nothing_moves(county, live_server):
    away = taking(county, "http://127.0.0.1:1", "any")
    with pytest.raises(NeighbourDown):
        hear(away, at=NINE)
    refusing = taking(county, live_server.url, "wrong", title="另一平台")
    with pytest.raises(NeighbourRefuses):
        hear(refusing, at=NINE)
    unreadable = taking(county, f"{live_server.url}/api/openapi.json#"[:-1], "x", title="第三平台")
    with pytest.raises((NeighbourRefuses, NeighbourUnreadable)):
        hear(unreadable, at=NINE)
    assert catalog.pulls(away.pk)[0].fault.startswith("邻目录没有应答")
    assert catalog.pulls(away.pk)[0].ended_at is None  # gone on with by the next try
    assert not NeighbourEntry.objects.exists()


def test_only_the_bureau_registers_and_the_key_is_kept_in_a_file_of_its_own(county, settings):
    given = {"title": "市平台", "gives": "1", "takes": "1", "address": "https://data.example.cn/",
             "key": "their-secret", "organ": "civil-affairs", "gives_organ": ""}  # fmt: skip
    assert browser_of("sun").post("/steward/neighbours/", given).status_code == 403
    gu = browser_of("gu")
    for wrong in (
        {"address": "ftp://x"}, {"address": "https://a:b@x"}, {"organ": "nobody"}, {"key": ""},
        {"title": ""}, {"gives": "", "takes": ""},
    ):  # fmt: skip
        refused = gu.post("/steward/neighbours/", given | wrong)
        page = refused.content.decode()
        assert refused.status_code == 422, wrong
        assert 'aria-invalid="true"' in page and "their-secret" not in page, wrong
        assert wrong.get("title") == "" or 'value="市平台"' in page
    answer = gu.post("/steward/neighbours/", given)
    row = CatalogueNeighbour.objects.get()
    page = text_of(gu, answer.url)
    assert "只显示这一次" in page
    assert "their-secret" not in page
    assert "只显示这一次" not in text_of(gu, answer.url)
    file = settings.HOME / "secrets" / f"neighbour-{row.pk}"
    assert (file.read_text(), file.stat().st_mode & 0o077) == ("their-secret", 0)
    act = f"/steward/neighbours/{row.pk}/act/"
    assert browser_of("sun").post(act, {"act": "stop"}).status_code == 403
    assert gu.post(act, {"act": "change", "address": "https://b.example.cn"}).status_code == 302
    assert gu.post(act, {"act": "key"}).status_code == 302
    assert gu.post(act, {"act": "stop"}).status_code == 302
    assert not file.exists()
    assert "已停用" in text_of(gu, "/steward/neighbours/")
