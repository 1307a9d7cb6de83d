"""The sharing gate over HTTP: `GET /gate/v1/pack.table?id_number=…&columns=a,b`.

A plain ASGI function without a framework; run it alone (`python -m yiwang.boot.gate`) or beside
Django in `demo`. Requests are read on the event loop; calls that arrive while others are being put
on record are answered together by one thread (`Desk`), because the database is synchronous and one
commit serves them all. Pages and files have desks of their own: a lookup never waits behind them.

Headers: `Authorization: Bearer <key>` or an HTTP message signature (RFC 9421), `X-Purpose` (UTF-8,
percent-encoded or raw), `X-Case`, optionally `X-System` and `Idempotency-Key`.
"""

import asyncio
import csv
import io
import logging
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial

import msgspec
from django.db import connections

from yiwang.apps.exchange import public as exchange
from yiwang.faces.api.gate_files import Files
from yiwang.faces.api.gate_requests import (
    FORMATS,
    Asked,
    Receive,
    RequestMalformed,
    Scope,
    Send,
    body_expected,
    read,
)
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import YiwangError
from yiwang.kernel.ids import new_id

PATIENCE = 10.0
"""Seconds that a client may take to send its body."""
log = logging.getLogger("yiwang.gate")


class Reply(msgspec.Struct, frozen=True):
    """An answer or a problem as it leaves."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class RequestTooSlow(RequestMalformed):
    """The client did not send its body in time."""

    code = "api.request_too_slow"
    status = 408


Done = Callable[[BaseException | None], None]
"""Told when a call is on record, or what broke."""


class Desk:
    """Answers calls together: those that arrive while others are answered share the next turn."""

    def __init__(self, threads: Executor) -> None:
        self.threads = threads
        self._pile: list[tuple[exchange.Draft, Done]] = []
        self._is_free = True
        self._is_called = False

    def put(self, draft: exchange.Draft, done: Done) -> None:
        """Take a call; ``done`` is told on the loop when it is on record."""
        self._pile.append((draft, done))
        if self._is_free and not self._is_called:
            self._is_called = True
            asyncio.get_running_loop().call_soon(self._next_turn)  # with all that arrives now

    async def settle(self, draft: exchange.Draft) -> None:
        """Return when the call is on record."""
        settled: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def done(broken: BaseException | None) -> None:
            if settled.done():  # the client has gone
                return
            if broken:
                settled.set_exception(broken)
            else:
                settled.set_result(None)

        self.put(draft, done)
        await settled

    def _next_turn(self) -> None:
        self._is_called = False
        if not self._is_free or not self._pile:
            return
        batch, self._pile = self._pile, []
        self._is_free = False
        loop = asyncio.get_running_loop()
        turn = self.threads.submit(_settled, [draft for draft, _ in batch])
        turn.add_done_callback(lambda turn: loop.call_soon_threadsafe(self._finished, turn, batch))

    def _finished(self, turn: Future[None], batch: list[tuple[exchange.Draft, Done]]) -> None:
        self._is_free = True
        self._next_turn()  # before the answers leave: the next are put on record meanwhile
        broken = turn.exception()
        for _, done in batch:
            done(broken)


def _settled(drafts: list[exchange.Draft]) -> None:
    exchange.settle(drafts)
    if any(d.error and not isinstance(d.error, YiwangError) for d in drafts):
        connections.close_all()  # a broken connection must not serve the next call


def _thread(name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)


class Desks:
    """Who waits where: keys, rows of pages, and whatever must ask another's database."""

    def __init__(self, threads: Executor | None = None) -> None:
        self.lookups = Desk(threads or _thread("gate-lookups"))
        self.pages = Desk(threads or _thread("gate-pages"))
        self._threads = threads
        self._sources: dict[str, Desk] = {}

    def of(self, call: exchange.Call) -> Desk:
        """The desk for a call."""
        if call.shape not in ("lookup", "batch"):
            return self.pages
        if not exchange.is_at_source(call.table):
            return self.lookups
        if call.table not in self._sources:  # a slow provider keeps its own callers waiting only
            self._sources[call.table] = Desk(self._threads or _thread(f"gate-{call.table}"))
        return self._sources[call.table]


_desks = Desks()
_files = Files()


