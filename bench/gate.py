"""The gate over HTTP: grant check, lookup, masking, durable metering and journal before the answer.

The gate runs in a process of its own as in production; callers keep their connections. Its CPU is
read from the kernel, once as it is and once with the record left out (the same path unaudited). On
PostgreSQL it is held against pgbench running the transaction of a PostgREST-like gateway on the
same server: find the grant or say who calls, look the row up, enter the audit row, commit.
"""

import asyncio
import contextlib
import itertools
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
LENGTH = re.compile(rb"content-length: (\d+)")
SERVED = """
import begun_at
begun_at.shift("2026-11-23T10:00")  # after the key was issued
import sys
from yiwang.boot import gate
"""
FLOOR = """
import sys
from yiwang.boot import gate
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
gate.app = app
"""
"""An application that does nothing: what HTTP costs on this machine at this moment."""
SERVE = """
gate.serve(int(sys.argv[1]))
"""
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
                gates = [(port, process)]
                for callers in CALLERS if audited else CALLERS[2:]:
                    yield _line(name, callers, audited, _load(gates, known, callers))
                if audited and more:  # on PostgreSQL several gates share one store
                    with served(own, audited) as other:
                        found = _load([*gates, other], known, CALLERS[-1])
                        yield _line(f"{name}, two gates", CALLERS[-1], audited, found)
        with served(own, True, FLOOR) as (port, process):
            floor = _load([(port, process)], known, CALLERS[-1])
            micros = floor["cpu"] / floor["count"] * 1e6
            yield f"an application that does nothing, {CALLERS[-1]} callers: {micros:,.0f} µs CPU"


def environment(home: str) -> dict[str, str]:
    """What a gate with a home of its own is told."""
    return {
        **os.environ,
        "YIWANG_HOME": home,
        "YIWANG_LOG": "WARNING",
        "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings",
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'tests'}:{ROOT}",
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
    command = [sys.executable, "-c", program + ("" if audited else UNAUDITED) + SERVE, str(port)]
    server = subprocess.Popen(command, env=own, cwd=ROOT)
    try:
        for _ in range(300):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait()


def _load(gates: list[tuple[int, int]], known: dict[str, str], callers: int) -> dict[str, Any]:
    """Callers in a process of their own; the CPU of the servers over the same time."""
    ports = ",".join(str(port) for port, _ in gates)
    worker = [sys.executable, "-m", "bench.gate", ports, str(callers), json.dumps(known)]
    subprocess.run([*worker, "0.7"], cwd=ROOT, check=True, capture_output=True)  # warm
    before = sum(_cpu_of(process) for _, process in gates)
    done = subprocess.run(
        [*worker, str(SECONDS)], cwd=ROOT, check=True, capture_output=True, text=True
    )
    after = sum(_cpu_of(process) for _, process in gates)
    return {**json.loads(done.stdout), "cpu": after - before}


def _cpu_of(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class _Caller(asyncio.Protocol):
    """One connection: the next question goes out when the whole answer is there."""

    def __init__(self, request: bytes, until: float, took: list[float]) -> None:
        self.request, self.until, self.took = request, until, took
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.failed, self.refusal, self._held = 0, "", b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self._ask()

    def _ask(self) -> None:
        self.began = time.perf_counter()
        if self.began < self.until:
            self.transport.write(self.request)
        else:
            self.transport.close()
            self.done.set_result(None)

    def data_received(self, data: bytes) -> None:
        self._held += data
        head, ends, body = self._held.partition(b"\r\n\r\n")
        length = LENGTH.search(head) if ends else None
        if not length or len(body) < int(length[1]):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.failed += 1
            self.refusal = (head.partition(b"\r\n")[0] + body[:300]).decode("utf-8", "replace")
        self.took.append(time.perf_counter() - self.began)
        self._held = b""
        self._ask()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(exc or ConnectionError("the gate hung up"))


async def call(
    ports: list[int], known: dict[str, str], callers: int, seconds: float
) -> dict[str, Any]:
    """Ask again and again on ``callers`` connections; how long each answer took."""
    query = urlencode({"id_number": known["id_number"], "columns": "name,phone,address"})
    request = (
        f"GET /gate/v1/base.resident?{query} HTTP/1.1\r\nHost: gate\r\n"
        f"Authorization: Bearer {known['key']}\r\nX-Purpose: {quote(known['purpose'])}\r\n"
        "X-Case: SY2026110200170\r\n\r\n"
    ).encode()
    took: list[float] = []
    loop, began = asyncio.get_running_loop(), time.perf_counter()
    lines = [_Caller(request, began + seconds, took) for _ in range(callers)]
    for number, line in enumerate(lines):
        port = ports[number % len(ports)]
        await loop.create_connection(lambda line=line: line, "127.0.0.1", port)
    await asyncio.gather(*(line.done for line in lines))
    spent = time.perf_counter() - began
    took.sort()
    count = len(took)
    return {
        "count": count,
        "seconds": spent,
        "failed": sum(line.failed for line in lines),
        "refusal": next((line.refusal for line in lines if line.refusal), ""),
        "p50": took[count // 2] * 1e3,
        "p99": took[count * 99 // 100] * 1e3,
    }


CEILINGS = {
    "that finds the grant": (
        "SELECT g.columns, g.purpose FROM bench_grant g"
        " WHERE g.digest = md5('key') AND g.until > now();"
    ),
    "of PostgREST": (
        "SELECT set_config('search_path', 'public', true), set_config('role', 'postgres', true),"
        " set_config('request.jwt.claims', '{\"role\": \"postgres\"}', true),"
        " set_config('request.method', 'GET', true), set_config('request.path', '/r', true);"
    ),
}
"""How each of two gateways begins: with a table of grants, or with the caller's role and claims."""
PGBENCH = """
\\set id random(1, 50000)
BEGIN;
{}
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
    for (title, begins), clients in itertools.product(CEILINGS.items(), CALLERS[:2]):
        with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
            script.write(PGBENCH.format(begins))
            script.flush()
            command = ["pgbench", "-n", "-M", "prepared", "-T", str(int(SECONDS)), "-j", "1"]
            out = output([*command, "-c", str(clients), "-f", script.name, database], os.environ)
        rate = re.search(r"tps = ([\d.]+)", out)
        yield f"pgbench, transaction {title}, {clients} clients: {float(rate[1]):,.0f}/s"


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
    _ports, _callers, _known, _seconds = sys.argv[1:]
    _to = [int(port) for port in _ports.split(",")]
    found = asyncio.run(call(_to, json.loads(_known), int(_callers), float(_seconds)))
    print(json.dumps(found))
