"""HTTP whose patience ends: whoever does not finish the head of a request in time is let go.

Bodies have their own time in the gate; without this a client that sends a sign a minute would
hold a connection for ever. And an answer's head and body leave together.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
"""Seconds from the first moment of a connection, or the first sign of a request, to its head."""


class Patient(HttpToolsProtocol):
    """uvicorn's protocol with a time limit for request lines and headers."""

    _late: asyncio.TimerHandle | None = None
    _is_in_head = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self.transport = Together(transport, self.loop)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Begin to wait for the rest of a later request's head, if it is not all there."""
        super().data_received(data)
        if self._is_in_head and self._late is None:
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._is_in_head = True

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._relax()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._relax()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._late = self.loop.call_later(HEAD_SECONDS, self._let_go)

    def _relax(self) -> None:
        self._is_in_head = False
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _let_go(self, *_: Any) -> None:
        self._late = None
        if not self.transport.is_closing():
            self.transport.close()


class Together(asyncio.Transport):
    """A transport that sends at once what is written in one turn of the loop.

    uvicorn writes the head and the body of an answer one after the other: two calls of the system
    here, and two awakenings of the caller.
    """

    def __init__(self, below: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__()
        self._below, self._loop, self._parts = below, loop, list[bytes]()
        for name in ("get_extra_info", "is_closing", "pause_reading", "resume_reading"):
            setattr(self, name, getattr(below, name))

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Take bytes to be sent before the loop looks at anything else."""
        if not self._parts:
            self._loop.call_soon(self._send)
        self._parts.append(bytes(data))

    def _send(self) -> None:
        if self._parts:
            self._below.write(b"".join(self._parts))
            self._parts.clear()

    def close(self) -> None:
        """Send what was written, then close."""
        self._send()
        self._below.close()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Hand the connection over to another protocol."""
        self._send()
        self._below.set_protocol(protocol)
