"""Slow request heads: whoever dribbles is let go, whoever is quick or idle between is not."""

import socket
import time
from collections.abc import Iterator

import pytest
from listening import listening

from yiwang.boot import patience


async def app(scope, receive, send):  # type: ignore[no-untyped-def]
    if scope["type"] == "http":
        head = [(b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def port(monkeypatch) -> Iterator[int]:
    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.5)
    with listening(app, http=patience.Patient) as port:
        yield port


def ended_after(line: socket.socket, text: bytes, *, every: float) -> float:
    """Send sign by sign until the server hangs up; how long it took."""
    began = time.monotonic()
    line.settimeout(every)
    for sign in text:
        try:
            line.send(bytes([sign]))
            if line.recv(1000) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - began


def test_a_head_that_comes_sign_by_sign_is_not_waited_for(port):
    with socket.create_connection(("127.0.0.1", port)) as line:
        assert 0.3 < ended_after(line, b"GET / HTTP/1.1\r\nHost: " + b"a" * 60, every=0.1) < 4


def test_a_connection_without_a_word_is_not_waited_for(port):
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        assert line.recv(10) == b""


def test_a_later_request_of_a_connection_has_the_same_time(port):
    request = b"GET / HTTP/1.1\r\nHost: gate\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        for _ in range(2):
            line.send(request)
            answer = b""
            while not answer.endswith(b"\r\n\r\nok"):
                answer += line.recv(1000)
            assert answer.startswith(b"HTTP/1.1 200")
            time.sleep(0.8)  # idle between two requests: that time is uvicorn's own
        assert 0.3 < ended_after(line, request[:-2] + b"x: " + b"a" * 60, every=0.1) < 4


def test_the_head_and_the_body_of_an_answer_arrive_together(port):
    with socket.create_connection(("127.0.0.1", port)) as line:
        for _ in range(20):
            line.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert line.recv(4000).endswith(b"\r\n\r\nok")
