"""The searchable copy of opened rows: filters, words, order and pages over one SQLite file.

What may be asked is a closed form: names are compared with the copy's own columns, values are
bound, and the connection itself refuses anything but reading the one table ``rows``.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from yiwang.kernel.errors import Invalid, NotFound, Unavailable
from yiwang.lake.plans import Type

MOST_ROWS = 32_000
MOST_OFFSET = 10**9
SECONDS = 5.0
_STEPS = 20_000
"""Virtual machine steps between two looks at the clock."""
_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION}
_FUNCTIONS = {"count", "instr", "lower"}
_TABLES = {"rows", "about"}
_KEPT = 64

Value = str | int | float | bool | None


class SearchRefused(Invalid):
    """A search names a column that is not opened, or a value that cannot be compared."""

    code = "lake.open_search_refused"


class SearchTooLong(Unavailable):
    """The search was stopped because it took too long."""

    code = "lake.open_search_too_long"


class CopyGone(NotFound):
    """The opened rows are not there any more."""

    code = "lake.open_copy_gone"


@dataclass(frozen=True, kw_only=True)
class Search:
    """What is asked: ``filters`` is column to accepted values, ``words`` occur in any column.

    ``words_in`` asks for words in one column, ``sort`` is (column, descending) in order.
    """

    columns: tuple[str, ...] = ()
    filters: Mapping[str, tuple[Value, ...]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    words_in: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    sort: tuple[tuple[str, bool], ...] = ()
    limit: int = 100
    offset: int = 0
    is_distinct: bool = False
    wants_total: bool = True


@dataclass(frozen=True, kw_only=True)
class Found:
    """Rows as dictionaries with ``_id`` first (unless distinct), and how many there are in all."""

    rows: list[dict[str, Any]]
    columns: dict[str, Type]
    total: int | None


class OpenStore:
    """Searchable copies by file; thread-safe, every thread has its own connections."""

    def __init__(self) -> None:
        self._local = threading.local()

    def columns(self, file: Path) -> dict[str, Type]:
        """The columns of a copy and their types."""
        return dict(self._copy(file).types)

    def search(self, file: Path, search: Search) -> Found:
        """The rows that ``search`` asks for."""
        copy = self._copy(file)
        chosen = search.columns or (*(() if search.is_distinct else ("_id",)), *copy.types)
        copy.demand_known(
            [*chosen, *search.filters, *search.words_in, *(c for c, _ in search.sort)]
        )
        _demand_bounds(search)
        where, values = _condition(copy, search)
        names = ", ".join(_quoted(name) for name in chosen)
        order = ", ".join(_ordered(copy, name, down) for name, down in search.sort)
        distinct = "DISTINCT " if search.is_distinct else ""
        inner = f"SELECT {distinct}{names} FROM rows{where}"
        by = f" ORDER BY {order}" if order else "" if search.is_distinct else " ORDER BY rowid"
        rows = copy.run(f"{inner}{by} LIMIT ? OFFSET ?", (*values, search.limit, search.offset))
        total = None
        if search.wants_total:
            if where or search.is_distinct:
                ((total,),) = copy.run(f"SELECT count(*) FROM ({inner})", values)
            else:
                total = copy.rows
        readers = [copy.types.get(name) for name in chosen]
        return Found(
            rows=[
                {n: _plain(v, t) for n, v, t in zip(chosen, row, readers, strict=True)}
                for row in rows
            ],
            columns={name: copy.types.get(name, "integer") for name in chosen},
            total=total,
        )

    def _copy(self, file: Path) -> _Copy:
        copies: dict[Path, _Copy] = self._local.__dict__.setdefault("copies", {})
        if file not in copies:
            while len(copies) >= _KEPT:
                copies.pop(next(iter(copies))).connection.close()
            copies[file] = _Copy(file)
        elif not file.exists():
            copies.pop(file).connection.close()
            raise _gone()
        return copies[file]


class _Copy:
    """One open copy, for one thread."""

    def __init__(self, file: Path) -> None:
        try:
            self.connection = sqlite3.connect(
                f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
            )
            (text,) = self.connection.execute("SELECT content FROM about").fetchone()
        except sqlite3.OperationalError:
            raise _gone() from None
        about = json.loads(text)
        self.rows: int = about["rows"]
        self.types: dict[str, Type] = about["columns"]
        self.connection.set_authorizer(_only_reading)

    def demand_known(self, names: Sequence[str]) -> None:
        """Refuse any name that is not exactly a column of this copy."""
        if strange := [name for name in names if name != "_id" and name not in self.types]:
            raise SearchRefused(
                f"数据集没有字段“{str(strange[0])[:60]}”。",
                hint=f"可用字段：{'、'.join(self.types)}。",
            )

    def run(self, sql: str, values: Sequence[Value]) -> list[tuple[Any, ...]]:
        """Rows of a SELECT made here; stopped after ``SECONDS``."""
        end = time.monotonic() + SECONDS
        self.connection.set_progress_handler(lambda: time.monotonic() > end, _STEPS)
        try:
            return self.connection.execute(sql, tuple(values)).fetchall()
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise SearchTooLong(
                    f"检索超过 {SECONDS:.0f} 秒，已停止。",
                    hint="请缩小条件，或下载文件后在本地检索。",
                ) from None
            raise
        except (OverflowError, UnicodeEncodeError):
            raise SearchRefused(
                "检索条件中有无法比较的值。", hint="数字不超过 64 位，文字用 UTF-8。"
            ) from None
        finally:
            self.connection.set_progress_handler(None, 0)


def _only_reading(action: int, first: str | None, second: str | None, *_: object) -> int:
    """SQLite asks before each access: the one table, and three functions."""
    if action not in _READING:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_READ and first not in _TABLES:
        return sqlite3.SQLITE_DENY
    if action == sqlite3.SQLITE_FUNCTION and second not in _FUNCTIONS:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _condition(copy: _Copy, search: Search) -> tuple[str, list[Value]]:
    parts: list[str] = []
    values: list[Value] = []
    for name, accepted in search.filters.items():
        some = [_stored(value, copy.types.get(name, "integer")) for value in accepted]
        bound = [value for value in some if value is not None]
        either = []
        if bound:
            either.append(f"{_quoted(name)} IN ({', '.join('?' * len(bound))})")
        if len(bound) < len(some):
            either.append(f"{_quoted(name)} IS NULL")
        parts.append(f"({' OR '.join(either) or '0'})")
        values += bound
    for word in search.words:
        parts.append("(" + " OR ".join(f"instr(lower({_quoted(n)}), ?)" for n in copy.types) + ")")
        values += [word.lower()] * len(copy.types)
    for name, words in search.words_in.items():
        for word in words:
            parts.append(f"instr(lower({_quoted(name)}), ?)")
            values.append(word.lower())
    return (f" WHERE {' AND '.join(parts)}" if parts else ""), values


def _ordered(copy: _Copy, name: str, is_descending: bool) -> str:
    """Decimals are kept as text and compared as numbers; what is missing comes last."""
    value = _quoted(name)
    if copy.types.get(name) == "decimal":
        value = f"CAST({value} AS REAL)"
    return f"{_quoted(name)} IS NULL, {value}{' DESC' if is_descending else ''}"


def _demand_bounds(search: Search) -> None:
    if not 0 <= search.limit <= MOST_ROWS:
        raise SearchRefused(f"limit 应为 0 到 {MOST_ROWS}。", hint="请分页读取或下载整份文件。")
    if not 0 <= search.offset <= MOST_OFFSET:
        raise SearchRefused(f"offset 应为 0 到 {MOST_OFFSET}。", hint="请用筛选条件缩小范围。")


def _stored(value: Value, type_: Type) -> Value:
    """A value as the copy stores it; what cannot be of the type equals nothing."""
    if value is None or (isinstance(value, float) and value != value):
        return None
    if type_ == "boolean":
        return {"true": 1, "1": 1, "false": 0, "0": 0}.get(str(value).lower(), -1)
    try:
        if type_ == "integer":
            return int(str(value))
        if type_ == "decimal":
            return f"{Decimal(str(value)).normalize():f}"
    except (ValueError, ArithmeticError):
        return str(value)
    return str(value)


def _plain(value: Any, type_: Type | None) -> Any:
    """A stored value as JSON has it."""
    if value is None or type_ in (None, "text", "json", "integer"):
        return value
    if type_ == "boolean":
        return bool(value)
    if type_ == "decimal":
        number = float(value)
        return int(number) if number.is_integer() and abs(number) < 2**53 else number
    if type_ == "date":
        return date.fromisoformat(value).isoformat()
    return datetime.fromisoformat(value).strftime("%Y-%m-%dT%H:%M:%S")


def _quoted(name: str) -> str:
    return "rowid" if name == "_id" else f'"{name}"'


def _gone() -> CopyGone:
    return CopyGone("这份开放数据已不在。", hint="可能已撤下或更新，请重新打开数据集页面。")
