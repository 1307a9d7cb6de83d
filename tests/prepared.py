"""What tests share the making of: packs read, databases migrated, packs installed.

Reading packs, forty migrations and an installation cost seconds each. They are made once and
copied: the migrated database in a file of the machine's temporary folder, named after what the
migrations say; an installation as rows in memory, laid into the test's own transaction.
"""

import hashlib
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings

from yiwang.packkit import Library
from yiwang.packkit.current import current_library

Rows = dict[str, tuple[int, list[tuple[object, ...]]]]
"""For each table that holds any: its columns and its rows."""

FAST = ["django.contrib.auth.hashers.MD5PasswordHasher"]
"""Password digests are slow on purpose; tests make many of them."""

BY_MIGRATIONS = ("django_migrations", "django_content_type")

_left_by: dict[object, Rows] = {}


def migrate() -> None:
    """Bring the database in memory to the state of the migrations, from the file if there is one.

    Only for SQLite; ``settings_for_tests`` tells Django to leave the migrations to us.
    """
    ready = Path(tempfile.gettempdir()) / f"yiwang-migrated-{_said_by_migrations()}.sqlite"
    connection.ensure_connection()
    if ready.exists():
        _copy(ready, ":here:")
        return
    _copy(":memory:", ":here:")
    call_command("migrate", verbosity=0)
    with tempfile.TemporaryDirectory() as making:
        made = Path(making) / "made.sqlite"
        _copy(":here:", made)
        made.replace(ready)


def copy_to(file: Path) -> None:
    """Lay a copy of the database in memory into ``file``: the store of a process to be started."""
    _copy(":here:", file)


def _said_by_migrations() -> str:
    digest = hashlib.sha256(Path(settings.DATABASES["default"]["ENGINE"]).name.encode())
    for path in sorted(Path(settings.PACKS).parent.glob("src/yiwang/apps/*/migrations/*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:20]


def _copy(source: Path | str, target: Path | str) -> None:
    with_ends = [
        connection.connection if end == ":here:" else sqlite3.connect(end)
        for end in (source, target)
    ]
    with_ends[0].backup(with_ends[1])
    for end in with_ends:
        if end is not connection.connection:
            end.close()


def library(place: str = "siyang") -> Library:
    """The packs of a place, read and checked once in this process."""
    return current_library(settings.PACKS, place, settings.HOME)


def install(*rooms: ModuleType, at: datetime) -> None:
    """Install siyang's packs in these apps, given by their doors."""

    def anew() -> None:
        for room in rooms:
            room.install(library(), at=at)

    once(anew, name=(*rooms, at))


def once(install: Callable[[], object], *, name: object = None) -> None:
    """Do ``install`` the first time in this process; afterwards lay down the rows that it left.

    Where the database holds something already it is done anew: what it meets may change what
    it does.
    """
    if _rows():
        install()
        return
    name = name or install
    if name in _left_by:
        _lay(_left_by[name])
    else:
        install()
        _left_by[name] = _rows()


Made = TypeVar("Made")


def for_module(blocker: Any, make: Callable[[], Made]) -> Iterator[Made]:
    """``make`` once for a module: each of its tests begins from there and is undone by itself.

    For a fixture of module's scope that takes ``django_db_setup`` and ``django_db_blocker``, and
    yields from this.
    """
    with blocker.unblock():
        fence = transaction.atomic()
        fence.__enter__()
        with override_settings(PASSWORD_HASHERS=FAST):
            made = make()
    yield made
    with blocker.unblock():
        transaction.set_rollback(True)
        fence.__exit__(None, None, None)


def _rows() -> Rows:
    """What stands in the tables, without what the migrations left and what triggers write."""
    found: Rows = {}
    with connection.cursor() as cursor:
        searched = _searched(cursor)
        for table in connection.introspection.table_names(cursor):
            if table in BY_MIGRATIONS or table in searched or table.startswith(searched[1::2]):
                continue
            cursor.execute(f'SELECT * FROM "{table}"')
            if rows := cursor.fetchall():
                found[table] = (len(cursor.description), rows)
    return found


def _searched(cursor: Any) -> tuple[str, ...]:
    """Each table that SQLite's search keeps, and the beginning of what lies beside it."""
    if connection.vendor != "sqlite":
        return ()
    cursor.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE VIRTUAL TABLE%'")
    return tuple(part for (name,) in cursor.fetchall() for part in (name, f"{name}_"))


def _lay(rows: Rows) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA defer_foreign_keys = ON")
        for table, (width, values) in rows.items():
            marks = ", ".join(["%s"] * width)
            cursor.executemany(f'INSERT INTO "{table}" VALUES ({marks})', values)
        if connection.vendor == "postgresql":
            _raise_sequences(cursor, rows)


def _raise_sequences(cursor: Any, rows: Rows) -> None:
    """Let PostgreSQL count on from the highest number that was laid down."""
    for table in rows:
        for counted in connection.introspection.get_sequences(cursor, table):
            column = counted["column"]
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('\"{table}\"', '{column}'), "
                f'max("{column}")) FROM "{table}"'
            )
