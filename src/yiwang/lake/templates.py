"""The heads of an empty form: what each column of somebody's own spreadsheet is called."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from yiwang.lake.extracts import SourceUnreadable
from yiwang.lake.headers import HEAD, Merged
from yiwang.lake.sheets import unpacked

_DEEPEST = 5
"""Rows of a header; deeper ones are drawn, not meant."""

Cells = Mapping[tuple[int, int], str]


@dataclass(frozen=True)
class Heads:
    """The header of a spreadsheet; rows and columns count from 1, sheets from 0."""

    sheet: int
    bottom: int
    paths: Mapping[int, tuple[str, ...]]
    """Column to the heads above it, from the top: ``("人口", "其中", "女")``."""

    @property
    def width(self) -> int:
        """The last column that has a head."""
        return max(self.paths)


def header_paths(file: Path, *, work: Path) -> list[tuple[str, ...]]:
    """Per column the heads above it, from the left."""
    return list(heads_of(file, work=work).paths.values())


def heads_of(file: Path, *, work: Path) -> Heads:
    """The header of the first sheet that has one.

    The header begins at the first row with two cells (titles stand alone above it) and goes on
    for as long as merged cells reach down or have cells below them.
    """
    folder = unpacked(file, work=work)
    for number, sheet in enumerate(json.loads((folder / "sheets.json").read_text())):
        cells = _cells(folder / sheet["file"])
        merged: Merged = [tuple(one) for one in sheet["merged"]]
        bottom, paths = _paths(cells, merged)
        if paths:
            return Heads(number, bottom + 1, paths)
    raise SourceUnreadable(
        f"{file.name} 里找不到表头。", hint="表头至少要有两个栏目，写在前 60 行内。", file=file.name
    )


def _cells(sheet: Path) -> dict[tuple[int, int], str]:
    found = {}
    with sheet.open(encoding="utf-8", newline="") as handle:
        for line, *row in csv.reader(handle):
            top = int(line) - 1
            if top > HEAD:
                break
            for left, text in enumerate(row):
                if plain := "".join(text.split()):
                    found[top, left] = plain
    return found


def _paths(cells: Cells, merged: Merged) -> tuple[int, dict[int, tuple[str, ...]]]:
    counts: dict[int, int] = {}
    for row, _ in cells:
        counts[row] = counts.get(row, 0) + 1
    start = min((row for row, count in counts.items() if count > 1), default=-1)
    if start < 0:
        return -1, {}
    bottom = _bottom(start, merged)
    width = max(left for row, left in cells if row <= bottom) + 1
    for _, left, _, right in (one for one in merged if start <= one[0] <= bottom):
        width = max(width, right + 1, left + 1)
    paths = {at + 1: _path(cells, merged, start, bottom, at) for at in range(width)}
    return bottom, {at: path for at, path in paths.items() if path}


def _bottom(start: int, merged: Merged) -> int:
    bottom, before = start, -1
    while bottom != before and bottom - start < _DEEPEST:
        before = bottom
        for top, left, last, right in merged:
            if start <= top <= bottom:
                bottom = max(bottom, last + (1 if right > left else 0))
    return bottom


def _path(cells: Cells, merged: Merged, start: int, bottom: int, column: int) -> tuple[str, ...]:
    parts: list[str] = []
    for row in range(start, bottom + 1):
        text = cells.get(_origin(row, column, merged), "")
        if text and text not in parts[-1:]:
            parts.append(text)
    return tuple(parts)


def _origin(row: int, column: int, merged: Sequence[tuple[int, int, int, int]]) -> tuple[int, int]:
    for top, left, bottom, right in merged:
        if top <= row <= bottom and left <= column <= right:
            return top, left
    return row, column
