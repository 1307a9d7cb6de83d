"""The staging table of one collection: filled in one pass, judged, written out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from yiwang.kernel.errors import Conflict
from yiwang.lake.backends.duck import (
    SQL_TYPES,
    Connection,
    QueryRefused,
    copy_out,
    engine_errors,
    fetch,
    literal,
    parquet,
    quoted,
)
from yiwang.lake.extracts import Extract
from yiwang.lake.plans import Check, FeedPlan, Reference
from yiwang.lake.quality import Judgement, stage_select, staging_columns, text_column
from yiwang.lake.store import Store

HELD = 512_000_000
"""So many bytes of rows are held as the engine handed them over, which costs half of what a table
costs; what may be more goes into a table, which the engine can move to disk."""


class ReferenceMissing(Conflict):
    """A rule refers to a table that has not been collected yet."""

    code = "lake.reference_missing"


class RowsLost(Conflict):
    """The engine read another number of rows than the file holds."""

    code = "lake.rows_lost"


class Staging:
    """Rows on their way: typed, with the text they came from and a bit per failed rule."""

    def __init__(
        self,
        engine: Connection,
        store: Store,
        plan: FeedPlan,
        judged: Judgement,
        *,
        window: str = "",
        is_first: bool = True,
        is_last: bool = True,
    ) -> None:
        self._engine = engine
        self._store = store
        self._plan = plan
        self._judged = judged
        self.extracts: list[Extract] = []
        self._rows: list[int] = []
        """How many rows each extract gave."""
        self._is_made = False
        self._tally: list[tuple[list[int], int]] | None = None
        self.window = window
        """A condition over the kept columns: other rows of the source are not staged."""
        self._is_first, self._is_last = is_first, is_last
        """Whether portions of the same delivery went before, and whether more come."""

    def fill(self, extracts: Sequence[Extract]) -> None:
        """Read every extract once, then judge what looks beyond the row."""
        for number, extract in enumerate(extracts):
            is_alone = len(extracts) == 1
            taken = self._read(number, extract, is_alone=is_alone)
            if not taken and extract.careful is not None:
                extract = extract.careful()
                taken = self._read(number, extract, is_alone=is_alone)
            if not taken:
                raise RowsLost(
                    f"{extract.file} 的行数与引擎读到的不一致，未归集。",
                    hint="请把文件交给维护者。",
                    file=extract.file,
                )
            self.extracts.append(extract)
        self._join()
        for index, rule in enumerate(self._judged.rules):
            if rule.check is not None:
                self._judge(index, rule.check)

    def _read(self, number: int, extract: Extract, *, is_alone: bool) -> bool:
        """Read an extract; False when the engine sees other rows than the file holds."""
        del self._rows[number:]
        if not extract.relation:
            self._rows.append(0)
            return True
        relation = f"SELECT *, CAST({number} AS SMALLINT) AS _file FROM ({extract.relation})"
        select = stage_select(
            self._plan,
            self._judged,
            relation=relation,
            text_of=lambda column: extract.texts.get(column, "CAST(NULL AS VARCHAR)"),
            kept=self.window,
        )
        try:
            with extract.opened():
                if is_alone and self._size(extract) <= HELD:
                    self._hold(select)
                else:
                    self._put(number, select)
        except QueryRefused:
            if extract.careful is None:
                raise
            return False
        self._rows.append(self._count() - sum(self._rows))
        return extract.rows in (None, self._rows[-1])

    def _hold(self, select: str) -> None:
        """Keep the rows as the engine hands them over: a query with a parameter is run at once."""
        with engine_errors():
            self._engine.sql(f"{select} WHERE $1", params=[True]).create_view("staged")
        self._is_made = True

    def _put(self, number: int, select: str) -> None:
        """Put the rows into a table, behind those of the extracts before."""
        if not sum(self._rows):  # faster than filling a table that exists
            self._run(f"CREATE OR REPLACE TEMP TABLE staged_rows AS {select}")
            self._run("CREATE OR REPLACE TEMP VIEW staged AS SELECT * FROM staged_rows")
        else:
            self._run(f"DELETE FROM staged_rows WHERE _file = {number}")
            self._run(f"INSERT INTO staged_rows {select}")
        self._is_made = True

    def _size(self, extract: Extract) -> int:
        """At most so many bytes the rows of an extract take in memory; more when unknown."""
        if extract.rows is None or extract.size is None:
            return HELD + 1
        columns = len(self._plan.columns) + sum(c.type != "text" for c in self._plan.columns) + 3
        return extract.size + 16 * columns * extract.rows

    def _join(self) -> None:
        """What was read, with the masks, which change later, as view ``judged``."""
        if not self._is_made:
            columns = staging_columns(self._plan, self._judged, SQL_TYPES)
            self._run(f"CREATE OR REPLACE TEMP TABLE staged_rows ({columns})")
            self._run("CREATE OR REPLACE TEMP VIEW staged AS SELECT * FROM staged_rows")
        masks = ", ".join(self._judged.masks)
        self._run(f"CREATE OR REPLACE TEMP TABLE masks AS SELECT {masks} FROM staged")
        self._run(
            f"CREATE OR REPLACE TEMP VIEW judged AS SELECT s.* EXCLUDE ({masks}), m.*, "
            "m.rowid AS _row FROM staged AS s POSITIONAL JOIN masks AS m"
        )

    def tally(self) -> list[tuple[list[int], int]]:
        """How many rows have each combination of failures."""
        if self._tally is None:
            masks = self._judged.masks
            names = ", ".join(masks)
            found = self._fetch(f"SELECT {names}, count(*) AS n FROM masks GROUP BY ALL")
            self._tally = [([row[mask] for mask in masks], row["n"]) for row in found]
        return self._tally

    def write_accepted(self, file: Path) -> int:
        """Write the accepted rows, with their place and flags."""
        self._name_failures()
        columns = ", ".join(quoted(column.name) for column in self._plan.columns)
        return copy_out(
            self._engine,
            f"SELECT {columns}, {self._file()} AS _file, {self._line()} AS _line, "
            f"{self._failures()} AS _flags FROM judged s WHERE NOT ({self._judged.rejecting()})",
            file,
        )

    def write_rejected(self, file: Path) -> int:
        """Write rejected rows and broken lines with reasons and values as read, in file order."""
        values = ", ".join(f"{quoted(c.name)} := {text_column(c)}" for c in self._plan.columns)
        keys = ", ".join(
            text_column(column) for column in self._plan.columns if column.name in self._plan.key
        )
        self._stage_broken()
        return copy_out(
            self._engine,
            f"SELECT * FROM (SELECT {self._file()} AS file, {self._line()} AS line, "
            f"concat_ws('|', {keys or 'NULL'}) AS key, {self._failures()} AS rules, "
            f"CAST(to_json(struct_pack({values})) AS VARCHAR) AS content "
            f"FROM judged s WHERE {self._judged.rejecting()} "
            "UNION ALL SELECT file, line, '', 'line.broken', content FROM broken) "
            + ("ORDER BY file, line" if any(e.broken for e in self.extracts) else ""),
            file,
        )

    def drop(self) -> None:
        """Make room for the next portion."""
        self._run("DROP VIEW judged")
        self._run("DROP VIEW staged")
        self._run("DROP TABLE IF EXISTS staged_rows")

    def _stage_broken(self) -> None:
        self._run(
            "CREATE OR REPLACE TEMP TABLE broken (file VARCHAR, line BIGINT, content VARCHAR)"
        )
        rows = [
            (
                extract.file,
                line.line,
                json.dumps({"_text": line.text, "_reason": line.reason}, ensure_ascii=False),
            )
            for extract in self.extracts
            for line in extract.broken
        ]
        if rows:
            with engine_errors():
                self._engine.executemany("INSERT INTO broken VALUES (?, ?, ?)", rows)

    def _name_failures(self) -> None:
        """A small table from masks to rule ids: combinations are few, rows are many."""
        masks = self._judged.masks
        columns = ", ".join(f"{mask} BIGINT" for mask in masks)
        self._run(f"CREATE OR REPLACE TEMP TABLE failures ({columns}, ids VARCHAR)")
        rows = [
            (*combination, " ".join(rule.id for rule in self._judged.failed(combination)))
            for combination, _ in self.tally()
            if any(combination)
        ]
        if rows:
            places = ", ".join("?" for _ in rows[0])
            with engine_errors():
                self._engine.executemany(f"INSERT INTO failures VALUES ({places})", rows)

    def _failures(self) -> str:
        """The ids of a row's failures: written out while few, else looked up."""
        masks = self._judged.masks
        clean = " AND ".join(f"s.{mask} = 0" for mask in masks)
        same = " AND ".join(f"f.{mask} = s.{mask}" for mask in masks)
        looked_up = f"(SELECT ids FROM failures f WHERE {same})"
        known = self._fetch("SELECT * FROM failures LIMIT 101")
        if len(known) > 100:
            return f"CASE WHEN {clean} THEN NULL ELSE {looked_up} END"
        cases = " ".join(
            f"WHEN {' AND '.join(f's.{mask} = {row[mask]}' for mask in masks)} "
            f"THEN {literal(str(row['ids']))}"
            for row in known
        )
        return f"CASE WHEN {clean} THEN CAST(NULL AS VARCHAR) {cases} END"

    def _failing_rows(self, check: Check) -> str:
        """A query of the rowids that fail a check beyond the row."""
        if check.reference is not None:
            return self._unreferenced(check.reference)
        columns, fit = _listed(check), self._fit(check)
        half = f"CAST(hash({columns}) & {0xFFFFFFFF} AS UINTEGER)"
        # Grouping by a hash costs half of grouping by text; the few found are compared exactly.
        repeated = f"SELECT {half} FROM judged WHERE {fit} GROUP BY ALL HAVING count(*) > 1"
        return (
            f"SELECT id FROM (SELECT _row AS id, row_number() OVER "
            f"(PARTITION BY {columns} ORDER BY _row) AS nth FROM judged "
            f"WHERE {fit} AND {half} IN ({repeated})) WHERE nth > 1"
        )

    def _unreferenced(self, reference: Reference) -> str:
        column = quoted(reference.column)
        known = self._targets(reference)
        return (
            f"SELECT _row AS id FROM judged "
            f"WHERE {column} IS NOT NULL AND {column} NOT IN ({known})"
        )

    def _targets(self, reference: Reference) -> str:
        target = quoted(reference.target)
        if reference.table == self._plan.name:
            return f"SELECT {target} FROM staged WHERE {target} IS NOT NULL"
        if self._store.tables.states(reference.table):
            files = self._store.files(reference.table, self._store.state(reference.table))
            return f"SELECT {target} FROM {parquet(files)} WHERE {target} IS NOT NULL"
        if (codes := self._plan.codes.get(reference.table)) is not None:
            return f"SELECT unnest([{', '.join(literal(code) for code in sorted(codes))}])"
        raise ReferenceMissing(
            f"{self._plan.name} 引用的表 {reference.table} 还没有数据。",
            hint="请先归集或写入被引用的表。",
            feed=self._plan.name,
            table=reference.table,
        )

    def _judge(self, index: int, check: Check) -> None:
        """Mark the rows that fail a check beyond the row, also for what portions before held."""
        mask, bit = self._judged.bit(index)
        self._run(f"CREATE OR REPLACE TEMP TABLE late AS {self._failing_rows(check)}")
        if check.unique and not (self._is_first and self._is_last):
            self._compare(f"seen{index}", check)
        if self._fetch("SELECT count(*) AS n FROM late")[0]["n"]:
            self._run(
                f"UPDATE masks SET {mask} = {mask} | {bit} WHERE rowid IN (SELECT id FROM late)"
            )

    def _compare(self, seen: str, check: Check) -> None:
        """Add to ``late`` what earlier portions held; remember for later ones, by 128 bits a key.

        That two keys of some million agree in both hashes does not happen.
        """
        text = " || chr(31) || ".join(quoted(name) for name in check.unique)
        keys = f"hash({_listed(check)}) AS h, hash({text} || '~') AS g"
        kept = f"SELECT _row AS id, {keys} FROM judged WHERE {self._fit(check)}"
        self._run(f"CREATE TEMP TABLE IF NOT EXISTS {seen} (h UBIGINT, g UBIGINT)")
        if not self._is_first:
            # Built from one portion and asked for all before it: half of the way round.
            self._run(
                f"CREATE OR REPLACE TEMP TABLE again AS "
                f"SELECT h, g FROM {seen} SEMI JOIN (SELECT h FROM ({kept})) USING (h)"
            )
            if self._fetch("SELECT count(*) AS n FROM again")[0]["n"]:
                self._run(f"INSERT INTO late SELECT id FROM ({kept}) SEMI JOIN again USING (h, g)")
        if not self._is_last:
            self._run(f"INSERT INTO {seen} SELECT h, g FROM ({kept})")

    def _fit(self, check: Check) -> str:
        """Rows among which a value may stand once: those not rejected so far that have it."""
        known = " AND ".join(f"{quoted(name)} IS NOT NULL" for name in check.unique)
        return f"NOT ({self._judged.rejecting()}) AND {known}"

    def _file(self) -> str:
        if len(self.extracts) == 1:
            return literal(self.extracts[0].file)
        cases = " ".join(
            f"WHEN {number} THEN {literal(extract.file)}"
            for number, extract in enumerate(self.extracts)
        )
        return f"CASE s._file {cases} END"

    def _line(self) -> str:
        if len(self.extracts) == 1 and not self.extracts[0].has_lines:
            return f"s._row + {self.extracts[0].first_line}"
        starts = accumulate(self._rows, initial=0)
        cases = " ".join(
            f"WHEN {number} THEN s._row - {start} + {extract.first_line}"
            for number, (extract, start) in enumerate(zip(self.extracts, starts, strict=False))
        )
        return f"coalesce(s._line, CASE s._file {cases} END)"

    def _count(self) -> int:
        return int(self._fetch("SELECT count(*) AS n FROM staged")[0]["n"])

    def _run(self, sql: str) -> None:
        with engine_errors():
            self._engine.execute(sql)

    def _fetch(self, sql: str) -> list[dict[str, int]]:
        return fetch(self._engine, sql)


def _listed(check: Check) -> str:
    return ", ".join(quoted(name) for name in check.unique)
