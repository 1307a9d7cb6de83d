"""The door to the SQL back ends: a dialect by name, and the size its text may have."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Literal as OneOf

from yiwang.rules.binding import bind
from yiwang.rules.dated import Value
from yiwang.rules.duckdb_sql import DuckDB
from yiwang.rules.postgres_sql import Postgres
from yiwang.rules.printing import Printer
from yiwang.rules.reading import Expression
from yiwang.rules.spark_sql import Spark
from yiwang.rules.sqlite_sql import SQLite

Dialect = OneOf["duckdb", "sqlite", "postgres", "spark"]

_PRINTERS: dict[Dialect, Callable[[str], Printer]] = {
    "duckdb": DuckDB,
    "sqlite": SQLite,
    "postgres": Postgres,
    "spark": Spark,
}


def to_sql(
    expression: Expression,
    *,
    dialect: Dialect,
    values: Mapping[str, Value] | None = None,
    as_of: date,
    table: str = "",
) -> str:
    """The expression as SQL of a dialect, with every value written in as a constant.

    ``table`` qualifies its columns. A decimal result is DECIMAL(18, 6) or numeric; in SQLite it is
    text with six digits behind the point.
    """
    printer = _PRINTERS[dialect](table)
    tree = bind(expression.tree, values=values or {}, as_of=as_of)
    return printer.whole(tree)
