"""The gate's HTTP: plain questions answered without a task, an event and the messages of ASGI.

uvicorn reads the request and keeps the connection; what it would do for each question beyond that
costs more than reading it. Whatever is not plain (a body, a file, a request before the answer to
the last, HTTP/1.0, ``Expect``, ``Upgrade``, a client that has not taken its last answer) goes
through uvicorn as everywhere.
"""

import asyncio

import httptools
from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from yiwang.boot.patience import Patient
from yiwang.faces.api.gateway import Reply, prompt

_NOT_PLAIN = frozenset(
    {b"expect", b"upgrade", b"connection", b"content-length", b"transfer-encoding"}
)


class Prompt(Patient):
    """A connection of the gate."""

    _quiet: asyncio.TimerHandle | None = None
    _quiet_since = 0.0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A plain answer is one piece: nothing has to be put together."""
        super().connection_made(transport)
        self.transport = transport

    def on_headers_complete(self) -> None:
        """Answer a plain question; hand anything else to uvicorn."""
        if not self._is_plain():
            super().on_headers_complete()
            return
        self._relax()
        address = httptools.parse_url(self.url)
        self.scope["method"] = "GET"
        self.scope["raw_path"] = address.path
        self.scope["path"] = address.path.decode("ascii")
        self.scope["query_string"] = address.query or b""
        answering = _Answering(self)
        self.cycle = answering  # type: ignore[assignment] # all that uvicorn asks of a cycle
        if not prompt(self.scope, answering.send):  # type: ignore[arg-type] # a scope is a mapping
            self.cycle = None  # type: ignore[assignment]
            super().on_headers_complete()

    def _is_plain(self) -> bool:
        return (
            (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
            and b"%" not in self.url
            and self.parser.get_method() == b"GET"
            and self.parser.get_http_version() == "1.1"
            and all(name not in _NOT_PLAIN for name, _ in self.headers)
        )

    def on_response_complete(self) -> None:
        """Wait for the next request: one timer a connection instead of one an answer."""
        if self.pipeline:
            super().on_response_complete()
            return
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        self._quiet_since = self.loop.time()
        if self._quiet is None:
            self._quiet = self.loop.call_later(self.timeout_keep_alive, self._end_if_quiet)

    def _end_if_quiet(self) -> None:
        self._quiet = None
        if self.transport.is_closing() or not (self.cycle is None or self.cycle.response_complete):
            return
        left = self._quiet_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._quiet = self.loop.call_later(left, self._end_if_quiet)
        elif not self._is_in_head:  # who has begun a request has the time of its head
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody is waited for any more."""
        if self._quiet is not None:
            self._quiet.cancel()
            self._quiet = None
        super().connection_lost(exc)


class _Answering:
    """A question being answered, with what uvicorn asks of its cycles."""

    __slots__ = ("disconnected", "keep_alive", "line", "more_body", "response_complete")

    def __init__(self, line: Prompt) -> None:
        self.line = line
        self.response_complete = self.disconnected = False
        self.keep_alive = True
        self.more_body = False

    @property
    def message_event(self) -> "_Answering":
        """Nobody waits for messages."""
        return self

    def set(self) -> None:
        """As an event is set."""

    def send(self, reply: Reply) -> None:
        """Write the whole answer at once, and wait for the next question."""
        line, self.response_complete = self.line, True
        if self.disconnected or line.transport.is_closing():
            return
        parts = [STATUS_LINE[reply.status]]
        for name, value in (*line.server_state.default_headers, *reply.headers):
            parts += (name, b": ", value, b"\r\n")
        parts.append(b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n")
        parts.append(reply.body)
        line.transport.write(b"".join(parts))
        if not self.keep_alive:
            line.transport.close()
        line.on_response_complete()
