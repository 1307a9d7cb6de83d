"""What differs between the two kinds of database that rows are pushed into."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pymysql

from yiwang.kernel.errors import Invalid
from yiwang.lake.plans import Source, Type

NOTES, STAGE = "yiwang_push", "yiwang_push_stage"
CONNECT_SECONDS, ANSWER_SECONDS = 5, 600
_NAME = re.compile(r"[^\W\d]\w{0,62}")


class TargetKindUnknown(Invalid):
    """Rows cannot be pushed into this kind of place."""

    code = "lake.target_kind_unknown"


def is_name(text: str) -> bool:
    """Whether ``text`` can name a table or a column on both sides."""
    return bool(_NAME.fullmatch(text))


class Dialect:
    """PostgreSQL, and what it shares with the other."""

    mark = '"'
    types: Mapping[Type, str] = {
        "text": "text", "json": "text", "integer": "bigint", "decimal": "numeric",
        "boolean": "boolean", "date": "date", "instant": "timestamptz",
    }  # fmt: skip
    key_text = "text"
    ending = ""
    make_notes = (
        f"CREATE TABLE IF NOT EXISTS {NOTES} (relation varchar(190) PRIMARY KEY, "
        "snapshot varchar(80) NOT NULL, call_number varchar(26) NOT NULL, "
        "rows_total bigint NOT NULL, pushed_at timestamptz NOT NULL)"
    )
    note = (
        f"INSERT INTO {NOTES} VALUES (%s, %s, %s, %s, %s) ON CONFLICT (relation) DO UPDATE SET "
        "snapshot = excluded.snapshot, call_number = excluded.call_number, "
        "rows_total = excluded.rows_total, pushed_at = excluded.pushed_at"
    )

    def connect(self, target: Source) -> Any:
        """A connection with a transaction of its own."""
        options = f"-c statement_timeout={ANSWER_SECONDS * 1000}"
        return psycopg.connect(target.url, connect_timeout=CONNECT_SECONDS, options=options)

    def instant(self, at: datetime) -> datetime:
        """An instant as the database takes it."""
        return at

    def quoted(self, name: str) -> str:
        """A checked name, or ``schema.table``."""
        return ".".join(f"{self.mark}{part}{self.mark}" for part in name.split("."))

    def columns_of(self, cursor: Any, relation: str) -> list[str]:
        """The columns of a table; none if it is not there."""
        schema, _, table = relation.rpartition(".")
        cursor.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s "
            f"AND table_schema = coalesce(%s, {self.here})",
            (table, schema or None),
        )
        return [str(row[0]) for row in cursor.fetchall()]

    here = "current_schema()"

    def make(self, relation: str, types: Mapping[str, Type], key: Sequence[str]) -> str:
        """The statement that makes the consumer's table."""
        return f"CREATE TABLE {self.quoted(relation)} ({self._listed(types, key)}){self.ending}"

    def make_stage(self, types: Mapping[str, Type], key: Sequence[str]) -> str:
        """The statement that makes the place beside it, gone with the connection."""
        return f"CREATE TEMPORARY TABLE {STAGE} ({self._listed(types, key)}){self.ending}"

    def _listed(self, types: Mapping[str, Type], key: Sequence[str]) -> str:
        kinds = {
            name: self.key_text if name in key and kind == "text" else self.types[kind]
            for name, kind in types.items()
        }
        columns = [f"{self.quoted(name)} {kind}" for name, kind in kinds.items()]
        if key:
            columns.append(f"PRIMARY KEY ({', '.join(self.quoted(name) for name in key)})")
        return ", ".join(columns)

    def fill(self, cursor: Any, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Lay rows into the place beside the table."""
        listed = ", ".join(self.quoted(name) for name in names)
        with cursor.copy(f"COPY {STAGE} ({listed}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)

    def delete_staged(self, relation: str, key: Sequence[str]) -> str:
        """Take out of the table whatever stands beside it under the same key."""
        return (
            f"DELETE FROM {self.quoted(relation)} AS held USING {STAGE} AS come "
            f"WHERE {self._same(key)}"
        )

    def _same(self, key: Sequence[str]) -> str:
        return " AND ".join(f"held.{self.quoted(k)} = come.{self.quoted(k)}" for k in key)


class _MariaDB(Dialect):
    mark = "`"
    types: Mapping[Type, str] = {
        "text": "longtext", "json": "longtext", "integer": "bigint", "decimal": "decimal(65, 20)",
        "boolean": "boolean", "date": "date", "instant": "datetime(6)",
    }  # fmt: skip
    key_text = "varchar(190)"
    ending = " ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    here = "database()"
    make_notes = Dialect.make_notes.replace("timestamptz", "datetime(6)") + ending
    note = (
        f"INSERT INTO {NOTES} VALUES (%s, %s, %s, %s, %s) ON DUPLICATE KEY UPDATE "
        "snapshot = VALUES(snapshot), call_number = VALUES(call_number), "
        "rows_total = VALUES(rows_total), pushed_at = VALUES(pushed_at)"
    )

    def connect(self, target: Source) -> Any:
        parts = urlsplit(target.url)
        return pymysql.connect(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 3306,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            database=unquote(parts.path[1:]),
            charset="utf8mb4",
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            write_timeout=ANSWER_SECONDS,
        )

    def instant(self, at: datetime) -> datetime:
        return at.astimezone(UTC).replace(tzinfo=None)

    def fill(self, cursor: Any, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        listed = ", ".join(self.quoted(name) for name in names)
        marks = ", ".join(["%s"] * len(names))
        cursor.executemany(f"INSERT INTO {STAGE} ({listed}) VALUES ({marks})", rows)

    def delete_staged(self, relation: str, key: Sequence[str]) -> str:
        return (
            f"DELETE held FROM {self.quoted(relation)} AS held JOIN {STAGE} AS come "
            f"ON {self._same(key)}"
        )


def dialect_of(target: Source) -> Dialect:
    """How to speak to a target."""
    if target.kind == "postgres":
        return Dialect()
    if target.kind == "mariadb":
        return _MariaDB()
    raise TargetKindUnknown("不能推送到这种地方。", hint="可推送到：postgres、mariadb。")
