"""The platform on a free port of this machine while a stage talks to it over real HTTP."""

import json
import socket
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from yiwang.kernel.errors import Unavailable


class ServerSilent(Unavailable):
    """The demo's own server did not come up."""

    code = "boot.server_silent"


@dataclass(frozen=True)
class Reply:
    """Status and body of an answer."""

    status: int
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Site:
    """Where the platform answers now."""

    address: str

    def get(self, path: str, *, headers: Mapping[str, str] | None = None) -> Reply:
        """GET a path; refusals are replies too."""
        return self._send(urllib.request.Request(self.address + path, headers=dict(headers or {})))  # noqa: S310 - loopback only

    def post(self, path: str, content: Any, *, headers: Mapping[str, str] | None = None) -> Reply:
        """POST JSON to a path."""
        heads = {"Content-Type": "application/json", **(headers or {})}
        body = json.dumps(content).encode()
        return self._send(urllib.request.Request(self.address + path, data=body, headers=heads))  # noqa: S310 - loopback only

    def post_lines(self, path: str, lines: Sequence[bytes], *, token: str) -> Reply:
        """POST one message a line, as a device with its token does."""
        heads = {"Content-Type": "application/x-ndjson", "Authorization": f"Bearer {token}"}
        return self._send(
            urllib.request.Request(self.address + path, data=b"\n".join(lines), headers=heads)  # noqa: S310 - loopback only
        )

    def _send(self, request: urllib.request.Request) -> Reply:
        try:
            with urllib.request.urlopen(request, timeout=30) as reply:  # noqa: S310 - loopback only
                return Reply(reply.status, reply.read())
        except urllib.error.HTTPError as refusal:
            with refusal:
                return Reply(refusal.code, refusal.read())


@contextmanager
def site() -> Iterator[Site]:
    """Serve on a free loopback port until the block ends."""
    from yiwang.boot.asgi import application

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(
            application,
            host="127.0.0.1",
            port=port,
            log_config=None,
            log_level="warning",
            access_log=False,
        )
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30
    while not server.started:
        if time.monotonic() > deadline or not thread.is_alive():
            raise ServerSilent("演示服务器没有启动。", hint="检查端口和日志后重新运行。")
        time.sleep(0.02)
    try:
        yield Site(f"http://127.0.0.1:{port}")
    finally:
        server.should_exit = True
        thread.join(10)
