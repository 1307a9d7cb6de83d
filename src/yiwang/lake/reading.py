"""Reading: SQL over the lake, at the latest snapshots or at an earlier time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from yiwang.lake.backends.arrow import write_rows
from yiwang.lake.backends.duck import SQL_TYPES, Connection, fetch, open_engine, parquet, quoted
from yiwang.lake.backends.iceberg import State
from yiwang.lake.guard import bind, tables_of
from yiwang.lake.plans import Type
from yiwang.lake.store import Store

AsOf = Mapping[str, str] | datetime | None
"""Snapshots by table name, or an instant; None means the latest."""


Given = Mapping[str, tuple[Mapping[str, Type], Iterable[Mapping[str, Any]]]]
"""Tables by name as they stand now: the types of their columns, and their rows."""


class Reading:
    """Binds and runs queries over a store. Thread-safe."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._engine: Connection | None = None

    def close(self) -> None:
        """Let go of the engine."""
        if self._engine is not None:
            self._engine.close()
            self._engine = None

    def bound(
        self,
        sql: str,
        *,
        as_of: AsOf = None,
        limit: int | None = None,
        over: Mapping[str, str] | None = None,
    ) -> tuple[str, dict[str, str]]:
        """The query for the engine, and the snapshot of each table that it reads.

        ``over`` are relations by name that stand instead of a snapshot.
        """
        given = over or {}
        states = {name: self._state(name, as_of) for name in tables_of(sql) if name not in given}
        text = bind(sql, lambda name: given.get(name) or relation(self._store, name, states[name]))
        if limit is not None:
            text = f"SELECT * FROM ({text}) LIMIT {int(limit)}"
        return text, {name: state.id for name, state in states.items()}

    def rows(
        self,
        sql: str,
        *,
        as_of: AsOf = None,
        limit: int | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Run a query that was refused nothing; ``values`` fill its ``$name`` places."""
        text, _ = self.bound(sql, as_of=as_of, limit=limit)
        return self.run(text, values)

    def rows_over(
        self,
        sql: str,
        given: Given,
        *,
        limit: int | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Run a query in which some tables are what is given now; no snapshot is made of them."""
        with self._store.run() as work:
            scans = {
                name: _scan(work.folder / f"{number}.parquet", columns, rows)
                for number, (name, (columns, rows)) in enumerate(given.items())
            }
            text, _ = self.bound(sql, limit=limit, over=scans)
            return self.run(text, values)

    def run(self, text: str, values: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Rows of SQL that this room printed itself."""
        with self.cursor() as cursor:
            return fetch(cursor, text, values)

    def cursor(self) -> Connection:
        """A connection of its own to the engine behind the fence."""
        if self._engine is None:
            self._engine = open_engine(
                folders=[self._store.root / one for one in ("tables", "rejected", "staging")],
                scratch=self._store.root / "scratch",
            )
        return self._engine.cursor()

    def _state(self, name: str, as_of: AsOf) -> State:
        if isinstance(as_of, datetime) or as_of is None:
            return self._store.state(name, as_of)
        return self._store.state(name, as_of.get(name))


def _scan(file: Path, columns: Mapping[str, Type], rows: Iterable[Mapping[str, Any]]) -> str:
    write_rows(file, rows, columns=columns)
    return f"SELECT {', '.join(quoted(column) for column in columns)} FROM {parquet([file])}"


def relation(store: Store, name: str, state: State) -> str:
    """A snapshot's columns as a SELECT; the lake's own columns (``_line`` …) stay out."""
    files = store.files(name, state)
    shown = {column: type_ for column, type_ in state.columns.items() if not column.startswith("_")}
    if not files:  # no row: no file was planned
        empty = ", ".join(f"CAST(NULL AS {SQL_TYPES[t]}) AS {quoted(c)}" for c, t in shown.items())
        return f"SELECT {empty} WHERE FALSE"
    return f"SELECT {', '.join(quoted(column) for column in shown)} FROM {parquet(files)}"
