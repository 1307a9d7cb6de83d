"""HTTP whose patience ends: whoever does not finish the head of a request in time is let go.

So is whoever does not read what was written. Bodies have their own time in the gate; without this a
client that sends or reads a sign a minute would hold a connection for ever. And an answer's head
and body leave together.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
"""Seconds from the first moment of a connection, or the first sign of a request, to its head."""
MOST_HEAD = 512 * 1024
"""Bytes after which a head that does not end is no request."""
READ_SECONDS = 90.0
"""Seconds in which a client must take ``LEAST_READ`` of what waits for it, or all of it.

Longer than the gate's patience with a file, which says on record why it broke off.
"""
LEAST_READ = 64 * 1024


class Patient(HttpToolsProtocol):
    """uvicorn's protocol with time limits for heads to come and answers to be read."""

    _late: asyncio.TimerHandle | None = None
    _is_in_head = False
    _head = 0
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(0)  # we are told of every byte that nobody takes
        self.transport = Together(transport, self.loop)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Begin to wait for the rest of a later request's head, if it is not all there."""
        super().data_received(data)
        if self._is_in_head:
            self._head += len(data)
            if self._head > MOST_HEAD:
                self._let_go()
            elif self._late is None:
                self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._is_in_head, self._head = True, 0

    def on_headers_complete(self) -> None:
        """The head is there."""
        self._relax()
        super().on_headers_complete()

    def pause_writing(self) -> None:
        """The client does not read as fast as we write."""
        super().pause_writing()
        self._watch_reading()

    def resume_writing(self) -> None:
        """The client has taken all."""
        super().resume_writing()
        self._stop_watching()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        self._stop_watching()
        self._relax()
        super().connection_lost(exc)

    def _wait(self) -> None:
        self._late = self.loop.call_later(HEAD_SECONDS, self._let_go)

    def _relax(self) -> None:
        self._is_in_head = False
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _watch_reading(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._unread = self.loop.call_later(READ_SECONDS, self._abort_unless_read, left)

    def _stop_watching(self) -> None:
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _abort_unless_read(self, before: int) -> None:
        """Closing would wait for the client to take the rest; only giving it up ends."""
        if before - self.transport.get_write_buffer_size() < LEAST_READ:
            self.transport.abort()
        else:
            self._watch_reading()

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
        for name in (
            "abort", "get_extra_info", "get_write_buffer_size", "is_closing", "pause_reading",
            "resume_reading",
        ):  # fmt: skip
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
