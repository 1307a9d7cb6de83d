"""Live screens: one reader for all who see alike, only what changed, no stranger."""

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from cast import NINE, PASSWORD
from county import settle
from django.conf import settings
from django.db import OperationalError, connections
from visiting import browser_of

from yiwang.apps.boards.actions.indicators import take_snapshot
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.identity.models import Account
from yiwang.faces.oversight import live
from yiwang.kernel.clock import system_clock

pytestmark = pytest.mark.django_db(transaction=True)
SCREEN = "/oversight/screens/base.data_overview/live/"


def finished(work):
    """What the work gives, in a loop of a thread of its own: a browser may keep one in ours."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


async def aside(work, *given):
    """In a thread of its own, whose connection to the store ends with it (PostgreSQL counts)."""

    def done():
        try:
            return work(*given)
        finally:
            connections.close_all()

    return await asyncio.to_thread(done)


@pytest.fixture
def county(monkeypatch):
    settled = settle()
    for name in ("cheng", "fang"):
        identity.create_account(
            username=name,
            name=name,
            password=PASSWORD,
            at=NINE,
            organ="command-center",
            posts=["分管领导"],
        )
    Account.objects.update(password_set_at=system_clock())
    live._readers.clear()  # of another test's loop
    for name, seconds in (("PERIOD", 0.2), ("GLANCE", 0.0), ("CHECK", 0.1), ("BEAT", 0.2)):
        monkeypatch.setattr(live, name, seconds)
    return settled


def taken(county, ref: str, minutes: int) -> None:
    at = NINE + timedelta(minutes=minutes)
    indicator = county.library.indicator(ref)
    for _ in range(50):
        try:
            take_snapshot(ref, indicator, lake=catalog.lake(), at=at, library=county.library)
        except OperationalError:  # a database in memory locks whole tables; a file does not
            time.sleep(0.05)
        else:
            return
    pytest.fail("the table stayed locked")


@dataclass
class Stream:
    """A browser's end of one stream."""

    cookie: str
    path: str = SCREEN
    seen: str = ""
    query: bytes = b""
    status: int = 0
    body: bytes = b""
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task | None = None

    def open(self) -> "Stream":
        headers = [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={self.cookie}".encode())]
        headers += [(b"last-event-id", self.seen.encode())] if self.seen else []
        scope = {"path": self.path, "headers": headers, "query_string": self.query}
        self.task = asyncio.create_task(live.live(scope, self.receive, self.send))
        return self

    async def receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.status = message.get("status", self.status)
        self.body += message.get("body", b"")

    @property
    def events(self) -> list[tuple[str, str, object]]:
        found = []
        for text in self.body.decode().split("\n\n"):
            lines = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
            if "event" in lines:
                data = json.loads(lines["data"])
                found.append((lines["event"], lines.get("id", ""), data))
        return found

    @property
    def parts(self):
        return [one for one in self.events if one[0] == "parts"]

    async def until(self, holds) -> None:
        async with asyncio.timeout(20):
            while not holds(self):
                await asyncio.sleep(0.02)

    async def leave(self) -> None:
        self.gone.set()
        await self.task


def cookie_of(username: str) -> str:
    return browser_of(username).cookies[settings.SESSION_COOKIE_NAME].value


def test_a_change_reaches_everybody_through_one_reader_and_only_what_changed(county):
    taken(county, "base.residents", 0)
    cookies = [cookie_of("cheng"), cookie_of("fang")]

    async def watched():
        first, second = (Stream(one).open() for one in cookies)
        await first.until(lambda one: one.parts)
        await second.until(lambda one: one.parts)
        assert len(live._readers) == 1
        assert len(first.parts[0][2]) == 6
        await aside(taken, county, "base.active_firms", 1)
        await first.until(lambda one: len(one.parts) > 1)
        await second.until(lambda one: len(one.parts) > 1)
        seen = first.parts[0][1]
        again = Stream(cookies[0], seen=seen).open()
        await again.until(lambda one: one.parts)
        for one in (first, second, again):
            await one.leave()
        return first, again

    first, again = finished(watched())
    (changed,) = first.parts[1][2]
    assert (changed["title"], changed["kind"]) == ("存续市场主体", "number")
    assert "/steward/indicators/base.active_firms/numerator/" in changed["words"]
    assert again.parts[0][2] == [changed]


def test_nothing_is_sent_again_while_nothing_changes(county):
    taken(county, "base.residents", 0)
    cookie = cookie_of("cheng")

    async def watched():
        stream = Stream(cookie).open()
        await stream.until(lambda one: any(name == "beat" for name, _, _ in one.events))
        await stream.leave()
        return stream

    assert len(finished(watched()).parts) == 1


def test_who_is_not_signed_in_or_may_not_see_screens_is_sent_nothing(county):
    cookies = {"": 401, cookie_of("sun"): 403, cookie_of("wang"): 401}

    async def asked():
        streams = [Stream(one).open() for one in cookies]
        unknown = Stream(cookie_of_leader, path="/oversight/screens/tests.none/live/").open()
        await asyncio.gather(*(one.task for one in (*streams, unknown)))
        return [one.status for one in streams], unknown

    cookie_of_leader = cookie_of("cheng")
    statuses, unknown = finished(asked())
    assert statuses == list(cookies.values())
    assert unknown.status == 404
    assert not unknown.events


def test_a_stream_ends_with_its_session(county):
    taken(county, "base.residents", 0)
    leader = browser_of("cheng")
    cookie = leader.cookies[settings.SESSION_COOKIE_NAME].value

    async def watched():
        stream = Stream(cookie).open()
        await stream.until(lambda one: one.parts)
        await aside(leader.post, "/sign-out/")
        await stream.until(lambda one: one.events[-1][0] == "over")
        await stream.task
        return stream

    assert finished(watched()).events[-1][0] == "over"


def test_without_streams_the_browser_asks_again_and_is_told_once(county):
    taken(county, "base.residents", 0)
    leader = browser_of("cheng")
    first = leader.get(SCREEN)
    seen = first.content.decode().split("id: ")[1].split("\n")[0]

    assert first["Content-Type"] == "text/event-stream"
    assert "event: parts" in first.content.decode()
    again = leader.get(SCREEN, headers={"Last-Event-ID": seen})
    assert "event: parts" not in again.content.decode()
    assert browser_of("sun").get(SCREEN).status_code == 403
