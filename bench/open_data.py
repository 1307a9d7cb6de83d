"""Open data over HTTP: search over 10,000 releases, and 500 clients that download at once.

The platform runs in a process of its own, as `serve` runs it; its memory is read from the kernel.
"""

import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).parents[1]
RELEASES = int(os.environ.get("BENCH_RELEASES", "10000"))
LARGE = int(os.environ.get("BENCH_ROWS", "200000"))
CLIENTS = int(os.environ.get("BENCH_CLIENTS", "500"))
SEARCHES = (
    "q=%E5%85%BB%E8%80%81",
    "q=many&fq=organization:civil-affairs&rows=20",
    "q=*:*&sort=metadata_modified+desc&rows=20&facet.field=" + quote('["tags","organization"]'),
    "fq=tags:%E4%BA%BA%E5%8F%A3&rows=20&start=200",
    "q=" + quote("數據集 00042"),
)


def run() -> Iterator[str]:
    """Build the home, serve it, search it, download from it."""
    with tempfile.TemporaryDirectory() as home:
        own = {
            **os.environ,
            "YIWANG_HOME": home,
            "YIWANG_LOG": "WARNING",
            "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings",
            "PYTHONPATH": f"{ROOT / 'tests'}:{ROOT}",
        }
        made = subprocess.run(
            [sys.executable, "tests/open_home.py", str(RELEASES), str(LARGE)],
            env=own,
            cwd=ROOT,
            check=True,
            stdout=subprocess.PIPE,
        )
        known = json.loads(made.stdout)
        with served(own) as (port, process):
            yield from _searched(port)
            yield from _downloaded(port, process, known)


def _searched(port: int) -> Iterator[str]:
    for query in SEARCHES:
        path, times = f"/api/3/action/package_search?{query}", []
        for _ in range(60):
            began = time.perf_counter()
            status, _size = asyncio.run(_get(port, path))
            times.append((time.perf_counter() - began) * 1e3)
            assert status == 200, status
        times.sort()
        yield (
            f"package_search over {RELEASES:,}: p50 {times[30]:.1f} ms, p95 {times[56]:.1f} ms "
            f"(bar 50) {query[:40]}"
        )


def _downloaded(port: int, process: int, known: dict[str, int | str]) -> Iterator[str]:
    path, before = f"/open/{known['name']}/data.csv", _memory(process)
    began = time.perf_counter()
    found = asyncio.run(_crowd(port, path))
    seconds = time.perf_counter() - began
    bad = sum(status != 200 or size != known["size"] for status, size, _ in found)
    times = sorted(one for _, _, one in found)
    total = sum(size for _, size, _ in found) / 1e6
    yield (
        f"{CLIENTS} clients at once, {int(known['size']) / 1e6:.1f} MB each: {bad} not whole, "
        f"{total / seconds:,.0f} MB/s, p50 {times[len(times) // 2]:.1f} s, "
        f"p99 {times[int(len(times) * 0.99)]:.1f} s, "
        f"memory {before:.0f} MB before, {_memory(process):.0f} MB after (peak)"
    )


async def _crowd(port: int, path: str) -> list[tuple[int, int, float]]:
    async def one() -> tuple[int, int, float]:
        began = time.perf_counter()
        status, size = await _get(port, path)
        return status, size, time.perf_counter() - began

    return await asyncio.gather(*(one() for _ in range(CLIENTS)))


async def _get(port: int, path: str) -> tuple[int, int]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    size = 0
    while piece := await reader.read(1 << 18):
        size += len(piece)
    writer.close()
    return int(head.split(b" ", 2)[1]), size


def _memory(process: int) -> float:
    """The peak of resident memory, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


@contextmanager
def served(own: dict[str, str]) -> Iterator[tuple[int, int]]:
    """The platform on a free port: (port, process)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "uvicorn", "yiwang.boot.asgi:application"]
    server = subprocess.Popen(
        [*command, "--port", str(port), "--log-level", "warning", "--no-access-log"],
        env=own,
        cwd=ROOT,
    )
    try:
        for _ in range(600):
            try:
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(10)
