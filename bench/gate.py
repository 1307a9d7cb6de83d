"""The gate's path: grant check, lookup, masking, durable metering and journal, answer by answer.

Informative; the bars come with the sharing gate's own issue. One caller pays a database commit
and a journal block for each answer; sixteen callers share them.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
ONE, MANY, CALLERS = 500, 3000, 16


def run() -> Iterator[str]:
    """Prepare a home, then measure in a process that uses it."""
    with tempfile.TemporaryDirectory() as home:
        own = {
            **os.environ,
            "YIWANG_HOME": home,
            "DJANGO_SETTINGS_MODULE": "yiwang.boot.settings",
            "PYTHONPATH": f"{ROOT / 'tests'}:{ROOT}",
        }
        prepared = _output([sys.executable, str(ROOT / "tests/gate_home.py"), "10000000"], own)
        known = prepared.splitlines()[-1]
        yield from _output([sys.executable, "-m", "bench.gate", known], own).splitlines()


def _output(command: list[str], environment: dict[str, str]) -> str:
    done = subprocess.run(
        command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout


def measure(known: dict[str, str]) -> None:
    """Print answers per second, CPU and p99 for one caller and for many."""
    import django

    django.setup()
    from yiwang.apps.exchange import public as exchange
    from yiwang.kernel.clock import system_clock

    call = exchange.Call(
        key=known["key"],
        table="base.resident",
        where={"id_number": known["id_number"]},
        columns=("name", "phone", "address"),
        purpose=known["purpose"],
        case="SY2026110200170",
    )

    def answered(_: int) -> float:
        began = time.perf_counter()
        exchange.answer(call, at=system_clock())
        return time.perf_counter() - began

    answered(0)
    for callers, count in ((1, ONE), (CALLERS, MANY)):
        with ThreadPoolExecutor(callers) as pool:
            list(pool.map(answered, range(callers)))
            began, cpu = time.perf_counter(), time.process_time()
            took = sorted(pool.map(answered, range(count)))
            seconds, spent = time.perf_counter() - began, time.process_time() - cpu
        print(
            f"{callers} callers: {count / seconds:,.0f} answers/s, "
            f"{spent / count * 1e6:,.0f} µs CPU each, "
            f"p50 {took[count // 2] * 1e3:.1f} ms, p99 {took[count * 99 // 100] * 1e3:.1f} ms"
        )


if __name__ == "__main__":
    measure(json.loads(sys.argv[1]))
