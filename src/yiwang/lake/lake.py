"""The lake's door: collect, publish, write, read at any time, serve lookups."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from yiwang.lake import anonymity, collecting, holding, publishing
from yiwang.lake.amending import Amendment, amend
from yiwang.lake.anonymity import Measured, Remedy
from yiwang.lake.backends.serving_copy import Copier
from yiwang.lake.backends.streams import Part
from yiwang.lake.collecting import Gate, Say, Wish
from yiwang.lake.exporting import Export, is_comparable, parts
from yiwang.lake.openness import OpenPlan
from yiwang.lake.outcomes import Collection, Publication, Rejected, Serving, Snapshot
from yiwang.lake.plans import FeedPlan, Source, TableContract, Type, Window
from yiwang.lake.quarantine import rejected_rows, still_rejected
from yiwang.lake.reading import AsOf, Given, Reading
from yiwang.lake.releasing import Opened, open_rows
from yiwang.lake.selecting import Selection, count_sql, sql_of
from yiwang.lake.serving import Servings
from yiwang.lake.store import Store, as_snapshot


class Lake:
    """数据湖: the tables under one folder. Threads and processes may share the folder."""

    def __init__(self, root: Path) -> None:
        self._store = Store(root)
        self._reading = Reading(self._store)
        self._copier = Copier(self._store.root)
        self._servings = Servings(self._store, self._copier)

    def close(self) -> None:
        """Let go of engine and catalogue; needed only where many lakes come and go."""
        self._reading.close()
        self._copier.close()
        self._store.tables.close()

    def collect(
        self,
        feed: FeedPlan,
        source: Source,
        *,
        at: datetime,
        run: str,
        allow_empty: bool = False,
        window: Window | None = None,
        merge: bool = False,
        gate: Gate | None = None,
        say: Say = str,
    ) -> Collection:
        """归集: replace a feed's table by what the source holds now, every row judged.

        The same ``run`` collected again returns the first result. A source that lost columns,
        cannot be read, or is empty where rows were before raises, and nothing changes;
        ``allow_empty`` accepts the emptiness.

        ``merge`` replaces only the rows of the keys that were read, ``window`` reads only rows of
        a database within it (both need the plan's ``increment``). ``gate`` is asked, with counts
        and changes, what is to be done before anything is committed: ``"commit"``, ``"skip"``, or
        reasons to hold the load back until ``release`` or ``discard``. ``say`` is told each step
        and may raise to stop the run.
        """
        wish = Wish(allow_empty=allow_empty, window=window, merge=merge, gate=gate, say=say)
        return collecting.collect(self._store, feed, source, at=at, run=run, wish=wish)

    def release(self, feed: FeedPlan, run: str) -> Collection:
        """Commit a load that was held back."""
        return collecting.recall(holding.release(self._store, feed, run), repeated=False)

    def discard(self, feed: str, run: str) -> None:
        """Throw a load away that was held back."""
        holding.discard(self._store, feed, run)

    def newest(self, feed: str) -> str:
        """How new the table is by its plan's moving column: the watermark. Empty if unknown."""
        states = self._store.tables.states(feed)
        values = (state.facts.get("yiwang.newest", "") for state in reversed(states))
        return next((value for value in values if value), "")

    def publish(self, name: str, sql: str, *, contract: TableContract, at: datetime) -> Publication:
        """发布: replace a table by the rows of ``sql``, if they keep the contract."""
        return publishing.publish(self._store, name, sql, contract=contract, at=at)

    def is_as_made(self, name: str, sql: str, *, contract: TableContract) -> bool:
        """Whether publishing a table again would change nothing: all that it reads is as it was."""
        return publishing.is_as_made(self._store, name, sql, contract=contract)

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

    def amend(self, name: str, amendments: Sequence[Amendment], *, at: datetime) -> str:
        """更正: the latest snapshot with single values set, as a new one; returns its id."""
        return amend(self._store, name, amendments, at=at)

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

    def rows_over(
        self,
        sql: str,
        given: Given,
        *,
        limit: int | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """As ``rows``, with the tables in ``given`` as they stand now instead of a snapshot."""
        return self._reading.rows_over(sql, given, limit=limit, values=values)

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

    def still_rejected(self, feed: str, *, before: str, after: str) -> int:
        """How many of the rows that run ``before`` rejected are not put right by ``after``."""
        return still_rejected(self._store, feed, before=before, after=after)

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

    def measure_open(self, plan: OpenPlan) -> Measured:
        """k-匿名测量: the smallest group of what a plan would open, in the latest snapshot."""
        return anonymity.measure(plan, self.rows)

    def blame_open(
        self, plan: OpenPlan, *, divisions: Sequence[str] = (), codes: Sequence[str] = ()
    ) -> tuple[tuple[Remedy, ...], tuple[Remedy, ...]]:
        """Which column is to blame, best change first; and the changes that reach k together.

        ``divisions`` hold codes of divisions, ``codes`` other codes, which are never cut.
        """
        kinds = anonymity.Kinds(divisions=divisions, codes=codes)
        blamed = anonymity.blame(plan, self.rows, kinds)
        return blamed, anonymity.way_out(plan, self.rows, kinds, first=blamed)

    def open_rows(self, plan: OpenPlan, *, folder: Path) -> Opened:
        """开放文件: write what a plan opens of the latest snapshot into a new folder."""
        return open_rows(self._store, self._copier, plan, folder=folder)

    def lookup_at(
        self, name: str, *, where: Mapping[str, str], columns: Sequence[str], limit: int = 100
    ) -> tuple[Serving, list[dict[str, Any]]]:
        """As ``lookup``, with the copy that answers."""
        return self._servings.lookup_at(name, where=where, columns=columns, limit=limit)

    def lookup_each(
        self,
        name: str,
        *,
        by: str,
        values: Sequence[str],
        columns: Sequence[str],
        limit: int = 100,
        most: int | None = None,
    ) -> dict[str, list[dict[str, Any]]]:
        """Rows of many values of one indexed column, by value; at most 500 values at once.

        At most ``limit`` rows for each value and ``most`` in all.
        """
        return self._servings.lookup_each(
            name, by=by, values=values, columns=columns, limit=limit, most=most
        )

    def select(self, selection: Selection) -> list[dict[str, Any]]:
        """Rows of one table by parsed conditions, in order, at the latest snapshot."""
        state = self._store.state(selection.table)
        return self._reading.run(sql_of(self._store, state, selection))

    def count_selected(self, selection: Selection) -> int:
        """How many rows the conditions leave, whatever the limit."""
        state = self._store.state(selection.table)
        return int(self._reading.run(count_sql(self._store, state, selection))[0]["n"])

    def is_comparable(self, selection: Selection, *, since: str, key: tuple[str, ...]) -> bool:
        """Whether it can be told what of a selection changed since a snapshot."""
        return is_comparable(self._store, selection, since=since, key=key)

    def export(self, export: Export) -> Iterator[Part]:
        """Many rows on their way out, part by part; memory stays flat whatever their number."""
        state = self._store.state(export.selection.table)
        with self._reading.cursor() as cursor:
            yield from parts(self._store, cursor, state, export)
