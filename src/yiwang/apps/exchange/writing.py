"""Rows written without the ORM's cost: the gate's own tables, column by column from the models."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache, lru_cache
from operator import itemgetter
from typing import Any

import msgspec
import psycopg
from django.db import connection
from django.db.models import DateTimeField, JSONField, Model

from yiwang.apps.exchange.gate import Call
from yiwang.apps.exchange.models import DailyUse, Grant

_json = msgspec.json.Encoder(enc_hook=str)
Uses = dict[tuple[int, date], list[Any]]
"""What grants have used on days: calls, the second called last, the calls within it."""
_SIZES = (256, 128, 64, 32, 16, 8, 4, 2, 1)
"""Rows in one statement for SQLite: a step gives the interpreter away, so the fewer the better."""


def insert(model: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows by column name; one statement, whatever their number."""
    if not rows:
        return
    names, jsons, moments, sqlite = _plan(model)  # type: ignore[arg-type] # a class is hashable
    if connection.vendor == "postgresql":
        # one JSON text, taken apart by the server: no round trip per row
        listed = ", ".join(f'"{name}"' for name in names)
        table = model._meta.db_table
        _asked(
            f"INSERT INTO {table} ({listed}) SELECT {listed} "  # noqa: S608 - the model's own names
            f"FROM json_populate_recordset(NULL::{table}, %s::json)",
            [_json.encode(rows).decode()],
        )
        return
    taken = itemgetter(*names)
    stored = [list(taken(row)) for row in rows]
    for values in stored:  # as SQLite keeps what Django's models say
        for place in jsons:
            values[place] = _text(values[place])
        for place in moments:
            if values[place] is not None:
                values[place] = _moment(values[place])
    at = 0
    connection.ensure_connection()
    with connection.wrap_database_errors:
        for size in _SIZES:  # few statements, so that each is prepared once
            while len(stored) - at >= size:
                part = stored[at : at + size]
                connection.connection.execute(
                    sqlite[size], [value for values in part for value in values]
                )
                at += size


def _text(value: Any) -> str:
    return _names(value) if type(value) is tuple else _json.encode(value).decode()


@lru_cache(1024)
def _names(value: tuple[str, ...]) -> str:
    """Lists of column names, of which there are few."""
    return _json.encode(value).decode()


def _moment(value: datetime) -> str:
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    return value.isoformat(" ", "microseconds")[:26]


@contextmanager
def in_few_rounds() -> Iterator[None]:
    """Statements within go to PostgreSQL together, and wait for it only where one is read.

    Each wait gives the interpreter away and has to get it back from who answers callers.
    """
    if connection.vendor != "postgresql":
        yield
        return
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def locked(places: Collection[tuple[int, date]]) -> tuple[dict[int, int], Uses]:
    """The versions of grants, which nobody changes until this transaction ends, and their use.

    The use is read by a statement of its own after the lock: it counts what others just counted.
    """
    grants, days = sorted({grant for grant, _ in places}), sorted({str(day) for _, day in places})
    is_postgres = connection.vendor == "postgresql"
    lock = " ORDER BY id FOR UPDATE" if is_postgres else ""
    versions = _asked(
        f"SELECT id, version FROM {Grant._meta.db_table} "  # noqa: S608 - the models' own names, marks
        f"WHERE id {'= ANY(%s)' if is_postgres else _one_of(grants)}{lock}",
        [grants] if is_postgres else grants,
    )
    use = _asked(
        "SELECT grant_id, day, calls, second, in_second "  # noqa: S608 - the models' own names, marks
        f"FROM {DailyUse._meta.db_table} WHERE "
        + (
            "grant_id = ANY(%s) AND day = ANY(%s::date[])"
            if is_postgres
            else f"grant_id {_one_of(grants)} AND day {_one_of(days)}"
        ),
        [grants, days] if is_postgres else [*grants, *days],
    )
    found = dict(versions.fetchall())
    used = {(grant, str(day)): list(rest) for grant, day, *rest in use.fetchall()}
    return found, {(g, day): used[g, str(day)] for g, day in places if (g, str(day)) in used}


def _one_of(values: Sequence[object]) -> str:
    return f"IN ({','.join(['%s'] * len(values))})"


def _asked(sql: str, values: Sequence[Any]) -> Any:
    """A cursor of the statement; PostgreSQL is given the values apart and reads each text once."""
    if connection.vendor != "postgresql":
        cursor = connection.cursor()
        cursor.execute(sql, values)
        return cursor
    connection.ensure_connection()
    return psycopg.Cursor(connection.connection).execute(sql, values, prepare=True)


def upsert_uses(uses: Sequence[tuple[int, date, int, int, int]]) -> None:
    """Set what each grant used on a day; the caller has read it in this transaction."""
    table = DailyUse._meta.db_table
    for grant, day, *rest in uses:
        _asked(
            f"INSERT INTO {table} (grant_id, day, calls, second, in_second) "  # noqa: S608 - the model's own name
            "VALUES (%s, %s, %s, %s, %s) ON CONFLICT (grant_id, day) DO UPDATE SET "
            "calls = excluded.calls, second = excluded.second, in_second = excluded.in_second",
            [grant, day if connection.vendor == "postgresql" else str(day), *rest],
        )


def digest_of_call(call: Call) -> str:
    """What tells one question from another: all but the secret, the token and the size."""
    asked = (
        call.table, sorted(call.where.items()), call.columns, call.purpose, call.case, call.limit,
        call.offset, call.shape, call.keys, call.filter, call.sort, call.since,
    )  # fmt: skip
    return hashlib.sha256(_json.encode(asked)).hexdigest()


@cache
def _plan(model: type[Model]) -> tuple[tuple[str, ...], list[int], list[int], dict[int, str]]:
    """Column names, where among them JSON and instants stand, and the statements for SQLite."""
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    names = tuple(field.column for field in fields)
    jsons = [n for n, field in enumerate(fields) if isinstance(field, JSONField)]
    moments = [n for n, field in enumerate(fields) if isinstance(field, DateTimeField)]
    listed = ", ".join(f'"{name}"' for name in names)
    marks = f"({', '.join('?' * len(names))})"
    begin = f"INSERT INTO {model._meta.db_table} ({listed}) VALUES "  # noqa: S608 - the model's own names
    return names, jsons, moments, {size: begin + ", ".join([marks] * size) for size in _SIZES}
