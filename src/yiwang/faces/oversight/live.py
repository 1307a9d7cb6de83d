"""Live screens by server-sent events: `GET /oversight/screens/<ref>/live/`, a plain ASGI function.

One reader for all who see alike reads a screen every few seconds, however many watch; each watcher
is sent only the parts that changed since what it has seen (``Last-Event-ID``). What a reader of a
whole glance reads (devices, indicators) is shared by every screen. A stream is checked again every
minute: it ends when the session or the right does. A desk that merely stays open is no use of the
session; a wall is watched, so its stream is.
"""

import asyncio
import logging
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any, TypeVar
from urllib.parse import parse_qs, unquote

import msgspec
from django.conf import settings
from django.db import close_old_connections
from django.utils import translation

from yiwang.apps.boards import public as boards
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.faces.oversight.screen_parts import Part, parts_of
from yiwang.faces.oversight.screens import encoded
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import NotAllowed, NotFound, YiwangError
from yiwang.packkit.kinds.sight import Screen
from yiwang.web import names

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

T = TypeVar("T")
RIGHT = "boards.see"
LOOKED_AT = frozenset({"boards.drill", "incident.see", "incident.watch", "sensing.see"})
"""Rights that change what a screen shows or links to."""
PERIOD, BEAT, CHECK, GLANCE = 5.0, 15.0, 60.0, 4.0
MOST_WATCHERS = 1000
_ADDRESS = re.compile(r"/oversight/screens/([^/]+)/live/")
log = logging.getLogger("yiwang.live")
_threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live")
"""One thread: screens are read one after the other and never crowd out the pages."""


class NotSignedIn(NotAllowed):
    """The stream needs a session."""

    code = "oversight.not_signed_in"
    status = 401


class TooManyWatchers(YiwangError):
    """More streams are open than this process serves."""

    code = "oversight.too_many_watchers"
    status = 503


def watching() -> int:
    """Streams that are open in this process; any thread may ask."""
    return sum(len(one.watchers) for one in list(_readers.values()))


def is_live(path: str) -> bool:
    """Whether an address is that of a stream."""
    return _ADDRESS.fullmatch(path) is not None


@dataclass(frozen=True)
class Watcher:
    """Who watches: in which language, with which session, and whether that is a use of it."""

    ref: str
    cookie: str
    language: str
    is_wall: bool

    def admitted(self) -> identity.Officer:
        """The officer behind the session, who may see screens; else raises."""
        engine = import_module(settings.SESSION_ENGINE)
        session = engine.SessionStore(self.cookie)
        actor = identity.actor_of(session, at=system_clock(), is_use=self.is_wall)
        if not isinstance(actor, identity.Officer) or session.get(identity.PASSWORD_IS_DUE):
            raise NotSignedIn("登录已结束。", hint="请重新登录后再打开大屏。")
        identity.require(actor, RIGHT)
        return actor


Key = tuple[str, str, str, frozenset[str]]


@dataclass(eq=False)
class Reader:
    """One screen as those who see alike see it; kept while somebody watches."""

    key: Key
    actor: identity.Officer
    epoch: str = field(default_factory=lambda: secrets.token_hex(4))
    sequence: int = 0
    parts: dict[int, tuple[int, Part]] = field(default_factory=dict)
    """Place → when it last changed, and what it says."""
    said: Screen | None = None
    over: str = ""
    """Why its watchers open the page again: composed anew, or withdrawn."""
    watchers: set[asyncio.Event] = field(default_factory=set)
    task: asyncio.Task[None] | None = None

    @property
    def seen(self) -> str:
        """What a watcher that has everything names."""
        return f"{self.epoch}-{self.sequence}"

    def since(self, seen: str) -> list[Part]:
        """The parts that changed after what a watcher has seen; all where that is unknown."""
        epoch, _, number = seen.partition("-")
        after = int(number) if epoch == self.epoch and number.isdigit() else 0
        return [part for changed, part in self.parts.values() if changed > after]

    async def run(self) -> None:
        """Read again and again while somebody watches."""
        loop = asyncio.get_running_loop()
        while self.watchers:
            try:
                fresh = await loop.run_in_executor(_threads, self._read)
            except NotFound:
                self.over = "withdrawn"
            except Exception:
                log.exception("screen %s could not be read", self.key[0])
            else:
                self._take(fresh)
            for watcher in self.watchers:
                watcher.set()
            if self.over:
                break
            await asyncio.sleep(PERIOD)
        _readers.pop(self.key, None)

    def _read(self) -> list[Part]:
        try:
            with translation.override(self.key[1]):
                said = boards.declared(self.key[0], names.library())
                if self.said is not None and said != self.said:
                    self.over = "changed"
                self.said = said
                view = boards.drawn(self.key[0], said, glance=_glance(), actor=self.actor)
                return parts_of(view, actor=self.actor)
        finally:
            close_old_connections()

    def _take(self, fresh: list[Part]) -> None:
        changed = [one for one in fresh if self.parts.get(one.place, (0, None))[1] != one]
        if changed:
            self.sequence += 1
            self.parts |= {one.place: (self.sequence, one) for one in changed}


