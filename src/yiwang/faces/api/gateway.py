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
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial

import msgspec
from django.db import connection, connections

from yiwang.apps.exchange import public as exchange
from yiwang.faces.api.gate_files import Files
from yiwang.faces.api.gate_requests import (
    FORMATS,
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


class RequestTooSlow(RequestMalformed):
    """The client did not send its body in time."""

    code = "api.request_too_slow"
    status = 408


class Desk:
    """Answers calls together: those that arrive while others are answered share the next turn.

    With two ``turns`` one batch is judged and masked while the database commits the other.
    """

    def __init__(self, threads: Executor, *, turns: int = 1) -> None:
        self.threads = threads
        self._pile: list[tuple[exchange.Draft, asyncio.Future[None]]] = []
        self._free = turns
        self._is_called = False

    async def settle(self, draft: exchange.Draft) -> None:
        """Return when the call is on record."""
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._pile.append((draft, done))
        if self._free and not self._is_called:
            self._is_called = True
            loop.call_soon(self._next_turn)  # with all that arrived at this moment
        await done

    def _next_turn(self) -> None:
        self._is_called = False
        if not self._free or not self._pile:
            return
        batch, self._pile = self._pile, []
        self._free -= 1
        loop = asyncio.get_running_loop()
        turn = self.threads.submit(_settled, [draft for draft, _ in batch])
        turn.add_done_callback(lambda turn: loop.call_soon_threadsafe(self._finished, turn, batch))

    def _finished(
        self, turn: Future[None], batch: list[tuple[exchange.Draft, asyncio.Future[None]]]
    ) -> None:
        self._free += 1
        broken = turn.exception()
        for _, done in batch:
            if done.done():  # the client has gone
                continue
            if broken:
                done.set_exception(broken)
            else:
                done.set_result(None)
        self._next_turn()


def _settled(drafts: list[exchange.Draft]) -> None:
    exchange.settle(drafts)
    if any(d.error and not isinstance(d.error, YiwangError) for d in drafts):
        connections.close_all()  # a broken connection must not serve the next call


def _threads(count: int, name: str) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=count, thread_name_prefix=name)


class Desks:
    """Who waits where: keys, rows of pages, and whatever must ask another's database."""

    def __init__(self, threads: Executor | None = None) -> None:
        turns = 2 if connection.vendor == "postgresql" else 1  # SQLite has one writer
        self.lookups = Desk(threads or _threads(turns, "gate-lookups"), turns=turns)
        self.pages = Desk(threads or _threads(1, "gate-pages"))
        self._threads = threads
        self._sources: dict[str, Desk] = {}

    def of(self, call: exchange.Call) -> Desk:
        """The desk for a call."""
        if call.shape not in ("lookup", "batch"):
            return self.pages
        if not exchange.is_at_source(call.table):
            return self.lookups
        if call.table not in self._sources:  # a slow provider keeps its own callers waiting only
            threads = self._threads or _threads(1, f"gate-{call.table}")
            self._sources[call.table] = Desk(threads)
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
        encode = partial(encoded, asked.format)
        draft = exchange.Draft(asked.call, system_clock(), signed=asked.signed, encode=encode)
        await _desks.of(draft.call).settle(draft)
        draft.demand_answered()
        await _send(
            send, 200, FORMATS[asked.format], draft.body, call=draft.number, stale=draft.stale
        )
    except YiwangError as error:
        await _send_problem(send, scope, error)
    except Exception:
        number = new_id()
        log.exception("gate broken, number %s", number)
        broken = YiwangError(
            "网关出现故障，本次未答复。", hint="请稍后重试；如仍未恢复，请报告编号。", number=number
        )
        await _send_problem(send, scope, broken, status=500)


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


def as_csv(answer: exchange.Answer) -> bytes:
    """The rows as CSV (RFC 4180) with a header line."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(answer.columns)
    for row in answer.rows:
        writer.writerow(["" if row[name] is None else row[name] for name in answer.columns])
    return sheet.getvalue().encode()


async def _send_problem(
    send: Send, scope: Scope, error: YiwangError, *, status: int | None = None
) -> None:
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
    await _send(send, status or error.status, "application/problem+json", body, call=call)


async def _send(
    send: Send, status: int, kind: str, body: bytes, *, call: str = "", stale: str = ""
) -> None:
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
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
