"""A backup of an installation that is written to, a second one, and the drill.

By default 1 GB; ``YIWANG_LONG=1`` takes the bar's 10 GB. Nine tenths are files as the lake and the
evidence store keep them (written once), one tenth is the operational store, into which a writer
commits without pause; what the writer had to wait is told too.
"""

import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

GIGABYTES = 10 if os.environ.get("YIWANG_LONG") == "1" else 1
FILE = 8 << 20
NINE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def run() -> Iterator[str]:
    """First backup, second backup, drill."""
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-backup-") as folder:
        home, kept = Path(folder) / "home", Path(folder) / "kept"
        home.mkdir()
        os.environ.update(YIWANG_HOME=str(home), DJANGO_SETTINGS_MODULE="yiwang.boot.settings")
        import django

        django.setup()
        from yiwang.apps.journal import public as journal
        from yiwang.boot.backups import restoring
        from yiwang.boot.backups.taking import take_backup
        from yiwang.boot.database import database

        _fill(home)
        journal.append([journal.Entry(event="bench", subject=str(n), at=NINE) for n in range(5000)])
        stop, waits = threading.Event(), list[float]()
        writer = threading.Thread(target=_write, args=(home, stop, waits))
        writer.start()
        store = database("", home=home)
        for turn, title in enumerate(("first", "second")):
            done = take_backup(
                home, to=kept, store=store, place="siyang", at=NINE + timedelta(minutes=turn)
            )
            yield (
                f"{title} backup of {done.size / 1e9:.2f} GB under load: {done.seconds:.1f} s, "
                f"{done.new_bytes / 1e6:,.0f} MB written"
            )
        stop.set()
        writer.join()
        waits.sort()
        yield (
            f"the writer meanwhile: {len(waits):,} durable commits, p99 "
            f"{waits[int(len(waits) * 0.99)] * 1000:.0f} ms, longest {waits[-1] * 1000:.0f} ms"
        )
        proved = restoring.drill(kept, work=kept, store=None)
        assert proved.holds
        yield f"drill (restore, count, verify): {proved.seconds:.1f} s, all figures equal"


def _fill(home: Path) -> None:
    whole = GIGABYTES << 30
    for number in range(whole * 9 // 10 // FILE):
        path = home / "evidence" / f"{number % 97:02}" / f"{number:06}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(FILE))
    with sqlite3.connect(home / "yiwang.sqlite") as store:
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, body BLOB)")
        for _ in range(whole // 10 // (1 << 20)):
            store.execute("INSERT INTO thing (body) VALUES (?)", [os.urandom(1 << 20)])
    store.close()


def _write(home: Path, stop: threading.Event, waits: list[float]) -> None:
    store = sqlite3.connect(home / "yiwang.sqlite", timeout=60)
    store.execute("PRAGMA synchronous=FULL")
    while not stop.is_set():
        began = time.perf_counter()
        with store:
            store.execute("INSERT INTO thing (body) VALUES (?)", [os.urandom(200)])
        waits.append(time.perf_counter() - began)
    store.close()
