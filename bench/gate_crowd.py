"""Five hundred callers at the gate at once, for minutes: every status, the slowest, the memory.

``BENCH_SECONDS`` says for how long (45; the bar is 300). The gate is a process of its own on
SQLite, every answer metered and journalled before it leaves.
"""

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from bench import gate

CALLERS = 500
SECONDS = float(os.environ.get("BENCH_SECONDS", "45"))


def run() -> Iterator[str]:
    """Call without pause; memory is read every second."""
    with tempfile.TemporaryDirectory() as home:
        own = gate.environment(home)
        made = [sys.executable, "tests/gate_home.py", "1000000000", str(gate.RESIDENTS)]
        known = json.loads(gate.output(made, own))
        with gate.served(own, audited=True) as (port, process):
            gate.call([port], known, CALLERS, 3)
            memory: list[float] = []
            watching = threading.Thread(target=_watch, args=(process, memory))
            watching.start()
            found = gate.call([port], known, CALLERS, SECONDS)
            memory.append(-1)  # the end
            watching.join()
    seen = [one for one in memory if one > 0]
    third = max(len(seen) // 3, 1)
    early, late = max(seen[:third]), max(seen[-third:])
    yield (
        f"{CALLERS} callers for {found['seconds']:.0f} s: {found['count']:,.0f} answers "
        f"({found['count'] / found['seconds']:,.0f}/s), other than 200: {found['failed']:.0f} "
        f"(bar 0), p50 {found['p50']:.0f} ms, p99 {found['p99']:.0f} ms"
    )
    yield f"memory of the gate: first third {early:.0f} MB, last third {late:.0f} MB (bar: flat)"


def _watch(process: int, memory: list[float]) -> None:
    while not memory or memory[-1] > 0:
        status = Path(f"/proc/{process}/status").read_text()
        resident = next(line for line in status.splitlines() if line.startswith("VmRSS"))
        memory.append(int(resident.split()[1]) / 1024)
        time.sleep(1)
