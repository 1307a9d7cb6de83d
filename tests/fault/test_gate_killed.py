"""The gate killed under load: every call that a client got an answer for is on record, twice.

The real server, callers on connections that stay open, SIGKILL in the middle, a new server on the
same home; then the meter and the journal are read and held against what the callers were told.
"""

import contextlib
import http.client
import itertools
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

from yiwang.apps.journal.segments import entry_lines, segments
from yiwang.apps.journal.store import Store

TESTS = Path(__file__).parents[1]
SERVE = """
import begun_at
begun_at.shift("2026-11-23T10:00")  # after the key was issued
import sys
from yiwang.boot.gate import serve
serve(int(sys.argv[1]))
"""
CALLERS, TURNS, ANSWERS_BEFORE_THE_KILL = 12, 3, 400


def _prepared(home: Path, **more: str) -> dict[str, str]:
    """Environment of a gate with a county, a grant and a key of its own."""
    own = {
        **os.environ,
        "YIWANG_HOME": str(home),
        "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings",
        **more,
    }
    prepared = subprocess.run(
        [sys.executable, "gate_home.py", "1000000"],
        cwd=TESTS, env=own, capture_output=True, text=True, check=True,
    )  # fmt: skip
    known = json.loads(prepared.stdout.splitlines()[-1])
    return {**own, **{name.upper(): text for name, text in known.items()}}


def _served(own: dict[str, str]) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port)],
        cwd=TESTS, env=own, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for _ in range(300):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return server, port
        time.sleep(0.1)
    server.kill()
    raise AssertionError("the gate did not start")


def _hammer(port: int, own: dict[str, str], answered: dict[str, int]) -> None:
    """Call until the server is gone; every fourth call declares a purpose that is not granted."""
    query = urlencode({"id_number": own["ID_NUMBER"], "columns": "name,phone"})
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as line:
        for turn in itertools.count():
            purpose = "另有用途" if turn % 4 == 3 else own["PURPOSE"]
            headers = {
                "Authorization": f"Bearer {own['KEY']}",
                "X-Purpose": quote(purpose),
                "X-Case": "SY2026110200170",
            }
            try:
                line.request("GET", f"/gate/v1/base.resident?{query}", headers=headers)
                with line.getresponse() as reply:
                    reply.read()
            except (OSError, http.client.HTTPException):
                return
            answered[reply.headers["x-call"]] = reply.status


def _killed_under_load(own: dict[str, str], answered: dict[str, int]) -> None:
    server, port = _served(own)
    before = len(answered)
    callers = [threading.Thread(target=_hammer, args=(port, own, answered)) for _ in range(CALLERS)]
    for caller in callers:
        caller.start()
    deadline = time.monotonic() + 60
    while len(answered) < before + ANSWERS_BEFORE_THE_KILL and time.monotonic() < deadline:
        time.sleep(0.01)
    server.send_signal(signal.SIGKILL)
    server.wait()
    for caller in callers:
        caller.join(60)
    assert len(answered) >= before + ANSWERS_BEFORE_THE_KILL


def _metered(own: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Each call on record with its result and the id of its journal entry."""
    asked = "SELECT number, code, entry FROM exchange_callrecord"
    if "YIWANG_DATABASE" in own:
        with psycopg.connect(own["YIWANG_DATABASE"]) as connection:
            rows = connection.execute(asked).fetchall()
            [[used]] = connection.execute("SELECT sum(calls) FROM exchange_dailyuse").fetchall()
    else:
        with contextlib.closing(sqlite3.connect(f"{own['YIWANG_HOME']}/yiwang.sqlite")) as kept:
            rows = kept.execute(asked).fetchall()
            [[used]] = kept.execute("SELECT sum(calls) FROM exchange_dailyuse").fetchall()
    assert used == sum(code == "allowed" for _, code, _ in rows)
    return {number: (code, entry) for number, code, entry in rows}


def test_no_answered_call_is_unrecorded_after_kill_9(tmp_path):
    _prove(_prepared(tmp_path))


def test_no_answered_call_is_unrecorded_after_kill_9_on_postgresql(tmp_path, postgres):
    _prove(_prepared(tmp_path, YIWANG_DATABASE=postgres))


def _prove(own: dict[str, str]) -> None:
    answered: dict[str, int] = {}
    for _ in range(TURNS):
        _killed_under_load(own, answered)
    server, port = _served(own)  # goes on with the log as the kill left it
    try:
        asking = threading.Thread(target=_hammer, args=(port, own, answered))
        asking.start()
        time.sleep(0.5)
    finally:
        server.terminate()
        server.wait(30)
    asking.join(60)

    metered = _metered(own)
    log = Path(own["YIWANG_HOME"]) / "journal"
    entries = [json.loads(line) for path in segments(log) for line in entry_lines(path)]
    journalled = {entry["id"]: entry["facts"].get("call") for entry in entries}

    statuses = Counter(answered.values())
    assert set(statuses) == {200, 403}
    for call, status in answered.items():
        code, entry = metered[call]
        assert code == ("allowed" if status == 200 else "wrong_purpose")
        assert journalled[entry] == call
    assert Store(log).size_and_root()[0] == len(entries)
