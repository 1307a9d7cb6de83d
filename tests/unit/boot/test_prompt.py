"""The gate's connections: plain questions take the short way, all others uvicorn's, in order."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest
from listening import listening

from yiwang.boot import prompt
from yiwang.faces.api.gateway import Reply

PLAIN = b"GET /gate/v1/base.resident?%s HTTP/1.1\r\nHost: gate\r\n\r\n"


async def app(scope, receive, send):  # type: ignore[no-untyped-def]
    if scope["type"] == "http":
        head = [(b"content-length", b"8")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"long way"})


def prompted(scope, send) -> bool:  # type: ignore[no-untyped-def]
    """Answers a moment later with what was asked; ``refused`` at once; ``file`` not at all."""
    asked = scope["query_string"]
    if asked == b"file":
        return False
    status = 400 if asked == b"refused" else 200
    reply = Reply(status, [(b"content-length", str(len(asked)).encode())], asked)
    if asked == b"refused":
        send(reply)
    else:
        asyncio.get_running_loop().call_later(0.05, send, reply)
    return True


@pytest.fixture
def port(monkeypatch) -> Iterator[int]:
    monkeypatch.setattr(prompt, "prompt", prompted)
    with listening(app, http=prompt.Prompt, timeout_keep_alive=1) as port:
        yield port


def answers(line: socket.socket, count: int) -> list[bytes]:
    """The bodies of so many answers, in their order."""
    stream = line.makefile("rb")
    bodies = []
    for _ in range(count):
        head = b"".join(iter(stream.readline, b"\r\n"))
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        bodies.append(stream.read(length))
    return bodies


def test_one_question_after_the_other_on_one_connection(port):
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        for asked in (b"a", b"refused", b"b"):
            line.sendall(PLAIN % asked)
            assert answers(line, 1) == [asked]


def test_questions_sent_together_are_answered_in_order(port):
    asked = [b"a", b"file", b"refused", b"b"]
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(b"".join(PLAIN % one for one in asked))
        found = answers(line, 4)
    # what waits behind an answer goes the long way, and is answered there
    assert found == [b"a", b"long way", b"long way", b"long way"]


@pytest.mark.parametrize(
    "request_",
    [
        PLAIN % b"file",
        b"GET /gate/v1/t?a HTTP/1.0\r\n\r\n",
        b"HEAD /gate/v1/t?a HTTP/1.1\r\nHost: gate\r\n\r\n",
        b"GET /gate/v1/%41?a HTTP/1.1\r\nHost: gate\r\n\r\n",
        b"GET /gate/v1/t?a HTTP/1.1\r\nHost: gate\r\nConnection: close\r\n\r\n",
        b"POST /gate/v1/t HTTP/1.1\r\nHost: gate\r\nContent-Length: 2\r\n\r\n{}",
        b"POST /gate/v1/t HTTP/1.1\r\nHost: g\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
)
def test_what_is_not_plain_goes_the_long_way(port, request_):
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(request_)
        head, _, body = line.recv(1000).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert body in (b"long way", b"")  # HEAD has none


def test_a_quiet_connection_ends_and_one_that_speaks_stays(port):
    with (
        socket.create_connection(("127.0.0.1", port), 5) as quiet,
        socket.create_connection(("127.0.0.1", port), 5) as busy,
    ):
        for line in (quiet, busy):
            line.sendall(PLAIN % b"a")
            assert answers(line, 1) == [b"a"]
        for _ in range(4):
            time.sleep(0.4)
            busy.sendall(PLAIN % b"b")
            assert answers(busy, 1) == [b"b"]
        assert quiet.recv(100) == b""


def test_who_leaves_before_the_answer_disturbs_nobody(port):
    for _ in range(3):
        with socket.create_connection(("127.0.0.1", port), 5) as line:
            line.sendall(PLAIN % b"a")
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        time.sleep(0.1)
        line.sendall(PLAIN % b"b")
        assert answers(line, 1) == [b"b"]
