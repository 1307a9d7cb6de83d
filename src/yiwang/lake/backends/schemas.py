"""What stands in a department's database or folder: tables and columns, asked with a reader's eye.

Only the system's own description is read, and row counts as the server knows them; no row.
"""

from __future__ import annotations

import csv
import fnmatch
import itertools
import json
import re
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psycopg
import pymysql

from yiwang.lake.delimited import SEPARATORS
from yiwang.lake.encodings import encoding_of
from yiwang.lake.extracts import SourceUnreadable
from yiwang.lake.headers import HEAD, Merged, find_header
from yiwang.lake.plans import FeedPlan, Source
from yiwang.lake.sheets import unpacked

_SHEETS = {".xlsx", ".xlsm", ".xls", ".ods", ".et"}
_TEXTS = {".csv", ".tsv", ".txt"}
_DIGITS = re.compile(r"\d{2,}")
_PATIENCE = 10
_START = 1 << 18


@dataclass(frozen=True)
class FoundColumn:
    """A column as the source describes it; files have no types."""

    name: str
    type: str = ""


@dataclass(frozen=True)
class FoundTable:
    """A table or a kind of file. ``rows`` is the source's own count or estimate, if it has one."""

    name: str
    columns: tuple[FoundColumn, ...]
    rows: int | None = None
    note: str = ""


def scan(source: Source, plans: Sequence[FeedPlan] = ()) -> list[FoundTable]:
    """Every table or kind of file of a source, by name; ``plans`` are its feeds.

    A file of a feed goes under the feed's pattern, others under their name without digits.
    """
    reader = {"sqlite": _sqlite, "postgres": _postgres, "mariadb": _mariadb}.get(source.kind)
    try:
        found = reader(source) if reader else _folder(source, plans)
    except (sqlite3.Error, psycopg.Error, pymysql.Error, OSError) as error:
        raise SourceUnreadable(
            "数据源读不了，未作扫描。",
            hint="请核对服务是否可达、账号是否有读权、路径是否还在。",
            kind=type(error).__name__,
        ) from None  # the cause may hold the address and password
    return sorted(found, key=lambda one: one.name)


def _sqlite(source: Source) -> list[FoundTable]:
    if not source.path.is_file():
        raise FileNotFoundError
    with closing(sqlite3.connect(f"{source.path.as_uri()}?mode=ro", uri=True)) as db:
        names = db.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
            "AND name NOT LIKE 'sqlite~_%' ESCAPE '~'"
        ).fetchall()
        return [_sqlite_table(db, str(name)) for (name,) in names]


def _sqlite_table(db: sqlite3.Connection, name: str) -> FoundTable:
    quoted = '"' + name.replace('"', '""') + '"'
    columns = db.execute("SELECT name, type FROM pragma_table_info(?)", (name,)).fetchall()
    (rows,) = db.execute(f"SELECT count(*) FROM {quoted}").fetchone()
    return FoundTable(name, tuple(FoundColumn(str(n), str(t)) for n, t in columns), int(rows))


_POSTGRES = """
SELECT c.table_schema, c.table_name, c.column_name, c.data_type, k.reltuples
FROM information_schema.columns c
JOIN pg_namespace n ON n.nspname = c.table_schema
JOIN pg_class k ON k.relnamespace = n.oid AND k.relname = c.table_name
WHERE c.table_schema NOT IN ('pg_catalog', 'information_schema')
ORDER BY 1, 2, c.ordinal_position
"""


def _postgres(source: Source) -> list[FoundTable]:
    options = "-c default_transaction_read_only=on -c statement_timeout=60000"
    with psycopg.connect(source.url, connect_timeout=_PATIENCE, options=options) as db:
        rows = db.execute(_POSTGRES).fetchall()
    return _grouped(
        [
            (name if schema == "public" else f"{schema}.{name}", column, kind, estimate)
            for schema, name, column, kind, estimate in rows
        ]
    )


