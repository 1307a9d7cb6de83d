"""A SQLite table read byte by byte: when a text of it is no UTF-8, the engine refuses the whole.

Slower (0.4 M rows/s), so it is only tried after the engine failed. Rows that do not decode are
broken lines; every other row is read as usual.
"""

from __future__ import annotations

import csv
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from yiwang.lake.backends.duck import literal, quoted
from yiwang.lake.encodings import decode_line
from yiwang.lake.extracts import Broken, Extract
from yiwang.lake.plans import FeedPlan, Source


def read_bytes(plan: FeedPlan, source: Source, extract: Extract, work: Path) -> Extract:
    """The extract of ``source`` as a CSV with row numbers, and its rows that do not decode."""
    file = work / "rows_of_bytes.csv"
    offered, broken = _written(plan, source, file)
    columns = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(len(offered) + 1))
    places = {name: offered.index(source_name(offered, n)) for name, n in extract.names.items()}
    return replace(
        extract,
        relation=(
            f"SELECT CAST(c0 AS BIGINT) AS _line, * FROM read_csv({literal(str(file))}, "
            f"columns = {{{columns}}}, delim = ',', quote = '\"', escape = '\"', header = false, "
            "auto_detect = false, max_line_size = 16777216)"
        ),
        texts={
            name: f"nullif(trim({quoted(f'c{at + 1}')}, ' \t\r\n'), '')"
            for name, at in places.items()
        },
        rows=None,
        has_lines=True,
        broken=broken,
        notes=[*extract.notes, f"{len(broken)} 行不是 UTF-8，已隔离"],
        careful=None,
    )


def _written(plan: FeedPlan, source: Source, file: Path) -> tuple[list[str], list[Broken]]:
    """The table as CSV; returns its columns, and the rows that stayed out."""
    broken: list[Broken] = []
    with (
        closing(sqlite3.connect(f"file:{source.path}?mode=ro", uri=True)) as database,
        file.open("w", encoding="utf-8", newline="") as out,
    ):
        database.text_factory = bytes
        found = database.execute(f"SELECT * FROM {quoted(plan.shape.table)}")
        writer = csv.writer(out, lineterminator="\n")
        for line, row in enumerate(found, 1):
            cells = [_text(value) for value in row]
            if None in cells:
                broken.append(Broken(line, ",".join(map(_shown, row)), "编码损坏"))
            else:
                writer.writerow([line, *cells])
        return [part[0] for part in found.description], broken


def _shown(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return "" if value is None else str(value)


def source_name(offered: list[str], name: str) -> str:
    """The name as the table spells it."""
    return next(
        one
        for one in offered
        if "".join(one.split()).casefold() == "".join(name.split()).casefold()
    )


def _text(value: object) -> str | None:
    """A cell as text; None when its bytes do not decode."""
    if value is None:
        return ""
    if isinstance(value, bytes):
        return decode_line(value, "utf-8")
    return str(value)
