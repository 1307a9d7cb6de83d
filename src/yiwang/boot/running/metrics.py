"""Prometheus text (version 0.0.4): counts and ages, no name of a person or a case."""

import resource
import shutil
import time
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.boot.backups.keeping import last_backup
from yiwang.boot.running.counting import requests
from yiwang.faces.oversight.live import watching

Sample = tuple[Mapping[str, str], float]
BEGAN = time.time()


def text(at: datetime) -> str:
    """Everything that is measured now."""
    return "".join(_family(*family) for family in _families(at))


def _families(at: datetime) -> Iterator[tuple[str, str, str, list[Sample]]]:
    counted, seconds = requests()
    yield (
        "yiwang_requests_total",
        "counter",
        "Answered requests of this process.",
        [
            ({"route": route, "method": method, "status": str(status)}, float(count))
            for (route, method, status), count in sorted(counted.items())
        ],
    )
    yield (
        "yiwang_request_seconds_total",
        "counter",
        "Seconds spent answering, by route.",
        [({"route": route}, spent) for route, spent in sorted(seconds.items())],
    )
    usage = resource.getrusage(resource.RUSAGE_SELF)
    yield _one("yiwang_cpu_seconds_total", "counter", "CPU time.", usage.ru_utime + usage.ru_stime)
    yield _one("yiwang_memory_peak_bytes", "gauge", "Peak memory.", usage.ru_maxrss * 1024.0)
    yield _one("yiwang_start_time_seconds", "gauge", "When this process began.", BEGAN)
    yield _one("yiwang_live_streams", "gauge", "Live screens open now.", float(watching()))
    yield from _work(at)
    yield from _keeping(at)


def _work(at: datetime) -> Iterator[tuple[str, str, str, list[Sample]]]:
    states = jobs.count_jobs()
    samples: list[Sample] = [({"state": one}, float(n)) for one, n in sorted(states.items())]
    yield "yiwang_jobs", "gauge", "Background jobs by state.", samples
    known = jobs.availability(at=at, days=1)
    if known.share is not None:
        yield _one("yiwang_available_today", "gauge", "Share of minutes answered.", known.share)
    if known.last is not None:
        age = (at - known.last).total_seconds()
        yield _one("yiwang_worker_seen_seconds", "gauge", "Since the worker last probed.", age)
    if checkpoint := journal.checkpoint():
        yield _one("yiwang_journal_entries", "gauge", "Signed entries.", float(checkpoint.size))
        age = (at - checkpoint.at).total_seconds()
        yield _one("yiwang_journal_checkpoint_age_seconds", "gauge", "Since the last one.", age)


def _keeping(at: datetime) -> Iterator[tuple[str, str, str, list[Sample]]]:
    home = Path(settings.HOME)
    usage = shutil.disk_usage(home)
    yield _one("yiwang_disk_free_bytes", "gauge", "Free on the data disk.", float(usage.free))
    yield _one("yiwang_store_bytes", "gauge", "Size of the operational store.", _store_bytes())
    known = last_backup(home)
    for name, key in (("backup", "taken_at"), ("drill", "drilled_at")):
        if key in known:
            age = (at - datetime.fromisoformat(known[key])).total_seconds()
            yield _one(f"yiwang_{name}_age_seconds", "gauge", f"Since the last {name}.", age)


def _store_bytes() -> float:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_database_size(current_database())")
            return float(cursor.fetchone()[0])
    store = Path(str(connection.settings_dict["NAME"]))
    return float(store.stat().st_size) if store.exists() else 0.0


def _one(name: str, kind: str, help_: str, value: float) -> tuple[str, str, str, list[Sample]]:
    return name, kind, help_, [({}, value)]


def _family(name: str, kind: str, help_: str, samples: list[Sample]) -> str:
    lines = [f"# HELP {name} {help_}", f"# TYPE {name} {kind}"]
    for labels, value in samples:
        told = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
        lines.append(f"{name}{{{told}}} {value:.6g}" if told else f"{name} {value:.12g}")
    return "\n".join(lines) + "\n"


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
