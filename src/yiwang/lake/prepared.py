"""A file made ready for the engine: rows with their line numbers, and what was left aside."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from yiwang.lake.extracts import Broken, Columns, plain, unused_of
from yiwang.lake.headers import HeaderPlace
from yiwang.lake.portions import Mark

_BREAK = re.compile(r"\s*[\r\n]+\s*")


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A file ready for the engine, its columns located.

    ``skip`` lines precede the rows; with ``has_lines`` the first column is the line number.
    """

    path: Path
    separator: str
    width: int
    columns: Columns
    skip: int
    rows: int
    size: int
    """How many bytes they take."""
    has_lines: bool
    trimmed: bool
    broken: list[Broken] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    unused: tuple[str, ...] = ()
    marks: list[Mark] = field(default_factory=list)
    """Where a file that is read in place may be cut; the last mark is its end."""


def write_prepared(
    rows: Iterable[tuple[int, list[str]]],
    *,
    to: Path,
    place: HeaderPlace,
    width: int,
    broken: list[Broken],
    notes: list[str],
) -> Prepared:
    """Write rows as UTF-8 with their line numbers.

    In a sheet-like file (its header is not on the first line) section rows and repeated headers
    are no data: they are left aside, and a note says where they stood.
    """
    aside: list[int] = []
    kept = _kept(rows, place, aside)
    count = 0
    with to.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        for row in kept:
            writer.writerow(row)
            count += 1
    if aside:
        shown = "、".join(map(str, aside[:20])) + ("…" if len(aside) > 20 else "")
        notes = [*notes, f"分节行与重复表头 {len(aside)} 行不作数据（第 {shown} 行）"]
    return Prepared(
        path=to,
        separator=",",
        width=width,
        columns=place.columns,
        skip=0,
        rows=count,
        size=to.stat().st_size,
        has_lines=True,
        trimmed=True,
        broken=broken,
        notes=notes,
        unused=unused_of(place.columns, place.names),
    )


def _kept(
    rows: Iterable[tuple[int, list[str]]], place: HeaderPlace, aside: list[int]
) -> Iterator[list[object]]:
    sheet_like = place.row > 0 or place.span > 1
    for line, cells in rows:
        if not any(map(str.strip, cells)):
            continue
        if sheet_like and _is_furniture(cells, place):
            aside.append(line)
            continue
        yield [line, *(_joined(cell) if "\n" in cell else cell for cell in cells)]


def _is_furniture(cells: list[str], place: HeaderPlace) -> bool:
    if len(cells) > 2 and cells[0].strip() and not any(map(str.strip, cells[1:])):
        return True
    return all(
        position < len(cells) and plain(cells[position]) == plain(place.names[position])
        for position in place.columns.positions.values()
    )


def _joined(cell: str) -> str:
    """A line break in a cell is layout: it goes between Chinese signs, else becomes a space."""

    def seam(match: re.Match[str]) -> str:
        before, after = cell[: match.start()][-1:], cell[match.end() :][:1]
        return " " if before.isascii() and after.isascii() and before and after else ""

    return _BREAK.sub(seam, cell)
