"""Rows pushed into a consumer's own PostgreSQL or MariaDB table: all, or what changed, or none.

One transaction writes rows and a note of the snapshot they are (table ``yiwang_push`` beside them),
so a push that breaks off leaves what was there before, and the next goes on from that note. Counts
must balance before it is committed. A table that the platform did not make is never written to.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import psycopg
import pyarrow as pa
import pymysql

from yiwang.kernel.errors import Conflict, Invalid, Unavailable
from yiwang.lake.backends.push_dialects import NOTES, STAGE, Dialect, dialect_of, is_name
from yiwang.lake.plans import Source, Type

CHANGE = "_change"


class TargetDown(Unavailable):
    """The consumer's database does not answer, or refuses to be written to."""

    code = "lake.target_down"


class TargetNotOurs(Conflict):
    """The consumer's table was made by somebody else, or is no longer as it was made."""

    code = "lake.target_not_ours"


class PushUnbalanced(Conflict):
    """What the consumer's table holds does not add up with what was pushed."""

    code = "lake.push_unbalanced"


class PushRefused(Invalid):
    """The push names no possible table or column."""

    code = "lake.push_refused"


@dataclass(frozen=True, kw_only=True)
class Push:
    """What is pushed where. With ``since``, rows carry ``_change`` and are told apart by ``key``.

    ``total`` is the number of rows that the table must hold afterwards.
    """

    relation: str
    types: Mapping[str, Type]
    key: tuple[str, ...]
    since: str
    snapshot: str
    call: str
    total: int
    at: datetime


@dataclass(frozen=True)
class Pushed:
    """What a push did; a whole one counts every row as added."""

    added: int
    changed: int
    removed: int
    total: int


def last_pushed(target: Source, relation: str) -> str:
    """The snapshot that the consumer's table holds; the empty text before the first push."""
    _check(relation, ())
    with _opened(target) as (cursor, dialect):
        cursor.execute(dialect.make_notes)
        return (_noted(cursor, relation) or ("",))[0]


def push(target: Source, wanted: Push, parts: Iterable[bytes]) -> Pushed:
    """Write ``parts`` (an Arrow stream) into the consumer's table, all of them or none."""
    _check(wanted.relation, wanted.types)
    with _opened(target) as (cursor, dialect):
        cursor.execute(dialect.make_notes)
        noted = _noted(cursor, wanted.relation)
        if (noted or ("",))[0] != wanted.since and wanted.since:
            raise PushUnbalanced(
                "使用机构的表不是上次推送的样子。", hint="将改推全量。", relation=wanted.relation
            )
        _make(cursor, dialect, wanted, is_new=noted is None)
        sent = _staged(cursor, dialect, wanted, parts)
        pushed = _applied(cursor, dialect, wanted, sent)
        at = dialect.instant(wanted.at)
        values = (wanted.relation, wanted.snapshot, wanted.call, pushed.total, at)
        cursor.execute(dialect.note, values)
    return pushed


def _check(relation: str, names: Iterable[str]) -> None:
    parts = relation.split(".")
    if not (len(parts) <= 2 and all(is_name(one) for one in (*parts, *names))):
        raise PushRefused(
            "目标表名或字段名不可用。", hint="请写 表 或 模式.表。", relation=relation[:60]
        )


def _noted(cursor: Any, relation: str) -> tuple[str] | None:
    cursor.execute(f"SELECT snapshot FROM {NOTES} WHERE relation = %s FOR UPDATE", (relation,))
    found: tuple[str] | None = cursor.fetchone()
    return found


def _make(cursor: Any, dialect: Dialect, wanted: Push, *, is_new: bool) -> None:
    """Make the table on the first push; afterwards see that it is still the one that was made."""
    columns = dialect.columns_of(cursor, wanted.relation)
    if is_new and columns and _count(cursor, dialect.quoted(wanted.relation)):
        raise TargetNotOurs(
            f"使用机构的库中已有表 {wanted.relation}，不是推送建立的。",
            hint="请换一个表名，或请使用机构改名或删除该表后再推送。",
            relation=wanted.relation,
        )
    if not columns:
        cursor.execute(dialect.make(wanted.relation, wanted.types, wanted.key))
    elif lost := [name for name in wanted.types if name not in columns]:
        raise TargetNotOurs(
            f"使用机构的表 {wanted.relation} 缺少字段 {'、'.join(lost)}。",
            hint="请恢复这些字段，或换一个表名重新推送。",
            relation=wanted.relation,
        )


