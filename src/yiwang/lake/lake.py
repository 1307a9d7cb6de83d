"""The lake's door: collect, publish, write, read at any time, serve lookups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from yiwang.lake import collecting, publishing
from yiwang.lake.outcomes import Collection, Publication, Rejected, Serving, Snapshot
from yiwang.lake.plans import FeedPlan, Source, TableContract, Type
from yiwang.lake.quarantine import rejected_rows
from yiwang.lake.reading import AsOf, Reading
from yiwang.lake.serving import Servings
from yiwang.lake.store import Store, as_snapshot


class Lake:
    """数据湖: the tables under one folder. Threads and processes may share the folder."""

    def __init__(self, root: Path) -> None:
        self._store = Store(root)
        self._reading = Reading(self._store)
        self._servings = Servings(self._store)

    def close(self) -> None:
        """Let go of engine and catalogue; needed only where many lakes come and go."""
        self._reading.close()
        self._store.tables.close()

    def collect(
        self,
        feed: FeedPlan,
        source: Source,
        *,
        at: datetime,
        run: str,
        allow_empty: bool = False,
    ) -> Collection:
        """归集: replace a feed's table by what the source holds now, every row judged.

        The same ``run`` collected again returns the first result. A source that lost columns,
        cannot be read, or is empty where rows were before raises, and nothing changes;
        ``allow_empty`` accepts the emptiness.
        """
        return collecting.collect(
            self._store, feed, source, at=at, run=run, allow_empty=allow_empty
        )

    def publish(self, name: str, sql: str, *, contract: TableContract, at: datetime) -> Publication:
        """发布: replace a table by the rows of ``sql``, if they keep the contract."""
        return publishing.publish(self._store, name, sql, contract=contract, at=at)

    def write(
        self,
        name: str,
        rows: Iterable[Mapping[str, Any]],
        *,
        columns: Mapping[str, Type],
        at: datetime,
    ) -> Publication:
        """Replace a table by rows that the platform itself holds (``platform.cases``)."""
        return publishing.write(self._store, name, rows, columns=columns, at=at)

    def rows(
        self,
        sql: str,
        *,
        as_of: AsOf = None,
        limit: int | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Rows of one SELECT over ``pack.table`` names, as Decimal, date, aware datetime, text.

        ``as_of`` is an instant, or snapshot ids by table. ``values`` fill ``$name`` in the SQL.
        Anything but reading known tables raises ``SqlRefused``.
        """
        return self._reading.rows(sql, as_of=as_of, limit=limit, values=values)

    def count(self, name: str) -> int:
        """How many rows the latest snapshot has."""
        return as_snapshot(self._store.state(name)).rows

    def snapshots(self, name: str) -> list[Snapshot]:
        """The states of a table that can be read again, oldest first."""
        return [as_snapshot(state) for state in self._store.states(name)]

    def tables(self) -> list[str]:
        """Every table that has rows or has had them."""
        return self._store.tables.names()

    def columns(self, name: str) -> dict[str, Type]:
        """The columns of the latest snapshot and their types."""
        columns = self._store.state(name).columns
        return {column: type_ for column, type_ in columns.items() if not column.startswith("_")}

    def rejected(
        self, feed: str, *, run: str | None = None, offset: int = 0, limit: int = 50
    ) -> list[Rejected]:
        """隔离区: the rows that a run (by default the latest) did not accept, in source order."""
        return rejected_rows(self._store, feed, run=run, offset=offset, limit=limit)

    def collection(self, feed: str, run: str) -> Collection | None:
        """The result of a run, if it was committed."""
        state = self._store.find_run(feed, run)
        return collecting.recall(state) if state else None

    def serve(self, name: str, *, lookup: Sequence[str]) -> None:
        """Put the latest snapshot behind ``lookup``: an indexed copy, swapped atomically."""
        self._servings.serve(name, lookup=lookup)

    def served(self, name: str) -> Serving:
        """Which snapshot answers lookups now."""
        return self._servings.served(name)

    def lookup(
        self, name: str, *, where: Mapping[str, str], columns: Sequence[str], limit: int = 100
    ) -> list[dict[str, Any]]:
        """Rows by key from the serving copy; at least one column of ``where`` is indexed."""
        return self._servings.lookup(name, where=where, columns=columns, limit=limit)
