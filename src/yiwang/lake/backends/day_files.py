"""Readings of a day in one Parquet file: sorted by point and instant, zstd; read by DuckDB.

Sorted, a file's row groups hold few points each, so one point's day touches one or two of them;
values repeat and instants step evenly, so dictionary and zstd leave about half a byte a reading.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from yiwang.lake.backends.duck import Connection, engine_errors, literal, parquet

GROUP = 61_440
"""Rows of a row group: what one point's day costs to read, against what the file weighs."""
_OPTIONS = (
    "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 9, PARQUET_VERSION V2, "
    f"ROW_GROUP_SIZE {GROUP}"
)
SCHEMA = pa.schema(
    [
        ("point", pa.int64()),
        ("instant", pa.int64()),
        ("value", pa.float64()),
        ("is_late", pa.bool_()),
    ]
)
Rows = Sequence[tuple[int, int, float, bool]]


def write_day(engine: Connection, file: Path, rows: Rows, *, known: bool) -> int:
    """Merge rows into a day's file, durably and all or nothing; what was there first stays."""
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    fresh = pa.table(
        [pa.array(one, field.type) for one, field in zip(columns, SCHEMA, strict=True)],
        schema=SCHEMA,
    )
    query = "SELECT point, instant, value, is_late, 1 AS age FROM fresh"
    if known:
        query += (
            f" UNION ALL SELECT point, instant, value, is_late, 0 AS age FROM {parquet([file])}"
        )
        query = (
            "SELECT point, instant, arg_min(value, age) AS value, arg_min(is_late, age) AS is_late "
            f"FROM ({query}) AS two GROUP BY point, instant"
        )
    waiting = file.with_suffix(".waiting")
    with engine_errors():
        engine.register("fresh", fresh)
        try:
            written = engine.execute(
                f"COPY (SELECT point, instant, value, is_late FROM ({query}) AS merged "
                f"ORDER BY point, instant) TO {literal(str(waiting))} ({_OPTIONS})"
            ).fetchall()
        finally:
            engine.unregister("fresh")
    _sync(waiting)
    waiting.replace(file)
    _sync(file.parent)
    return int(written[0][0])


def rows_between(
    engine: Connection,
    files: Sequence[Path],
    *,
    since: int,
    until: int,
    points: Sequence[int],
    limit: int,
    newest_first: bool,
) -> list[tuple[Any, ...]]:
    """Rows (point, instant, value, late) of [since, until), sorted by instant."""
    chosen = f" AND point IN ({', '.join(map(str, points))})" if points else ""
    order = "DESC" if newest_first else "ASC"
    with engine_errors():
        return engine.execute(
            f"SELECT point, instant, value, is_late FROM {parquet(files)} "
            f"WHERE instant >= {since:d} AND instant < {until:d}{chosen} "
            f"ORDER BY instant {order}, point {order} LIMIT {limit:d}"
        ).fetchall()


def count_between(
    engine: Connection, files: Sequence[Path], *, since: int, until: int, points: Sequence[int]
) -> int:
    """How many rows of [since, until)."""
    chosen = f" AND point IN ({', '.join(map(str, points))})" if points else ""
    with engine_errors():
        found = engine.execute(
            f"SELECT count(*) FROM {parquet(files)} "
            f"WHERE instant >= {since:d} AND instant < {until:d}{chosen}"
        ).fetchall()
    return int(found[0][0])


def means_between(
    engine: Connection, files: Sequence[Path], *, since: int, until: int, step: int
) -> list[tuple[Any, ...]]:
    """(point, begin of step, sum, count) of [since, until)."""
    with engine_errors():
        table = engine.execute(
            f"SELECT point, instant - instant % {step:d} AS begun, sum(value), count(*) "
            f"FROM {parquet(files)} WHERE instant >= {since:d} AND instant < {until:d} "
            "GROUP BY point, begun"
        ).to_arrow_table()
    return list(zip(*(column.to_pylist() for column in table.columns), strict=True))


def _sync(path: Path) -> None:
    place = os.open(path, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
