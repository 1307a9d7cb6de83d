"""Writes a serving copy: Parquet files in, an indexed SQLite file out."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from yiwang.kernel.ids import new_id
from yiwang.lake.backends.duck import (
    Connection,
    engine_errors,
    literal,
    no_rows,
    open_engine,
    parquet,
    quoted,
)
from yiwang.lake.plans import Type

_AS_SQLITE: Mapping[Type, str] = {
    "text": "{0}",
    "json": "{0}",
    "integer": "{0}",
    "boolean": "CAST({0} AS BIGINT)",
    "date": "CAST({0} AS VARCHAR)",
    "decimal": "rtrim(rtrim(CAST({0} AS VARCHAR), '0'), '.')",
    "instant": "strftime({0} AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.%f') || '+00:00'",
}


class Copier:
    """Writes serving copies below a lake's folder, all with one engine. Thread-safe.

    Loading the engine's extension costs ten times what a small copy costs, so it is done once.
    """

    def __init__(self, lake: Path) -> None:
        self._lake = lake
        self._engine: Connection | None = None
        self._lock = threading.Lock()

    def write(
        self,
        file: Path,
        *,
        files: Sequence[Path],
        types: Mapping[str, Type],
        lookup: Sequence[str],
        about: str,
    ) -> None:
        """Fill ``file``, in a working folder of the lake, with rows and what is said of them.

        One index per lookup column; ``about`` is kept beside the rows.
        """
        chosen = ", ".join(
            f"{_AS_SQLITE[type_].format(quoted(name))} AS {quoted(name)}"
            for name, type_ in types.items()
        )
        source = parquet(files) if files else no_rows(types)
        copy = quoted(f"copy_{new_id()}")
        with engine_errors(), self._cursor() as engine:
            engine.execute(f"ATTACH {literal(str(file))} AS {copy} (TYPE sqlite)")
            try:
                engine.execute(f"CREATE TABLE {copy}.rows AS SELECT {chosen} FROM {source}")
            finally:
                engine.execute(f"DETACH {copy}")
        with engine_errors():
            _index(file, lookup, about)

    def close(self) -> None:
        """Let go of the engine; the next copy opens another."""
        with self._lock:
            engine, self._engine = self._engine, None
        if engine is not None:
            engine.close()

    @contextmanager
    def _cursor(self) -> Iterator[Connection]:
        """A connection of its own; an engine that failed is not used again."""
        with self._lock:
            if self._engine is None:
                self._engine = open_engine(
                    folders=[self._lake / "tables", self._lake / "staging"],
                    scratch=self._lake / "scratch" / f"serving-{os.getpid()}",
                    extension="sqlite_scanner",
                )
            cursor = self._engine.cursor()
        try:
            with cursor:
                yield cursor
        except BaseException:
            self.close()
            raise


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
