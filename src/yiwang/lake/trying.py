"""Try a query on rows held in memory: what a pack's own tests run on. Nothing is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from yiwang.kernel.errors import NotFound
from yiwang.lake.backends.arrow import write_rows
from yiwang.lake.backends.duck import fetch, open_engine, parquet
from yiwang.lake.guard import bind, tables_of
from yiwang.lake.plans import Type

Rows = Sequence[Mapping[str, Any]]


class TableNotGiven(NotFound):
    """The query reads a table for which no rows were given."""

    code = "lake.table_not_given"


def try_sql(
    sql: str, tables: Mapping[str, tuple[Mapping[str, Type], Rows]]
) -> list[dict[str, Any]]:
    """The rows of ``sql`` over ``tables``: name to column types and rows.

    The query goes through the same guard and engine as in the lake, about 50 ms of it.
    """
    reads = tables_of(sql)
    if missing := [name for name in reads if name not in tables]:
        raise TableNotGiven(
            f"没有给出表 {'、'.join(missing)} 的行。", hint="在 given 中补上。", tables=missing
        )
    with tempfile.TemporaryDirectory(prefix="yiwang-try-") as name:
        folder = Path(name)
        for table in reads:
            columns, rows = tables[table]
            write_rows(folder / f"{table}.parquet", rows, columns=columns)
        text = bind(sql, lambda table: f"SELECT * FROM {parquet([folder / f'{table}.parquet'])}")
        with open_engine(folders=[folder], scratch=folder) as engine:
            return fetch(engine, text)