_MARIADB = """
SELECT c.table_name, c.column_name, c.column_type, t.table_rows
FROM information_schema.columns c
JOIN information_schema.tables t
  ON t.table_schema = c.table_schema AND t.table_name = c.table_name
WHERE c.table_schema = database() ORDER BY 1, c.ordinal_position
"""


def _mariadb(source: Source) -> list[FoundTable]:
    parts = urlsplit(source.url)
    with (
        pymysql.connect(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 3306,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            database=unquote(parts.path[1:]),
            connect_timeout=_PATIENCE,
            read_timeout=60,
        ) as db,
        db.cursor() as cursor,
    ):
        cursor.execute(_MARIADB)
        return _grouped([tuple(row) for row in cursor.fetchall()])


def _grouped(rows: Sequence[tuple[object, ...]]) -> list[FoundTable]:
    """(table, column, type, estimated rows or None or -1) into tables."""
    found = []
    for name, group in itertools.groupby(rows, key=lambda row: row[0]):
        members = list(group)
        estimate = members[0][3]
        is_known = isinstance(estimate, int | float) and estimate >= 0
        columns = tuple(FoundColumn(str(row[1]), str(row[2])) for row in members)
        count = int(estimate) if is_known and isinstance(estimate, int | float) else None
        found.append(FoundTable(str(name), columns, count))
    return found


def _folder(source: Source, plans: Sequence[FeedPlan]) -> list[FoundTable]:
    if not source.path.is_dir():
        raise FileNotFoundError
    latest: dict[str, Path] = {}
    patterns = [plan.shape.file for plan in plans if plan.shape.file]
    for file in sorted(source.path.iterdir()):
        if not file.is_file() or file.suffix.lower() not in _SHEETS | _TEXTS:
            continue
        own = next((one for one in patterns if fnmatch.fnmatch(file.name, one)), None)
        latest[own or _DIGITS.sub("*", file.name)] = file
    by_pattern = {plan.shape.file: plan for plan in plans}
    return [_file(name, file, by_pattern.get(name)) for name, file in latest.items()]


def _file(name: str, file: Path, plan: FeedPlan | None) -> FoundTable:
    try:
        heads = _sheet_heads(file) if file.suffix.lower() in _SHEETS else [(_text_head(file), ())]
    except SourceUnreadable as unreadable:
        return FoundTable(name, (), note=unreadable.message)
    best: tuple[str, ...] = ()
    for rows, merged in heads:
        place = find_header(plan, rows, merged) if plan else None
        names = place.names if place else _likeliest(rows)
        best = names if len(names) > len(best) else best
    return FoundTable(name, tuple(FoundColumn(one) for one in best if one))


def _likeliest(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The first of the rows with most cells that are filled and differ: a header, most often."""
    filled = [tuple(dict.fromkeys(cell.strip() for cell in row if cell.strip())) for row in rows]
    return max(filled, key=len, default=())


def _text_head(file: Path) -> list[list[str]]:
    with file.open(encoding=encoding_of(file), errors="replace", newline="") as handle:
        text = handle.read(_START)
    lines = text.splitlines()[: HEAD + 3]
    separator = max(SEPARATORS, key=lambda one: max((line.count(one) for line in lines), default=0))
    if len(separator) != 1:
        separator = ","
    return list(csv.reader(lines, delimiter=separator))


def _sheet_heads(file: Path) -> list[tuple[list[list[str]], Merged]]:
    with tempfile.TemporaryDirectory() as work:
        folder = unpacked(file, work=Path(work))
        heads: list[tuple[list[list[str]], Merged]] = []
        for sheet in json.loads((folder / "sheets.json").read_text()):
            with (folder / sheet["file"]).open(encoding="utf-8", newline="") as handle:
                rows = list(itertools.islice(csv.reader(handle), HEAD + 3))
            first = int(rows[0][0]) - 1 if rows else 0
            merged = tuple(
                (top - first, left, bottom - first, right)
                for top, left, bottom, right in sheet["merged"]
                if top - first <= HEAD + 3
            )
            heads.append(([row[1:] for row in rows], merged))
        return heads
