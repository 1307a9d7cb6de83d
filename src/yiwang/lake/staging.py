"""The staging table of one collection: filled in one pass, judged, written out."""

from __future__ import annotations

import json
from collections.abc import Sequence
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

_INSERT = "INSERT INTO staged"
_CREATE = "CREATE OR REPLACE TEMP TABLE staged AS"
"""Faster than filling a table that exists: the first extract makes the table."""


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
        self._starts: list[int] = []
        self._made = False
        self._tally: list[tuple[list[int], int]] | None = None
        self.window = window
        """A condition over the kept columns: other rows of the source are not staged."""
        self._is_first, self._is_last = is_first, is_last
        """Whether portions of the same delivery went before, and whether more come."""

    def fill(self, extracts: Sequence[Extract]) -> None:
        """Read every extract once, then judge what looks beyond the row."""
        for number, extract in enumerate(extracts):
            start = self._next_rowid()
            taken = self._read(number, extract)
            if not taken and extract.careful is not None:
                if self._made:
                    self._run(f"DELETE FROM staged WHERE _file = {number}")
                extract = extract.careful()
                taken = self._read(number, extract)
            if not taken:
                raise RowsLost(
                    f"{extract.file} 的行数与引擎读到的不一致，未归集。",
                    hint="请把文件交给维护者。",
                    file=extract.file,
                )
            self.extracts.append(extract)
            self._starts.append(start)
        if not self._made:
            columns = staging_columns(self._plan, self._judged, SQL_TYPES)
            self._run(f"CREATE OR REPLACE TEMP TABLE staged ({columns})")
        for index, rule in enumerate(self._judged.rules):
            if rule.check is not None:
                self._judge(index, rule.check)

    def _read(self, number: int, extract: Extract) -> bool:
        """Read an extract; False when the engine sees other rows than the file holds."""
        if not extract.relation:
            return True
        relation = f"SELECT *, CAST({number} AS SMALLINT) AS _file FROM ({extract.relation})"
        select = stage_select(
            self._plan,
            self._judged,
            relation=relation,
            text_of=lambda column: extract.texts.get(column, "CAST(NULL AS VARCHAR)"),
            kept=self.window,
        )
        before = self._count() if self._made else 0
        try:
            self._run(f"{_INSERT if self._made else _CREATE} {select}")
        except QueryRefused:
            if extract.careful is None:
                raise
            return False
        self._made = True
        return extract.rows in (None, self._count() - before)

    def tally(self) -> list[tuple[list[int], int]]:
        """How many rows have each combination of failures."""
        if self._tally is None:
            masks = self._judged.masks
            names = ", ".join(masks)
            found = self._fetch(f"SELECT {names}, count(*) AS n FROM staged GROUP BY ALL")
            self._tally = [([row[mask] for mask in masks], row["n"]) for row in found]
        return self._tally

    def write_accepted(self, file: Path) -> int:
        """Write the accepted rows, with their place and flags."""
        self._name_failures()
        columns = ", ".join(quoted(column.name) for column in self._plan.columns)
        return copy_out(
            self._engine,
            f"SELECT {columns}, {self._file()} AS _file, {self._line()} AS _line, "
            f"{self._failures()} AS _flags FROM staged s WHERE NOT ({self._judged.rejecting()})",
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
            f"FROM staged s WHERE {self._judged.rejecting()} "
            "UNION ALL SELECT file, line, '', 'line.broken', content FROM broken) "
            + ("ORDER BY file, line" if any(e.broken for e in self.extracts) else ""),
            file,
        )

    def drop(self) -> None:
        """Make room for the next portion."""
        self._run("DROP TABLE staged")

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
        # Grouping by hash costs half of grouping by text; the few found are compared exactly.
        repeated = (
            f"SELECT hash({columns}) FROM staged WHERE {fit} GROUP BY ALL HAVING count(*) > 1"
        )
        return (
            f"SELECT id FROM (SELECT rowid AS id, row_number() OVER "
            f"(PARTITION BY {columns} ORDER BY rowid) AS nth FROM staged "
            f"WHERE {fit} AND hash({columns}) IN ({repeated})) WHERE nth > 1"
        )

    def _unreferenced(self, reference: Reference) -> str:
        column = quoted(reference.column)
        known = self._targets(reference)
        return (
            f"SELECT rowid AS id FROM staged "
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
                f"UPDATE staged SET {mask} = {mask} | {bit} WHERE rowid IN (SELECT id FROM late)"
            )

    def _compare(self, seen: str, check: Check) -> None:
        """Add to ``late`` what earlier portions held; remember for later ones, by 128 bits a key.

        That two keys of some million agree in both hashes does not happen.
        """
        text = f"concat_ws(chr(31), '~', {_listed(check)})"
        keys = f"hash({_listed(check)}) AS h, hash({text}) AS g"
        kept = f"SELECT rowid AS id, {keys} FROM staged WHERE {self._fit(check)}"
        self._run(f"CREATE TEMP TABLE IF NOT EXISTS {seen} (h UBIGINT, g UBIGINT)")
        if not self._is_first:
            self._run(f"INSERT INTO late SELECT id FROM ({kept}) SEMI JOIN {seen} USING (h, g)")
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
            return f"s.rowid + {self.extracts[0].first_line}"
        cases = " ".join(
            f"WHEN {number} THEN s.rowid - {start} + {extract.first_line}"
            for number, (extract, start) in enumerate(zip(self.extracts, self._starts, strict=True))
        )
        return f"coalesce(s._line, CASE s._file {cases} END)"

    def _next_rowid(self) -> int:
        if not self._made:
            return 0
        return int(self._fetch("SELECT coalesce(max(rowid) + 1, 0) AS n FROM staged")[0]["n"])

    def _count(self) -> int:
        return int(self._fetch("SELECT count(*) AS n FROM staged")[0]["n"])

    def _run(self, sql: str) -> None:
        with engine_errors():
            self._engine.execute(sql)

    def _fetch(self, sql: str) -> list[dict[str, int]]:
        return fetch(self._engine, sql)


def _listed(check: Check) -> str:
    return ", ".join(quoted(name) for name in check.unique)
