"""A provider's own database asked by key: a few rows, within seconds, read only.

Values go as parameters, names are quoted, and what comes back is compared with what was asked:
a server that finds ``12abc`` by the number 12, or ``a`` by ``A``, answers nothing here.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg
import pymysql

from yiwang.kernel.clock import CHINA
from yiwang.kernel.errors import Invalid, Unavailable
from yiwang.lake.plans import Source, Type

CONNECT_SECONDS, ANSWER_SECONDS = 3, 5
_RELATION = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)?")
_COLUMN = re.compile(r"[^\W\d]\w{0,62}")


class SourceDown(Unavailable):
    """The provider's database does not answer in time, or refuses the question."""

    code = "lake.source_down"


class SourceUnlike(Unavailable):
    """The provider's database answers a value that is not of the contract's type."""

    code = "lake.source_unlike"


class QuestionRefused(Invalid):
    """The question names no possible relation or column, or asks without a key."""

    code = "lake.question_refused"


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: our ``columns`` by the names they have in ``relation``, where each of
    ``where`` (by our names) is one of its values.
    """

    relation: str
    columns: Mapping[str, str]
    types: Mapping[str, Type]
    where: Mapping[str, Sequence[str]]
    limit: int


def ask(source: Source, question: Question) -> list[dict[str, Any]]:
    """The rows that the source holds now, in the types of the contract."""
    _check(question)
    if not all(question.where.values()):
        return []
    asker = {"postgres": _postgres, "mariadb": _mariadb, "sqlite": _sqlite}.get(source.kind)
    if asker is None:
        raise QuestionRefused("这种来源不能直连查询。", hint="可直连：sqlite、postgres、mariadb。")
    values = [value for values in question.where.values() for value in values]
    try:
        found = asker(source, question, values)
    except psycopg.DataError:  # a word where the source holds numbers
        if any(len(values) > 1 for values in question.where.values()):
            raise QuestionRefused(
                "查询值中有来源不能比较的。", hint="请逐个查询，或核对查询值。"
            ) from None
        return []
    except (psycopg.Error, pymysql.Error, sqlite3.Error, OSError) as error:
        raise SourceDown(
            "提供方的数据库没有应答，或拒绝了查询。",
            hint="请稍后重试；持续出现请联系提供机构核对服务、账号和表。",
            kind=type(error).__name__,
        ) from None  # the cause may hold the address, and the values
    rows = [_read(question, row) for row in found]
    return [row for row in rows if _is_asked(question, row)]


def _check(question: Question) -> None:
    named = set(question.where) <= set(question.columns)
    if (
        not (named and question.where and question.columns)
        or not _RELATION.fullmatch(question.relation)
        or not all(_COLUMN.fullmatch(name) for name in question.columns.values())
    ):
        raise QuestionRefused(
            "来源表名、列名的写法不对，或没有查询条件。", hint="请写 表 或 模式.表，列名逐一对应。"
        )


def _sql(question: Question, quote: Callable[[str], str], mark: str) -> str:
    shown = ", ".join(quote(name) for name in question.columns.values())
    relation = ".".join(quote(part) for part in question.relation.split("."))
    where = " AND ".join(
        f"{quote(question.columns[name])} IN ({', '.join([mark] * len(values))})"
        for name, values in question.where.items()
    )
    return f"SELECT {shown} FROM {relation} WHERE {where} LIMIT {int(question.limit)}"


def _double(name: str) -> str:
    return f'"{name}"'


def _backticked(name: str) -> str:
    """For SQLite too: there an unknown name in double quotes would be a text."""
    return f"`{name}`"


def _postgres(source: Source, question: Question, values: Sequence[str]) -> list[Any]:
    options = f"-c statement_timeout={ANSWER_SECONDS * 1000} -c default_transaction_read_only=on"
    with psycopg.connect(
        source.url, connect_timeout=CONNECT_SECONDS, options=options
    ) as connection:
        sql = _sql(question, _double, "%s")
        return connection.execute(sql.encode(), list(values)).fetchall()


def _mariadb(source: Source, question: Question, values: Sequence[str]) -> list[Any]:
    parts = urlsplit(source.url)
    with (
        pymysql.connect(
            host=parts.hostname or "127.0.0.1",
            port=parts.port or 3306,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            database=unquote(parts.path[1:]),
            charset="utf8mb4",
            connect_timeout=CONNECT_SECONDS,
            read_timeout=ANSWER_SECONDS,
            init_command="SET SESSION TRANSACTION READ ONLY",
        ) as connection,
        connection.cursor() as cursor,
    ):
        cursor.execute(_sql(question, _backticked, "%s"), list(values))
        return list(cursor.fetchall())


def _sqlite(source: Source, question: Question, values: Sequence[str]) -> list[Any]:
    uri = f"{source.path.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(uri, uri=True, timeout=CONNECT_SECONDS)) as connection:
        return connection.execute(_sql(question, _backticked, "?"), list(values)).fetchall()


def _is_asked(question: Question, row: Mapping[str, Any]) -> bool:
    return all(str(row[name]) in values for name, values in question.where.items())


def _read(question: Question, row: Sequence[Any]) -> dict[str, Any]:
    return {
        name: _value(value, question.types.get(name, "text"), name)
        for name, value in zip(question.columns, row, strict=True)
    }


def _value(value: Any, kind: Type, name: str) -> Any:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    try:
        return _READERS[kind](value)
    except (ValueError, ArithmeticError, KeyError):
        raise SourceUnlike(
            f"来源中 {name} 的值与目录的类型不符。", hint="请联系提供机构核对该表。", column=name
        ) from None  # the cause holds the value


def _text(value: Any) -> str:
    text = value.decode() if isinstance(value, bytes) else str(value)
    return text.strip()


def _instant(value: Any) -> datetime:
    found = value if isinstance(value, datetime) else datetime.fromisoformat(_text(value))
    return (found if found.tzinfo else found.replace(tzinfo=CHINA)).astimezone(UTC)


def _date(value: Any) -> date:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else date.fromisoformat(_text(value)[:10])


_TRUTH = {"1": True, "true": True, "t": True, "是": True, "0": False, "false": False, "f": False}
_TRUTH |= {"否": False}
_READERS: Mapping[Type, Callable[[Any], Any]] = {
    "text": _text,
    "json": _text,
    "integer": lambda value: int(_text(value)),
    "decimal": lambda value: Decimal(_text(value)),
    "boolean": lambda value: _TRUTH[_text(value).lower()],
    "date": _date,
    "instant": _instant,
}
