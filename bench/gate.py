"""The gate over HTTP: grant check, lookup, masking, durable metering and journal before the answer.

The gate runs in a process of its own as in production; callers keep their connections. Its CPU is
read from the kernel, once as it is and once with the record left out (the same path unaudited). On
PostgreSQL it is held against pgbench running the transaction of a PostgREST-like gateway on the
same server: find the grant or say who calls, look the row up, enter the audit row, commit.
"""

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
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from yiwang.kernel.clock import CHINA

ROOT = Path(__file__).parents[1]
CKAN_MICROS, CKAN_RATE = 3551, 226
"""CKAN 2.12 ``datastore_search``: CPU per request and requests/s, as measured for the stack."""
SECONDS = float(os.environ.get("BENCH_SECONDS", "6"))
CALLERS = (16, 64, 256)
RESIDENTS = 50_000
"""As many rows as pgbench chooses from."""
ASK = """
local asked, requests = 0, {}
function init(arguments)
  for number in io.lines(arguments[1]) do
    local query = "id_number=" .. number .. "&columns=name,phone,address"
    requests[#requests + 1] = wrk.format("GET", "/gate/v1/base.resident?" .. query)
  end
end
function request()
  asked = asked + 1
  return requests[asked % #requests + 1]
end
function done(summary, latency, _)
  local broken = summary.errors
  local failed = broken.connect + broken.read + broken.write + broken.status + broken.timeout
  io.write(string.format(
    '\\n{"count": %d, "seconds": %f, "failed": %d, "p50": %f, "p99": %f}\\n',
    summary.requests, summary.duration / 1e6, failed,
    latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
"""
AFTER_THE_KEY = datetime(2026, 11, 23, 10, tzinfo=CHINA)
_BEGAN = time.monotonic()
SERVED = """
import sys
import begun_at
begun_at.shift(sys.argv[2])
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
gate.app, gate.Prompt = app, gate.Prompt.__base__  # uvicorn's way for every request
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
        made = [sys.executable, "tests/gate_home.py", "1000000000", str(RESIDENTS)]
        known = json.loads(output(made, own))
        for audited in (True, False):
            with served(own, audited) as (port, process):
                gates = [(port, process)]
                for callers in CALLERS if audited else CALLERS[2:]:
                    yield _line(name, callers, audited, _load(gates, known, callers))
                if audited and more:  # on PostgreSQL several gates share one store
                    with served(own, audited) as other:
                        for callers in (CALLERS[-1], 2 * CALLERS[-1]):
                            found = _load([*gates, other], known, callers)
                            yield _line(f"{name}, two gates", callers, audited, found)
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
        f"p99 {found['p99']:.1f} ms, not 200: {found['failed']}"
    )


@contextlib.contextmanager
def served(own: dict[str, str], audited: bool, program: str = SERVED) -> Iterator[tuple[int, int]]:
    """A server of ``program`` on a free port: its port and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program += ("" if audited else UNAUDITED) + SERVE
    now = AFTER_THE_KEY + timedelta(seconds=time.monotonic() - _BEGAN)
    command = [sys.executable, "-c", program, str(port), now.isoformat()]
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


def _load(
    gates: list[tuple[int, int]], known: dict[str, Any], callers: int, seconds: float = SECONDS
) -> dict[str, Any]:
    """Callers in a process of their own; the CPU of the servers over the same time."""
    ports = [port for port, _ in gates]
    call(ports, known, callers, 1)  # warm
    before = sum(_cpu_of(process) for _, process in gates)
    found = call(ports, known, callers, seconds)
    return {**found, "cpu": sum(_cpu_of(process) for _, process in gates) - before}


def call(ports: list[int], known: dict[str, Any], callers: int, seconds: float) -> dict[str, Any]:
    """Ask for one resident after the other on ``callers`` connections, without pause.

    The callers are wrk, in C as pgbench is: whoever calls shares the cores with the gate.
    """
    with tempfile.TemporaryDirectory() as folder:
        script, numbers = Path(folder, "ask.lua"), Path(folder, "numbers")
        script.write_text(ASK)
        numbers.write_text("\n".join(known["id_numbers"]))
        each = ["wrk", "-t", "1", "-c", str(callers // len(ports)), "-d", f"{seconds:.0f}s"]
        each += ["-H", f"Authorization: Bearer {known['key']}", "-H", "X-Case: SY2026110200170"]
        each += ["-H", f"X-Purpose: {quote(known['purpose'])}", "-s", str(script)]
        asking = [
            subprocess.Popen(
                [*each, f"http://127.0.0.1:{port}", "--", str(numbers)],
                stdout=subprocess.PIPE,
                text=True,
            )
            for port in ports
        ]
        told = [json.loads(one.communicate()[0].splitlines()[-1]) for one in asking]
    return {
        "count": sum(one["count"] for one in told),
        "seconds": max(one["seconds"] for one in told),
        "failed": sum(one["failed"] for one in told),
        "p50": max(one["p50"] for one in told),
        "p99": max(one["p99"] for one in told),
    }


def _cpu_of(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(") ")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
