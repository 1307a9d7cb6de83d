"""The gate's connections: plain questions take the short way, all others uvicorn's, in order."""

import asyncio
import socket
import time
from collections.abc import Iterator

import pytest
from listening import listening

from yiwang.boot import patience, prompt
from yiwang.faces.api import gateway
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
    body = b"large" * 2**21 if asked == b"large" else asked
    reply = Reply(status, [(b"content-length", str(len(body)).encode())], body)
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


def test_who_does_not_read_gets_no_more_answers_and_is_let_go(port, monkeypatch):
    monkeypatch.setattr(patience, "READ_SECONDS", 0.5)
    asked = []
    monkeypatch.setattr(prompt, "prompt", lambda *given: (asked.append(given), prompted(*given))[1])
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.settimeout(5)
        line.connect(("127.0.0.1", port))
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            for _ in range(50):
                line.sendall(PLAIN % b"large")
                time.sleep(0.1)
    assert len(asked) == 1, "what comes before the last answer is taken waits on the long way"


def test_who_reads_slowly_but_steadily_gets_all(port, monkeypatch):
    monkeypatch.setattr(patience, "READ_SECONDS", 0.5)
    monkeypatch.setattr(patience, "LEAST_READ", 1024)
    taken = 0
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(PLAIN % b"large")
        while taken < 5 * 2**21:
            taken += len(line.recv(2**20))
            time.sleep(0.1)


class Taken:
    """A desk that notes which calls reach it, and answers none."""

    def __init__(self) -> None:
        self.tables: list[str] = []

    def of(self, call):  # type: ignore[no-untyped-def]
        self.tables.append(call.table)
        return self

    def put(self, draft, done) -> None:  # type: ignore[no-untyped-def]
        asyncio.get_running_loop().call_soon(done, gateway.RequestTooSlow("没有答复。"))

    async def settle(self, draft) -> None:  # type: ignore[no-untyped-def]
        raise gateway.RequestTooSlow("没有答复。")


@pytest.fixture
def gate(monkeypatch) -> Iterator[tuple[int, list[str]]]:
    """The gate itself: its port, and the tables of the calls that were understood."""
    taken = Taken()
    monkeypatch.setattr(gateway, "_desks", taken)
    with listening(gateway.app, http=prompt.Prompt) as port:
        yield port, taken.tables


ASK = b"GET /gate/v1/base.resident?id_number=1 HTTP/1.1\r\nHost: gate\r\n"
HIDDEN = b"GET /gate/v1/base.hidden?id_number=1 HTTP/1.1\r\nHost: gate\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        ASK + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
        ASK + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
        ASK + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        ASK + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
        ASK + b"Content-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
        ASK + b"Content-Length: -1\r\n\r\n" + HIDDEN,
        ASK + b"X-Case: a\n\n" + HIDDEN,
        ASK + b"X-Case: a\rX-Purpose: b\r\n\r\n",
        ASK + b"X-Case: a\x00b\r\n\r\n",
        ASK + b" folded: a\r\n\r\n",
        ASK + b"Host: other\r\n\r\n",
        ASK + b"X-Filler: " + b"a" * 20_000 + b"\r\n\r\n",
        ASK + b"X-A: 1\r\n" * 70 + b"\r\n",
        b"GET http://gate HTTP/1.1\r\nHost: gate\r\n\r\n",
        b"GET * HTTP/1.1\r\nHost: gate\r\n\r\n",
        b"GET /gate/v1/\xe4\xb8\xad HTTP/1.1\r\nHost: gate\r\n\r\n",
        b"GET /gate/v1/base.resident?a=1 HTTP/1.1 HTTP/1.1\r\nHost: gate\r\n\r\n",
    ],
)
def test_a_request_that_could_be_read_in_two_ways_reaches_no_desk(gate, sent):
    port, tables = gate
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(sent)
        line.shutdown(socket.SHUT_WR)
        assert line.recv(9).startswith(b"HTTP/1.1")
        assert line.recv(1000)[:2].strip().startswith(b"4")
        while line.recv(10_000):
            pass
    assert tables == []


def test_a_request_with_a_whole_address_is_read_by_its_path(gate):
    port, tables = gate
    with socket.create_connection(("127.0.0.1", port), 5) as line:
        line.sendall(ASK.replace(b"/gate", b"http://gate/gate", 1) + b"\r\n")
        assert line.recv(1000).startswith(b"HTTP/1.1 408")
    assert tables == ["base.resident"]


def test_a_head_without_end_is_not_kept(gate, monkeypatch):
    monkeypatch.setattr(patience, "HEAD_SECONDS", 60)
    port, tables = gate
    with (
        socket.create_connection(("127.0.0.1", port), 5) as line,
        pytest.raises((ConnectionResetError, BrokenPipeError)),
    ):
        for _ in range(2000):
            line.sendall(ASK + b"X-Filler: " + b"a" * 10_000 + b"\r\n")
    assert tables == []
