"""A database cut in the middle of a read: said, nothing published, the next load is whole."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pymysql
import pytest

from yiwang.lake import FeedColumn, FeedPlan, Lake, Shape, Source
from yiwang.lake.extracts import SourceUnreadable
from yiwang.lake.store import TableUnknown

NINE = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)
ROWS, CUT = 40_000, 400_000
"""Rows of the table, some 4 MB; bytes of answers after which the line is cut."""
PLAN = FeedPlan(
    name="base.assistance",
    shape=Shape(table="assistance"),
    key=("id_number",),
    columns=(
        FeedColumn(name="id_number", sources=("id_number",)),
        FeedColumn(name="kind", sources=("kind",)),
    ),
)


@contextmanager
def cut_line(url: str, after: int) -> Iterator[str]:
    """The URL of a line to the server that breaks once ``after`` bytes of answers have passed."""
    to, over, passed = urlsplit(url), threading.Event(), [0]
    server = (to.hostname or "", to.port or (5432 if to.scheme.startswith("postgres") else 3306))
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)

    def relay(near: socket.socket) -> None:
        with near, socket.create_connection(server) as far, suppress(OSError):
            while not over.is_set():
                for ready in select.select([near, far], [], [], 0.1)[0]:
                    piece = ready.recv(16_384)
                    passed[0] += len(piece) if ready is far else 0
                    if not piece or passed[0] > after:
                        return
                    (near if ready is far else far).sendall(piece)

    def serve() -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                lines.append(threading.Thread(target=relay, args=(listener.accept()[0],)))
                lines[-1].start()

    lines: list[threading.Thread] = []
    serving = threading.Thread(target=serve)
    serving.start()
    account = to.netloc.rpartition("@")[0]
    try:
        address = f"{account}@127.0.0.1:{listener.getsockname()[1]}"
        yield to._replace(netloc=address).geturl()
    finally:
        over.set()
        serving.join()
        for line in lines:
            line.join()
        listener.close()


def collect_over(lake: Lake, kind: str, url: str) -> None:
    """Cut the first read, find everything as it was, read again over a whole line."""
    with cut_line(url, CUT) as broken, pytest.raises(SourceUnreadable) as told:
        lake.collect(PLAN, Source(kind=kind, url=broken), at=NINE, run="r1")
    assert "127.0.0.1" not in str(told.value) + repr(told.value.data)
    with pytest.raises(TableUnknown):
        lake.snapshots("base.assistance")
    assert not [path for path in (lake.root / "staging").iterdir() if path.is_dir()]

    done = lake.collect(PLAN, Source(kind=kind, url=url), at=NINE, run="r1")
    assert (done.read, done.accepted) == (ROWS, ROWS)


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    lake = Lake(tmp_path / "lake")
    lake.root = tmp_path / "lake"
    return lake


def test_a_postgresql_table_cut_in_the_middle_is_read_again_whole(lake, postgres):
    with psycopg.connect(postgres) as connection:
        connection.execute(
            "CREATE TABLE assistance AS SELECT 'A' || n AS id_number, repeat('低保', 15) AS kind "
            f"FROM generate_series(1, {ROWS}) AS n"
        )
    collect_over(lake, "postgres", postgres)


def test_a_mariadb_table_cut_in_the_middle_is_read_again_whole(lake, mariadb):
    url = urlsplit(mariadb)
    connection = pymysql.connect(
        host=url.hostname,
        port=url.port or 3306,
        user=url.username or "root",
        password=url.password or "",
        database=url.path[1:],
        autocommit=True,
    )
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE assistance AS SELECT CONCAT('A', seq) AS id_number, "
            f"REPEAT('d', 80) AS kind FROM seq_1_to_{ROWS}"
        )
    collect_over(lake, "mariadb", mariadb)