_readers: dict[Key, Reader] = {}
_shared: dict[str, tuple[float, boards.Glance]] = {}


def _glance() -> boards.Glance:
    """One glance for every screen that is read within the same few seconds (one thread reads)."""
    at = system_clock()
    known = _shared.get("glance")
    if known is None or at.timestamp() - known[0] > GLANCE:
        known = at.timestamp(), boards.Glance(lake=catalog.lake(), library=names.library(), at=at)
        _shared["glance"] = known
    return known[1]


def _sight(watcher: Watcher) -> tuple[Key, identity.Officer]:
    """Who watches, and whose screens look the same; an unknown screen is refused by name."""
    actor = watcher.admitted()
    boards.declared(watcher.ref, names.library())
    rights = frozenset(actor.rights & LOOKED_AT)
    return (watcher.ref, watcher.language, boards.sight_of(actor), rights), actor


async def live(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one stream until its watcher leaves, its session ends or the server does."""
    headers = {name.decode(): text.decode("latin-1") for name, text in scope["headers"]}
    try:
        watcher = _watcher(scope, headers)
        key, actor = await _in_thread(_sight, watcher)
    except YiwangError as error:
        await _refuse(send, error)
        return
    await _start(send)
    awake = asyncio.Event()
    reader = _readers.setdefault(key, Reader(key, actor))
    reader.watchers.add(awake)
    if reader.task is None or reader.task.done():
        reader.task = asyncio.create_task(reader.run())
    leaving = asyncio.create_task(_left(receive))
    try:
        await _watch(watcher, reader, awake, headers.get("last-event-id", ""), leaving, send)
    except OSError:  # gone while we wrote
        pass
    finally:
        leaving.cancel()
        reader.watchers.discard(awake)


def _watcher(scope: Scope, headers: MutableMapping[str, str]) -> Watcher:
    if watching() >= MOST_WATCHERS:
        raise TooManyWatchers("打开的大屏太多。", hint="请稍后再打开，或关掉不用的大屏。")
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        cookies = SimpleCookie()
    found = {name: morsel.value for name, morsel in cookies.items()}
    language = found.get(settings.LANGUAGE_COOKIE_NAME, "")
    address = _ADDRESS.fullmatch(scope["path"])
    assert address is not None
    return Watcher(
        ref=unquote(address[1]),
        cookie=found.get(settings.SESSION_COOKIE_NAME, ""),
        language=language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE,
        is_wall="wall" in parse_qs(scope.get("query_string", b"").decode("latin-1")),
    )


async def _watch(
    watcher: Watcher,
    reader: Reader,
    awake: asyncio.Event,
    seen: str,
    leaving: "asyncio.Task[None]",
    send: Send,
) -> None:
    loop = asyncio.get_running_loop()
    checked = beaten = loop.time()
    if reader.parts:
        awake.set()
    while not leaving.done():
        await _soon(awake, leaving, BEAT)
        awake.clear()
        now = loop.time()
        if now - checked > CHECK:
            checked = now
            if not await _still(watcher, reader):
                await _event(send, "over", b"{}")
                return
        if reader.over:
            await _event(send, "anew", b"{}")
            return
        parts = reader.since(seen)
        if parts or (reader.parts and seen != reader.seen):
            seen, beaten = reader.seen, now
            await _event(send, "parts", encoded(parts), seen)
        elif now - beaten > BEAT:
            beaten = now
            await _event(send, "beat", b"{}")


async def _soon(awake: asyncio.Event, leaving: "asyncio.Task[None]", limit: float) -> None:
    """Until there is news, the watcher leaves, or the time is over."""
    news = asyncio.create_task(awake.wait())
    await asyncio.wait({news, leaving}, timeout=limit, return_when=asyncio.FIRST_COMPLETED)
    news.cancel()


async def _still(watcher: Watcher, reader: Reader) -> bool:
    """Whether the session lives on and sees what this reader reads."""
    try:
        return (await _in_thread(_sight, watcher))[0] == reader.key
    except YiwangError:
        return False


async def _left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _in_thread(ask: Callable[..., T], *given: object) -> T:
    def asked() -> T:
        try:
            return ask(*given)
        finally:
            close_old_connections()

    return await asyncio.get_running_loop().run_in_executor(_threads, asked)


async def _start(send: Send) -> None:
    headers = [
        (b"content-type", b"text/event-stream"),
        (b"cache-control", b"no-store"),
        (b"x-accel-buffering", b"no"),
        (b"x-content-type-options", b"nosniff"),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"retry: 3000\n\n", "more_body": True})


async def _event(send: Send, name: str, body: bytes, number: str = "") -> None:
    head = f"id: {number}\n" if number else ""
    text = f"{head}event: {name}\ndata: ".encode() + body + b"\n\n"
    await send(
        {"type": "http.response.body", "body": text, "more_body": name not in ("over", "anew")}
    )


async def _refuse(send: Send, error: YiwangError) -> None:
    problem = {
        "type": f"/api/docs/problems/#{error.code}",
        "title": error.message,
        "status": error.status,
        "code": error.code,
        "hint": error.hint,
    }
    headers = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": error.status, "headers": headers})
    await send({"type": "http.response.body", "body": msgspec.json.encode(problem)})
