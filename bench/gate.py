"""The gate over HTTP: grant check, lookup, masking, durable metering and journal before the answer.

The gate runs in a process of its own as in production; callers keep their connections. Its CPU is
read from the kernel, once as it is and once with the record left out (the same path unaudited). On
PostgreSQL it is held against pgbench running the transaction of a PostgREST-like gateway on the
same server: find the grant, look the row up, enter the audit row, commit.
"""

import asyncio
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

ROOT = Path(__file__).parents[1]
CKAN_MICROS, CKAN_RATE = 3551, 226
"""CKAN 2.12 ``datastore_search``: CPU per request and requests/s, as measured for the stack."""
SECONDS = float(os.environ.get("BENCH_SECONDS", "6"))
CALLERS = (16, 64, 256)
SERVED = """
import begun_at
begun_at.shift("2026-11-23T10:00")  # after the key was issued
from yiwang.boot.gate import app
"""
FLOOR = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"].endswith("shutdown"):
                return
    await send({"type": "http.response.start", "status": 200,
                "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
"""
"""An application that does nothing: what HTTP costs on this machine at this moment."""
UNAUDITED = """
from yiwang.apps.exchange import counter
counter.record = lambda drafts: None
"""


def run() -> Iterator[str]:
    """Measure on SQLite and, where a server is there, on PostgreSQL."""
    yield from _measured("SQLite", {})
    address = os.environ.get("YIWANG_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")
    with contextlib.suppress(OSError), _database(address) as database:
        yield from _measured("PostgreSQL", {"YIWANG_DATABASE": database})
        yield from _ceiling(database)


def _measured(name: str, more: dict[str, str]) -> Iterator[str]:
    with tempfile.TemporaryDirectory() as home:
        own = {**environment(home), **more}
        known = json.loads(output([sys.executable, "tests/gate_home.py", "1000000000"], own))
        for audited in (True, False):
            with served(own, audited) as (port, process):
                for callers in CALLERS if audited else CALLERS[2:]:
                    yield _line(name, callers, audited, _load(port, process, known, callers))
        with served(own, True, FLOOR) as (port, process):
            floor = _load(port, process, known, CALLERS[-1])
            micros = floor["cpu"] / floor["count"] * 1e6
            yield f"an application that does nothing, {CALLERS[-1]} callers: {micros:,.0f} µs CPU"


def environment(home: str) -> dict[str, str]:
    """What a gate with a home of its own is told."""
    return {
        **os.environ,
        "YIWANG_HOME": home,
        "YIWANG_LOG": "WARNING",
        "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings",
        "PYTHONPATH": f"{ROOT / 'tests'}:{ROOT}",
    }


def _line(name: str, callers: int, audited: bool, found: dict[str, Any]) -> str:
    micros = found["cpu"] / found["count"] * 1e6
    return (
        f"{name}{'' if audited else ', unaudited'}, {callers} callers: "
        f"{found['count'] / found['seconds']:,.0f} answers/s, {micros:,.0f} µs CPU each "
        f"({CKAN_MICROS / micros:.1f} x CKAN by CPU), p50 {found['p50']:.1f} ms, "
        f"p99 {found['p99']:.1f} ms, not 200: {found['failed']:.0f}{found['refusal']}"
    )


@contextlib.contextmanager
def served(own: dict[str, str], audited: bool, program: str = SERVED) -> Iterator[tuple[int, int]]:
    """A server of ``program`` on a free port: its port and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (Path(own["YIWANG_HOME"]) / "measured.py").write_text(program + ("" if audited else UNAUDITED))
    own = {**own, "PYTHONPATH": f"{own['PYTHONPATH']}:{own['YIWANG_HOME']}"}
    command = [sys.executable, "-m", "uvicorn", "measured:app", "--port", str(port)]
    command += ["--no-access-log"]
    server = subprocess.Popen([*command, "--log-level", "warning"], env=own, cwd=ROOT)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def _load(port: int, process: int, known: dict[str, str], callers: int) -> dict[str, Any]:
    """Callers in a process of their own; the server's CPU over the same time."""
    worker = [sys.executable, "-m", "bench.gate", str(port), str(callers), json.dumps(known)]
    subprocess.run([*worker, "0.7"], cwd=ROOT, check=True, capture_output=True)  # warm
    before = _cpu_of(process)
    done = subprocess.run(
        [*worker, str(SECONDS)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    return {**json.loads(done.stdout), "cpu": _cpu_of(process) - before}


def _cpu_of(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def call(port: int, known: dict[str, str], callers: int, seconds: float) -> dict[str, Any]:
    """Ask again and again on ``callers`` connections; how long each answer took."""
    query = urlencode({"id_number": known["id_number"], "columns": "name,phone,address"})
    request = (
        f"GET /gate/v1/base.resident?{query} HTTP/1.1\r\nHost: gate\r\n"
        f"Authorization: Bearer {known['key']}\r\nX-Purpose: {quote(known['purpose'])}\r\n"
        "X-Case: SY2026110200170\r\n\r\n"
    ).encode()
    took: list[float] = []
    failed, refusal, until = 0, "", time.perf_counter() + seconds

    async def caller() -> None:
        nonlocal failed, refusal
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while (began := time.perf_counter()) < until:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            body = await reader.readexactly(int(length[1]) if length else 0)
            if not head.startswith(b"HTTP/1.1 200"):
                failed += 1
                refusal = (head.partition(b"\r\n")[0] + body[:300]).decode("utf-8", "replace")
            took.append(time.perf_counter() - began)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(caller() for _ in range(callers)))
    spent = time.perf_counter() - began
    took.sort()
    count = len(took)
    return {
        "count": count,
        "seconds": spent,
        "failed": failed,
        "refusal": refusal,
        "p50": took[count // 2] * 1e3,
        "p99": took[count * 99 // 100] * 1e3,
    }


PGBENCH = """
\\set id random(1, 50000)
BEGIN;
SELECT g.columns, g.purpose FROM bench_grant g WHERE g.digest = md5('key') AND g.until > now();
SELECT row_to_json(r) FROM (SELECT name, phone, address FROM bench_resident WHERE id = :id) r;
INSERT INTO bench_audit (who, what, purpose, matter, status)
  VALUES ('civil-affairs', :id, '高龄津贴核实', 'SY2026110200170', 200);
COMMIT;
"""
TABLES = """
CREATE TABLE bench_grant (digest text PRIMARY KEY, columns text, purpose text, until timestamptz);
INSERT INTO bench_grant VALUES (md5('key'), 'name,phone', '高龄津贴核实', now() + interval '1 day');
CREATE TABLE bench_resident (id bigint PRIMARY KEY, name text, phone text, address text);
INSERT INTO bench_resident SELECT n, '王秀英', '13812345678', '众兴街道北京路'
  FROM generate_series(1, 50000) n;
CREATE TABLE bench_audit (number bigserial PRIMARY KEY, at timestamptz DEFAULT now(), who text,
  what bigint, purpose text, matter text, status int);
CREATE INDEX ON bench_audit (at);
"""


def _ceiling(database: str) -> Iterator[str]:
    """What the transaction of a gateway that puts one audit row per call reaches at best."""
    subprocess.run(["psql", "-q", database, "-c", TABLES], check=True, capture_output=True)
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(PGBENCH)
        script.flush()
        for clients in CALLERS[:2]:
            command = ["pgbench", "-n", "-M", "prepared", "-T", str(int(SECONDS)), "-j", "1"]
            out = output([*command, "-c", str(clients), "-f", script.name, database], os.environ)
            rate = re.search(r"tps = ([\d.]+)", out)
            yield f"pgbench ceiling, {clients} clients: {float(rate[1]):,.0f} transactions/s"


@contextlib.contextmanager
def _database(address: str) -> Iterator[str]:
    name = f"bench_gate_{os.getpid()}"
    made = subprocess.run(
        ["psql", "-q", address, "-c", f"CREATE DATABASE {name}"], capture_output=True, text=True
    )
    if made.returncode:
        raise OSError(made.stderr)
    try:
        yield f"{address.rpartition('/')[0]}/{name}"
    finally:
        drop = f"DROP DATABASE {name} WITH (FORCE)"
        subprocess.run(["psql", "-q", address, "-c", drop], capture_output=True)


def output(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout.strip().splitlines()[-1] if "tests" in command[1] else done.stdout


if __name__ == "__main__":
    _port, _callers, _known, _seconds = sys.argv[1:]
    found = asyncio.run(call(int(_port), json.loads(_known), int(_callers), float(_seconds)))
    print(json.dumps(found))
