"""Writes a serving copy: Parquet files in, an indexed SQLite file out."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from yiwang.lake.backends.duck import engine_errors, literal, no_rows, open_engine, parquet, quoted
from yiwang.lake.plans import Type

_AS_SQLITE: Mapping[Type, str] = {
    "text": "{0}",
    "json": "{0}",
    "integer": "{0}",
    "boolean": "CAST({0} AS BIGINT)",
    "date": "CAST({0} AS VARCHAR)",
    "decimal": "rtrim(rtrim(CAST({0} AS VARCHAR), '0'), '.')",
    "instant": "strftime({0}, '%Y-%m-%dT%H:%M:%S.%f') || '+00:00'",
}


def write_copy(
    file: Path,
    *,
    files: Sequence[Path],
    types: Mapping[str, Type],
    lookup: Sequence[str],
    about: str,
    lake: Path,
) -> None:
    """Fill ``file`` with rows, one index per lookup column, and what the copy says of itself."""
    engine = open_engine(
        folders=[lake / "tables", file.parent],
        scratch=file.parent / "scratch",
        extension="sqlite_scanner",
    )
    chosen = ", ".join(
        f"{_AS_SQLITE[type_].format(quoted(name))} AS {quoted(name)}"
        for name, type_ in types.items()
    )
    source = parquet(files) if files else no_rows(types)
    try:
        with engine_errors():
            engine.execute(f"ATTACH {literal(str(file))} AS copy (TYPE sqlite)")
            engine.execute(f"CREATE TABLE copy.rows AS SELECT {chosen} FROM {source}")
            engine.execute("DETACH copy")
    finally:
        engine.close()
    with engine_errors():
        _index(file, lookup, about)


def _index(file: Path, lookup: Sequence[str], about: str) -> None:
    connection = sqlite3.connect(file)
    try:
        for column in lookup:
            connection.execute(f"CREATE INDEX {quoted(f'by_{column}')} ON rows ({quoted(column)})")
        connection.execute("CREATE TABLE about (content TEXT)")
        connection.execute("INSERT INTO about VALUES (?)", (about,))
        connection.execute("ANALYZE")
        connection.commit()
    finally:
        connection.close()
    with file.open("rb") as handle:
        os.fsync(handle.fileno())
