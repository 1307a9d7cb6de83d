"""Databases as sources: one table each, every column as text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

import connectorx
import duckdb
import pymysql

from yiwang.lake.backends.duck import COLLECTING, Connection, literal, open_engine, quoted
from yiwang.lake.backends.sqlite_bytes import read_bytes
from yiwang.lake.backends.windows import bound
from yiwang.lake.extracts import (
    Extract,
    SourceUnreadable,
    match_columns,
    require_all,
    unused_of,
)
from yiwang.lake.plans import FeedPlan, PlanMalformed, Source, Window

_TABLE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)?")


@contextmanager
def opened(
    plan: FeedPlan, source: Source, *, work: Path, tables: Path, window: Window | None = None
) -> Iterator[tuple[Connection, Extract]]:
    """An engine that sees the table of the feed, and the extract that reads it."""
    if not _TABLE.fullmatch(plan.shape.table):
        raise PlanMalformed(
            f"{plan.name} 的表名“{plan.shape.table}”不可用。",
            hint="请写 表 或 模式.表。",
            feed=plan.name,
        )
    opener = {"sqlite": _sqlite, "postgres": _postgres, "mariadb": _mariadb}[source.kind]
    with opener(plan, source, work, tables) as (engine, relation):
        extract = _extract(engine, plan, relation, window)
        if source.kind == "sqlite":
            extract = replace(extract, careful=lambda: read_bytes(plan, source, extract, work))
        yield engine, extract


def _extract(engine: Connection, plan: FeedPlan, relation: str, window: Window | None) -> Extract:
    try:
        found = engine.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    except duckdb.Error as error:
        raise _unreadable(plan, error) from error
    offered = [str(row[0]) for row in found]
    header = match_columns(plan, [[name] for name in offered])
    require_all(plan, header, offered=offered, file=plan.shape.table)
    texts = {
        column: f"nullif(trim(CAST({quoted(offered[position])} AS VARCHAR), ' \t\r\n'), '')"
        for column, position in header.positions.items()
    }
    kinds = {str(row[0]): str(row[1]) for row in found}
    where = ""
    if window is not None and plan.increment is not None:
        column = offered[header.positions[plan.increment.by]]
        where = _asked_of_the_source(column, kinds[column], plan, window)
    return Extract(
        file=plan.shape.table,
        relation=f"SELECT CAST(NULL AS BIGINT) AS _line, * FROM {relation}{where}",
        names=header.names,
        texts=texts,
        rows=None,
        unused=unused_of(header, offered),
    )


def _asked_of_the_source(column: str, kind: str, plan: FeedPlan, window: Window) -> str:
    """A condition that the source itself can answer, for columns that have a type there.

    Text columns are compared after they were read: their spellings do not sort by time.
    """
    type_ = plan.types[plan.increment.by] if plan.increment else "text"
    typed = {
        "integer": ("BIGINT", "INTEGER", "HUGEINT", "SMALLINT"),
        "date": ("DATE",),
        "instant": ("TIMESTAMP WITH TIME ZONE",),
    }
    if not window.since or kind not in typed.get(type_, ()):
        return ""
    return f" WHERE {quoted(column)} >= {bound(window.since, type_)} OR {quoted(column)} IS NULL"


@contextmanager
def _sqlite(
    plan: FeedPlan, source: Source, work: Path, tables: Path
) -> Iterator[tuple[Connection, str]]:
    if not source.path.is_file():
        raise SourceUnreadable(
            f"{plan.name} 的 SQLite 文件不存在。", hint="请核对 sources.yaml。", feed=plan.name
        )
    engine = _attached(
        plan,
        folders=[tables, work, source.path.parent],
        work=work,
        extension="sqlite_scanner",
        attach=f"{literal(str(source.path))} AS source (TYPE sqlite, READ_ONLY)",
    )
    try:
        yield engine, f"source.{quoted(plan.shape.table)}"
    finally:
        engine.close()


@contextmanager
def _postgres(
    plan: FeedPlan, source: Source, work: Path, tables: Path
) -> Iterator[tuple[Connection, str]]:
    engine = _attached(
        plan,
        folders=[tables, work],
        work=work,
        extension="postgres_scanner",
        attach=f"{literal(source.url)} AS source (TYPE postgres, READ_ONLY)",
    )
    schema, _, table = plan.shape.table.rpartition(".")
    try:
        yield engine, f"source.{quoted(schema or 'public')}.{quoted(table)}"
    finally:
        engine.close()


def _attached(
    plan: FeedPlan, *, folders: list[Path], work: Path, extension: str, attach: str
) -> Connection:
    try:
        return open_engine(
            folders=folders,
            scratch=work / "scratch",
            extension=extension,
            attach=attach,
            threads=COLLECTING,
        )
    except duckdb.Error as error:
        raise _unreadable(plan, error) from None  # the cause may hold the address and password


def _unreadable(plan: FeedPlan, error: Exception) -> SourceUnreadable:
    return SourceUnreadable(
        f"{plan.name} 的数据库或表 {plan.shape.table} 读不了。",
        hint="请核对服务是否可达、账号是否有读权、表是否还在。",
        feed=plan.name,
        kind=type(error).__name__,
    )


@contextmanager
def _mariadb(
    plan: FeedPlan, source: Source, work: Path, tables: Path
) -> Iterator[tuple[Connection, str]]:
    """Columns as text through connectorx, in Arrow."""
    engine = open_engine(folders=[tables, work], scratch=work / "scratch", threads=COLLECTING)
    columns = ", ".join(
        f"CAST({_backticked(name)} AS CHAR) AS {_backticked(name)}"
        for name in _mariadb_columns(plan, source)
    )
    names = ".".join(_backticked(part) for part in plan.shape.table.split("."))
    try:
        rows = connectorx.read_sql(
            source.url, f"SELECT {columns} FROM {names}", return_type="arrow_stream"
        )
        engine.register("source", rows)
        yield engine, "source"
    except RuntimeError as error:
        raise _unreadable(plan, error) from None  # the cause may hold the address and password
    finally:
        engine.close()


def _mariadb_columns(plan: FeedPlan, source: Source) -> list[str]:
    """The table's columns; asked through pymysql, which gives up on a dead server in seconds."""
    parts = urlsplit(source.url)
    schema, _, table = plan.shape.table.rpartition(".")
    try:
        with (
            pymysql.connect(
                host=parts.hostname or "127.0.0.1",
                port=parts.port or 3306,
                user=unquote(parts.username or ""),
                password=unquote(parts.password or ""),
                database=unquote(parts.path[1:]),
                connect_timeout=10,
            ) as connection,
            connection.cursor() as cursor,
        ):
            cursor.execute(
                "SELECT column_name FROM information_schema.columns "
                "WHERE table_schema = coalesce(%s, database()) AND table_name = %s "
                "ORDER BY ordinal_position",
                (schema or None, table),
            )
            names = [str(row[0]) for row in cursor.fetchall()]
    except pymysql.Error as error:
        raise _unreadable(plan, error) from None  # the cause may hold the address
    if not names:
        raise _unreadable(plan, LookupError())
    return names


def _backticked(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
