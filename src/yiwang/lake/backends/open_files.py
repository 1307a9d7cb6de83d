"""Writes opened rows as CSV and JSON, from the Parquet file that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from yiwang.lake.backends.duck import Connection, engine_errors, literal, parquet, quoted
from yiwang.lake.plans import Type

_AS_TEXT: Mapping[Type, str] = {
    "decimal": "rtrim(rtrim(CAST({0} AS VARCHAR), '0'), '.')",
    "instant": "strftime({0}, '%Y-%m-%dT%H:%M:%SZ')",
}
_AS_JSON: Mapping[Type, str] = {
    "decimal": "CAST({0} AS DOUBLE)",
    "instant": "strftime({0}, '%Y-%m-%dT%H:%M:%SZ')",
}


def write_csv(engine: Connection, rows: Path, file: Path, *, types: Mapping[str, Type]) -> None:
    """CSV (RFC 4180) in UTF-8 with a header line of column names."""
    _write(engine, rows, file, types, _AS_TEXT, "FORMAT csv, HEADER true")


def write_json(engine: Connection, rows: Path, file: Path, *, types: Mapping[str, Type]) -> None:
    """One JSON array of objects, one object a line."""
    _write(engine, rows, file, types, _AS_JSON, "FORMAT json, ARRAY true")


def _write(
    engine: Connection,
    rows: Path,
    file: Path,
    types: Mapping[str, Type],
    spelling: Mapping[Type, str],
    options: str,
) -> None:
    columns = ", ".join(
        f"{spelling.get(type_, '{0}').format(quoted(name))} AS {quoted(name)}"
        for name, type_ in types.items()
    )
    query = f"SELECT {columns} FROM {parquet([rows])}"
    with engine_errors():
        engine.execute(f"COPY ({query}) TO {literal(str(file))} ({options})")
