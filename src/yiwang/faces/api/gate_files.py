"""Files over HTTP: part by part, as fast as the client reads, broken off visibly if it must be.

A file that is broken off ends without its closing chunk, so that every client sees an error and
none takes a part for the whole.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

from django.db import connections

from yiwang.apps.exchange import public as exchange
from yiwang.faces.api.gate_requests import FORMATS, Asked, Receive, Send
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Unavailable, YiwangError

AT_ONCE = 4
"""Files that one gate process sends at the same time."""
PATIENCE = 60.0
"""Seconds that a client may take to read one part."""
log = logging.getLogger("yiwang.gate")


class TooManyFiles(Unavailable):
    """The gate sends as many files as it can; others must wait."""

    code = "api.too_many_files"


class Files:
    """The files that are running."""

    def __init__(self, threads: Executor | None = None) -> None:
        self.threads = threads or ThreadPoolExecutor(AT_ONCE, thread_name_prefix="gate-files")
        self.running = 0

    async def send(self, asked: Asked, receive: Receive, send: Send) -> None:
        """Answer a call for a file."""
        if self.running >= AT_ONCE:
            raise TooManyFiles(
                f"网关正在传输 {AT_ONCE} 个文件。", hint="请在 Retry-After 所示秒数后重试。"
            )
        self.running += 1
        try:
            await self._sent(asked, receive, send)
        finally:
            self.running -= 1

    async def _sent(self, asked: Asked, receive: Receive, send: Send) -> None:
        draft = exchange.Draft(asked.call, system_clock(), signed=asked.signed)
        stream = await self._in_thread(exchange.open_stream, draft, asked.format)
        fault = "client_gone"
        gone = asyncio.ensure_future(_gone(receive))
        try:
            await send({
                "type": "http.response.start", "status": 200, "headers": _headers(stream),
            })  # fmt: skip
            fault = await self._all_parts(stream, gone, send)
            if not fault:
                await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            await self._in_thread(_ended, stream, fault)

    async def _all_parts(
        self, stream: exchange.Stream, gone: "asyncio.Future[None]", send: Send
    ) -> str:
        """Send every part; returns why the file broke off, or the empty text."""
        parts = stream.parts()
        while True:
            try:
                part = await self._in_thread(_next, parts)
                if part is None:
                    return ""
                if gone.done():
                    return "client_gone"
                async with asyncio.timeout(PATIENCE):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
            except TimeoutError:
                return "client_slow"
            except YiwangError as error:
                return error.code.partition(".")[2]
            except Exception:
                log.exception("file of call %s broken", stream.draft.number)
                return "fault"

    async def _in_thread(self, what: Callable[..., Any], *given: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self.threads, what, *given)


def _next(parts: Iterator[bytes]) -> bytes | None:
    return next(parts, None)


def _ended(stream: exchange.Stream, fault: str) -> None:
    try:
        stream.end(at=system_clock(), fault=fault)
    except Exception:
        connections.close_all()
        raise


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        await asyncio.sleep(1)


def _headers(stream: exchange.Stream) -> list[tuple[bytes, bytes]]:
    name = f"{stream.export.selection.table}.{stream.format}"
    return [
        (b"content-type", FORMATS[stream.format].encode()),
        (b"content-disposition", f'attachment; filename="{name}"'.encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"x-call", stream.draft.number.encode()),
        (b"x-watermark", stream.mark.told.encode()),
        (b"x-snapshot", stream.snapshot.encode()),
    ]