async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request of the gate."""
    try:
        expected = body_expected(scope)
        asked = read(scope, await _body(receive, expected) if expected else b"")
        if asked.is_file:
            await _files.send(asked, receive, send)
            return
        draft = _draft(asked)
        await _desks.of(draft.call).settle(draft)
        reply = _answered(asked, draft)
    except Exception as error:
        reply = _problem(scope, error)
    start = {"type": "http.response.start", "status": reply.status, "headers": reply.headers}
    await send(start)
    await send({"type": "http.response.body", "body": reply.body})


def prompt(scope: Scope, send: Callable[[Reply], None]) -> bool:
    """Answer a question without a body through a call of ``send``, later, on the loop.

    False: the request must go the long way, through ``gateway``. A task, a future and the messages
    of ASGI cost as much as the parsing of the request.
    """
    try:
        if body_expected(scope):
            return False
        asked = read(scope)
        if asked.is_file:
            return False
        draft = _draft(asked)
    except Exception as error:
        send(_problem(scope, error))
        return True

    def done(broken: BaseException | None) -> None:
        try:
            if broken:
                raise broken
            reply = _answered(asked, draft)
        except Exception as error:
            reply = _problem(scope, error)
        send(reply)

    _desks.of(draft.call).put(draft, done)
    return True


def _draft(asked: Asked) -> exchange.Draft:
    encode = _ENCODED[asked.format]
    return exchange.Draft(asked.call, system_clock(), signed=asked.signed, encode=encode)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The gate as a server of its own; any other address is a problem, not a page."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await gateway(scope, receive, send)


async def _body(receive: Receive, expected: int) -> bytes:
    """The body as announced: not a byte more, and not slower than ``PATIENCE``."""
    try:
        async with asyncio.timeout(PATIENCE):
            body = b""
            while True:
                message = await receive()
                body += message.get("body", b"")
                if len(body) > expected or message["type"] == "http.disconnect":
                    raise RequestMalformed("正文与注明的长度不符。", hint="请核对 Content-Length。")
                if not message.get("more_body"):
                    return body
    except TimeoutError:
        raise RequestTooSlow(
            "请求正文发送过慢。", hint=f"请在 {PATIENCE:.0f} 秒内发完，或拆成几次。"
        ) from None


def encoded(wanted: str, answer: exchange.Answer) -> bytes:
    """The answer as JSON (decimals stay text, so that no digit is lost) or as CSV."""
    return as_csv(answer) if wanted == "csv" else _json.encode(answer)


_json = msgspec.json.Encoder()
_ENCODED = {wanted: partial(encoded, wanted) for wanted in FORMATS}


def as_csv(answer: exchange.Answer) -> bytes:
    """The rows as CSV (RFC 4180) with a header line."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(answer.columns)
    for row in answer.rows:
        writer.writerow(["" if row[name] is None else row[name] for name in answer.columns])
    return sheet.getvalue().encode()


def _answered(asked: Asked, draft: exchange.Draft) -> Reply:
    draft.demand_answered()
    kind = FORMATS[asked.format]
    return _reply(200, kind, draft.body, call=draft.number, stale=draft.stale)


def _problem(scope: Scope, error: Exception) -> Reply:
    """What went wrong as problem details (RFC 9457)."""
    status = None
    if not isinstance(error, YiwangError):
        number, status = new_id(), 500
        log.error("gate broken, number %s", number, exc_info=error)
        error = YiwangError(
            "网关出现故障，本次未答复。", hint="请稍后重试；如仍未恢复，请报告编号。", number=number
        )
    call = str(error.data.get("call", ""))
    problem = {
        "type": f"/api/docs/problems/#{error.code}",
        "title": error.message,
        "status": status or error.status,
        "code": error.code,
        "hint": error.hint,
        "instance": str(scope["path"])[:200] if not call else f"/steward/calls/{call}/",
        "data": error.data,
    }
    body = msgspec.json.encode(problem, enc_hook=str)
    return _reply(status or error.status, "application/problem+json", body, call=call)


def _reply(status: int, kind: str, body: bytes, *, call: str = "", stale: str = "") -> Reply:
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if call:
        headers.append((b"x-call", call.encode()))
    if stale:  # an earlier answer: its provider's database is down
        headers.append((b"x-stale", stale.encode()))
    if status in (429, 503):
        headers.append((b"retry-after", b"1"))
    return Reply(status, headers, body)
