"""The back ends of the rules language, side by side: same expression, same rows, same answer."""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import duckdb
import psycopg

from yiwang.rules import Condition, Expression, RuleSet, compile, to_sql  # noqa: A004
from yiwang.rules.values import read_value

Rows = Sequence[Mapping[str, Any]]
TYPES = {
    "duckdb": {
        "text": "VARCHAR",
        "integer": "BIGINT",
        "decimal": "DECIMAL(18, 6)",
        "boolean": "BOOLEAN",
        "date": "DATE",
        "instant": "TIMESTAMPTZ",
    },
    "sqlite": {
        "text": "varchar(200)",
        "integer": "bigint",
        "decimal": "text",
        "boolean": "bool",
        "date": "date",
        "instant": "datetime",
    },
    "postgres": {
        "text": "varchar",
        "integer": "bigint",
        "decimal": "numeric(24, 6)",
        "boolean": "boolean",
        "date": "date",
        "instant": "timestamptz",
    },
}


def _table(connection: Any, dialect: str, kinds: Mapping[str, str], rows: Rows) -> None:
    names = ['"row number" integer', *(f'"{n}" {TYPES[dialect][k]}' for n, k in kinds.items())]
    connection.execute("DROP TABLE IF EXISTS given")
    connection.execute(f"CREATE TEMP TABLE given ({', '.join(names)})")
    mark = "%s" if dialect == "postgres" else "?"
    marks = ", ".join([mark] * len(names))
    for place, row in enumerate(rows):
        values = [row.get(name) for name in kinds]
        if dialect == "sqlite":
            values = [_stored(value) for value in values]
        connection.execute(f"INSERT INTO given VALUES ({marks})", [place, *values])


def _stored(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date) else value


class Closure:
    """One subject at a time, in Python."""

    name = "closure"

    def run(self, expression: Expression, kinds: Any, rows: Rows, values: Any, as_of: Any) -> Any:
        judge = compile(expression, values=values, as_of=as_of)
        return [judge(row).value for row in rows]


class Engine:
    """A SQL engine over a connection."""

    def __init__(self, name: str, connection: Any) -> None:
        self.name, self.connection = name, connection

    def run(self, expression: Expression, kinds: Any, rows: Rows, values: Any, as_of: Any) -> Any:
        _table(self.connection, self.name, kinds, rows)
        sql = to_sql(expression, dialect=self.name, values=values, as_of=as_of, table="given")
        query = f'SELECT {sql} FROM given ORDER BY "row number"'
        if self.name == "postgres":
            query = query.replace("%", "%%")
        found = self.connection.execute(query, *([[]] if self.name == "postgres" else []))
        return [read_value(value, expression.type) for (value,) in found.fetchall()]


def sqlite_engine() -> Engine:
    return Engine("sqlite", sqlite3.connect(":memory:"))


def duckdb_engine() -> Engine:
    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    connection.execute("SET TimeZone = 'UTC'")
    return Engine("duckdb", connection)


def postgres_engine(url: str) -> Engine:
    connection = psycopg.connect(url, autocommit=True, prepare_threshold=None)
    connection.execute("SET client_min_messages = warning")
    return Engine("postgres", connection)


def missing_in_population(
    engine: Engine, text: str, kinds: Any, rows: Rows, values: Any, as_of: Any
) -> list[list[str]]:
    """What DuckDB says is missing, row by row, when the expression is a condition."""
    _table(engine.connection, "duckdb", kinds, rows)
    condition = Condition(id="c", title="c", check='"the value" = "the value"', basis="b")
    codes = {name: table for name, table in values.items() if not isinstance(table, str | int)}
    rules = RuleSet.build(
        columns={"row number": "integer", **kinds},
        derived={"the value": text},
        conditions=[condition],
        codes=codes,
    )
    sql = rules.population_sql(as_of=as_of, table="given", keep=("row number",))
    found = engine.connection.execute(f'SELECT missing FROM ({sql}) ORDER BY "row number"')
    return [sorted(names) for (names,) in found.fetchall()]
