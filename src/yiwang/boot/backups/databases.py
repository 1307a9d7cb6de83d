"""A consistent copy of the operational store while it is written to, and its counts."""

import os
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from yiwang.boot.database import silent
from yiwang.kernel.errors import Conflict, Unavailable

STORE = "yiwang.sqlite"
"""The store of an installation without PostgreSQL, in its data folder."""
DUMP = "store.dump"
"""The folder in which a dump of PostgreSQL stands in a backup: one file for each table."""


class DumpFailed(Unavailable):
    """pg_dump or pg_restore is missing or gave up."""

    code = "boot.dump_failed"


class DatabaseNotEmpty(Conflict):
    """A restore never writes into tables that are there."""

    code = "boot.database_not_empty"


class NoSpareDatabase(Unavailable):
    """The role may not make a database beside its own."""

    code = "boot.no_spare_database"


def copy_sqlite(source: Path, target: Path) -> None:
    """The database as one transaction sees it; writers go on meanwhile (write-ahead log)."""
    with (
        closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")


def counts_of_sqlite(file: Path) -> dict[str, int]:
    """Rows of every table."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        tables = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
            " AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY name"
        ).fetchall()
        return {
            name: int(database.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608 - names of its own tables
            for (name,) in tables
        }


def soundness_of_sqlite(file: Path) -> str:
    """``ok``, or what SQLite itself finds wrong."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as database:
        return str(database.execute("PRAGMA quick_check(5)").fetchone()[0])


def dump_postgres(settings: Mapping[str, Any], target: Path) -> dict[str, int]:
    """Dump the database; returns the rows of every table as the same snapshot sees them."""
    with _connected(settings) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = connection.execute("SELECT pg_export_snapshot()").fetchone()[0]
        _run(
            ["pg_dump", "-Fd", "-Z0", f"--snapshot={snapshot}", "-f", str(target)], settings
        )  # file by file and uncompressed: what did not change is found again
        counts = counts_of(connection)
        connection.execute("COMMIT")
    return counts


def counts_of(connection: Any) -> dict[str, int]:
    """Rows of every table that this connection sees."""
    return {
        name: int(connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0])  # noqa: S608 - names of its own tables
        for name in _tables(connection)
    }


def _tables(connection: Any) -> list[str]:
    rows = connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
    ).fetchall()
    return [name for (name,) in rows]


def demand_empty(settings: Mapping[str, Any]) -> None:
    """Raise ``DatabaseNotEmpty`` where a restore would meet somebody's tables."""
    with _connected(settings) as connection:
        tables = _tables(connection)
    if tables:
        raise DatabaseNotEmpty(
            f"数据库 {settings['NAME']} 里已有 {len(tables)} 张表，没有恢复任何内容。",
            hint="另建一个空库，用 --database 指定。",
        )


def restore_postgres(settings: Mapping[str, Any], dump: Path) -> dict[str, int]:
    """Fill an empty database from a dump; returns the rows of every table."""
    _run(
        ["pg_restore", "--no-owner", "--no-privileges", "--exit-on-error",
         "-d", str(settings["NAME"]), str(dump)],
        settings,
    )  # fmt: skip
    with _connected(settings) as connection:
        return counts_of(connection)


@contextmanager
def spare_database(settings: Mapping[str, Any], name: str) -> Iterator[dict[str, Any]]:
    """An empty database beside this one, for a drill; dropped afterwards."""
    from psycopg.errors import InsufficientPrivilege

    with _connected(settings) as connection:
        try:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}"')
            connection.execute(f'CREATE DATABASE "{name}"')
        except InsufficientPrivilege as error:
            role = settings["USER"]
            raise NoSpareDatabase(
                f"数据库账户 {role} 没有建库权限，演练建不了临时库，没有演练。",
                hint=f"以数据库管理员执行 ALTER ROLE {role} CREATEDB，再运行一次。",
                role=role,
            ) from error
    try:
        yield {**settings, "NAME": name}
    finally:
        with _connected(settings) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def _connected(settings: Mapping[str, Any]) -> Iterator[Any]:
    import psycopg

    try:
        connection = psycopg.connect(
            host=settings["HOST"] or None,
            port=settings["PORT"] or None,
            user=settings["USER"] or None,
            password=settings["PASSWORD"] or None,
            dbname=settings["NAME"],
            autocommit=True,
            **settings.get("OPTIONS", {}),
        )
    except psycopg.OperationalError as error:
        raise silent(error) from error
    with closing(connection):
        yield connection


def _run(command: list[str], settings: Mapping[str, Any]) -> None:
    names = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD"}
    environment = os.environ | {
        variable: str(settings[key]) for variable, key in names.items() if settings.get(key)
    }
    environment |= {"PGDATABASE": str(settings["NAME"])}
    if mode := settings.get("OPTIONS", {}).get("sslmode"):
        environment["PGSSLMODE"] = mode
    try:
        done = subprocess.run(  # noqa: S603 - our own arguments
            command, env=environment, capture_output=True, text=True, check=False
        )
    except FileNotFoundError as error:
        raise DumpFailed(
            f"找不到 {command[0]}。",
            hint="安装 PostgreSQL 的客户端工具：apt-get install postgresql-client。",
        ) from error
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["没有说明"])[-1]
        raise DumpFailed(
            f"{command[0]} 没有完成：{last}",
            hint="检查数据库是否可达、账户是否有权限、磁盘是否有空间，然后重新运行。",
        )