def _staged(cursor: Any, dialect: Dialect, wanted: Push, parts: Iterable[bytes]) -> int:
    """Lay every row beside the table first; the number of rows that arrived there."""
    types: dict[str, Type] = dict(wanted.types)
    if wanted.since:
        types[CHANGE] = "text"
    cursor.execute(dialect.make_stage(types, wanted.key if wanted.since else ()))
    read = 0
    with pa.ipc.open_stream(pa.PythonFile(_Parts(parts), "r")) as reader:
        for batch in reader:
            columns = [_values(batch.column(name), types[name], dialect) for name in types]
            dialect.fill(cursor, list(types), list(zip(*columns, strict=True)))
            read += batch.num_rows
    staged = _count(cursor, STAGE)
    if staged != read:
        raise PushUnbalanced(f"送出 {read} 行，到达 {staged} 行。", hint="已撤回，将重试。")
    return staged


def _applied(cursor: Any, dialect: Dialect, wanted: Push, sent: int) -> Pushed:
    relation = dialect.quoted(wanted.relation)
    names = ", ".join(dialect.quoted(name) for name in wanted.types)
    if not wanted.since:
        cursor.execute(f"DELETE FROM {relation}")
        cursor.execute(f"INSERT INTO {relation} ({names}) SELECT {names} FROM {STAGE}")
        pushed = Pushed(sent, 0, 0, _count(cursor, relation))
    else:
        cursor.execute(f"SELECT {CHANGE}, count(*) FROM {STAGE} GROUP BY {CHANGE}")
        told = dict(cursor.fetchall())
        cursor.execute(dialect.delete_staged(wanted.relation, wanted.key))
        gone, changed, removed = cursor.rowcount, told.get("changed", 0), told.get("removed", 0)
        if gone != changed + removed:
            raise PushUnbalanced(
                f"应替换 {changed + removed} 行，使用机构的表中有 {gone} 行。", hint="将改推全量。"
            )
        cursor.execute(
            f"INSERT INTO {relation} ({names}) SELECT {names} FROM {STAGE} "
            f"WHERE {CHANGE} <> 'removed'"
        )
        pushed = Pushed(told.get("added", 0), changed, removed, _count(cursor, relation))
    if pushed.total != wanted.total:
        raise PushUnbalanced(
            f"使用机构的表应有 {wanted.total} 行，实有 {pushed.total} 行。", hint="将改推全量。"
        )
    return pushed


def _count(cursor: Any, relation: str) -> int:
    cursor.execute(f"SELECT count(*) FROM {relation}")
    return int(cursor.fetchone()[0])


def _values(column: pa.Array, kind: Type, dialect: Dialect) -> Sequence[Any]:
    values = column.to_pylist()
    if kind != "instant":
        return values
    return [
        value and dialect.instant(value if value.tzinfo else value.replace(tzinfo=UTC))
        for value in values
    ]


class _Parts(io.RawIOBase):
    """A stream of bytes that arrive in parts."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts, self._held = iter(parts), memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        while not self._held:
            part = next(self._parts, None)
            if part is None:
                return 0
            self._held = memoryview(part)
        taken = min(len(room), len(self._held))
        room[:taken] = self._held[:taken]
        self._held = self._held[taken:]
        return taken


@contextmanager
def _opened(target: Source) -> Iterator[tuple[Any, Dialect]]:
    """A cursor in a transaction that is committed at the end, or undone."""
    dialect = dialect_of(target)
    try:
        connection = dialect.connect(target)
        try:
            with connection.cursor() as cursor:
                yield cursor, dialect
            connection.commit()
        finally:
            connection.close()  # what was not committed is undone
    except (psycopg.Error, pymysql.Error, OSError) as error:
        raise TargetDown(
            "使用机构的数据库没有应答，或拒绝写入。",
            hint="请核对服务、账号的建表和写入权限；已送出的部分已撤回，将自动重试。",
            kind=type(error).__name__,
        ) from None  # the cause may hold the address, and values
