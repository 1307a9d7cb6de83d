"""A backup of an installation that is written to, a second one, and the drill.

By default 1 GB; ``YIWANG_LONG=1`` takes the bar's 10 GB. Nine tenths are files as the lake and the
evidence store keep them (written once), one tenth is the operational store, into which a writer
commits without pause; what the writer had to wait is told too. ``YIWANG_BENCH_POSTGRES`` names a
PostgreSQL server (``postgresql://postgres@127.0.0.1:5432/postgres``) on which a database of its own
is the store instead of SQLite, and is dropped at the end.
"""

import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

GIGABYTES = 10 if os.environ.get("YIWANG_LONG") == "1" else 1
SERVER = os.environ.get("YIWANG_BENCH_POSTGRES", "")
FILE = 8 << 20
BODY = "INSERT INTO thing (body) VALUES (%s)"
NINE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def run() -> Iterator[str]:
    """First backup, second backup, drill."""
    with tempfile.TemporaryDirectory(prefix="yiwang-bench-backup-") as folder, _store() as address:
        home, kept = Path(folder) / "home", Path(folder) / "kept"
        home.mkdir()
        os.environ.update(YIWANG_HOME=str(home), DJANGO_SETTINGS_MODULE="yiwang.boot.settings")
        import django

        django.setup()
        from yiwang.apps.journal import public as journal
        from yiwang.boot.backups import restoring
        from yiwang.boot.backups.taking import take_backup
        from yiwang.boot.database import database

        _fill(home, address)
        journal.append([journal.Entry(event="bench", subject=str(n), at=NINE) for n in range(5000)])
        stop, waits = threading.Event(), list[float]()
        writer = threading.Thread(target=_write, args=(home, address, stop, waits))
        writer.start()
        store = database(address, home=home)
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
        proved = restoring.drill(kept, work=kept, store=store if address else None)
        assert proved.holds
        yield f"drill (restore, count, verify): {proved.seconds:.1f} s, all figures equal"


@contextmanager
def _store() -> Iterator[str]:
    """The address of an empty database on the server; empty for SQLite."""
    if not SERVER:
        yield ""
        return
    name = f"yiwang_bench_{os.getpid()}"
    with psycopg.connect(SERVER, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}".encode())
        try:
            yield urlsplit(SERVER)._replace(path=f"/{name}").geturl()
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


def _fill(home: Path, address: str) -> None:
    whole = GIGABYTES << 30
    for number in range(whole * 9 // 10 // FILE):
        path = home / "evidence" / f"{number % 97:02}" / f"{number:06}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(os.urandom(FILE))
    bodies = range(whole // 10 // (1 << 20))
    if address:
        with psycopg.connect(address) as server:
            server.execute("CREATE TABLE thing (id serial PRIMARY KEY, body bytea)")
            for _ in bodies:
                server.execute(BODY, [os.urandom(1 << 20)])
        return
    with sqlite3.connect(home / "yiwang.sqlite") as store:
        store.execute("PRAGMA journal_mode=WAL")
        store.execute("CREATE TABLE thing (id INTEGER PRIMARY KEY, body BLOB)")
        for _ in bodies:
            store.execute(BODY.replace("%s", "?"), [os.urandom(1 << 20)])
    store.close()


def _write(home: Path, address: str, stop: threading.Event, waits: list[float]) -> None:
    if address:
        with psycopg.connect(address, autocommit=True) as server:
            _commit(lambda body: server.execute(BODY, [body]), stop, waits)
        return
    store = sqlite3.connect(home / "yiwang.sqlite", timeout=60)
    store.execute("PRAGMA synchronous=FULL")

    def write(body: bytes) -> None:
        with store:
            store.execute(BODY.replace("%s", "?"), [body])

    _commit(write, stop, waits)
    store.close()


def _commit(write: Callable[[bytes], object], stop: threading.Event, waits: list[float]) -> None:
    while not stop.is_set():
        began = time.perf_counter()
        write(os.urandom(200))
        waits.append(time.perf_counter() - began)
