"""Many rows in one statement: what a thousand cases cost is mostly what the database asks for.

Django's own bulk methods prepare every value of every row by its field; here a value that all
rows share is prepared once, and the others come ready from the caller.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from yiwang.apps.casework.models import Case


def insert_rows(
    model: type[models.Model],
    shared: Mapping[str, Any],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Insert rows of the fields ``names``; every other field is ``shared`` or its default."""
    fields = [one for one in model._meta.concrete_fields if not one.primary_key or "id" in names]
    same = [one for one in fields if one.attname not in names]
    values = [
        one.get_db_prep_save(shared.get(one.attname, one.get_default()), connection) for one in same
    ]
    by_name = {one.attname: one for one in fields}
    columns = [one.column for one in (*same, *(by_name[name] for name in names))]
    names_, marks = ", ".join(map(_quoted, columns)), ", ".join(["%s"] * len(columns))
    # Names of tables and columns come from the models, values go as parameters.
    statement = f"INSERT INTO {_quoted(model._meta.db_table)} ({names_}) VALUES ({marks})"  # noqa: S608
    _execute(statement, ((*values, *row) for row in rows))


def insert_models(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """Insert unsaved rows; a value that many share is prepared once."""
    names = [one.attname for one in model._meta.concrete_fields if not one.primary_key]
    values = ([getattr(row, name) for name in names] for row in rows)
    insert_rows(model, {}, names, _ready(model, names, values))


PLAIN = (str, int, bool)
"""Types that the database takes as they are."""


def update_rows(
    model: type[models.Model],
    names: Sequence[str],
    where: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> int:
    """Update each row to the values of ``names`` where the fields ``where`` are as given.

    Values are as the models have them; one that many rows share is prepared once.
    """
    column = {one.attname: _quoted(one.column) for one in model._meta.concrete_fields}
    wanted = ", ".join(f"{column[name]} = %s" for name in names)
    known = " AND ".join(f"{column[name]} = %s" for name in where)
    # As above: the names are the models' own.
    statement = f"UPDATE {_quoted(model._meta.db_table)} SET {wanted} WHERE {known}"  # noqa: S608
    return _execute(statement, _ready(model, (*names, *where), rows))


def _ready(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterator[list[Any]]:
    """Rows of the fields ``names`` as the database takes them."""
    by_name = {one.attname: one for one in model._meta.concrete_fields}
    fields = [by_name[name] for name in names]
    moments: dict[datetime, Any] = {}
    for row in rows:
        ready = []
        for one, value in zip(fields, row, strict=True):
            if value is None or type(value) in PLAIN:
                ready.append(value)
            elif isinstance(value, datetime):
                if value not in moments:
                    moments[value] = one.get_db_prep_save(value, connection)
                ready.append(moments[value])
            else:
                ready.append(one.get_db_prep_save(value, connection))
        yield ready


def add_rows(
    model: type[models.Model],
    where: Sequence[str],
    sums: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Add to the numbers ``sums`` of the row that the unique fields ``where`` name, or begin it."""
    column = {one.attname: _quoted(one.column) for one in model._meta.concrete_fields}
    table, names = _quoted(model._meta.db_table), [column[name] for name in (*where, *sums)]
    added = ", ".join(f"{one} = {table}.{one} + excluded.{one}" for one in names[len(where) :])
    # As above: the names are the models' own.
    statement = (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(['%s'] * len(names))}) "  # noqa: S608
        f"ON CONFLICT ({', '.join(names[: len(where)])}) DO UPDATE SET {added}"
    )
    _execute(statement, rows)


def prepared(model: type[models.Model], name: str, value: Any) -> Any:
    """A value as the database takes it."""
    return model._meta.get_field(name).get_db_prep_save(value, connection)


def new_case_ids(count: int) -> list[int]:
    """Ids that nobody else will give out; needs the transaction in which they are used."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                [Case._meta.db_table, count],
            )
            return [row[0] for row in cursor.fetchall()]
        # SQLite has one writer, and this transaction is the one (BEGIN IMMEDIATE).
        cursor.execute("SELECT COALESCE(MAX(id), 0) FROM casework_case")
        last = cursor.fetchone()[0]
    return list(range(last + 1, last + 1 + count))


def _execute(statement: str, rows: Iterable[Sequence[Any]]) -> int:
    with connection.cursor() as cursor:
        cursor.executemany(statement, given := list(rows))
        return cursor.rowcount if given else 0


def _quoted(name: str) -> str:
    return connection.ops.quote_name(name)
