"""Where the column names of a table stand: found by content, over up to three rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from yiwang.lake.extracts import Columns, SourceUnreadable, match_columns, require_all
from yiwang.lake.plans import FeedPlan

HEAD = 60
"""A header is sought in so many rows."""
_SPAN = 3

Merged = Sequence[tuple[int, int, int, int]]
"""Merged cells: first row, first column, last row, last column, counted from 0."""


@dataclass(frozen=True)
class HeaderPlace:
    """The header of a table: its first row (from 0), how many rows, what was matched."""

    row: int
    span: int
    columns: Columns
    names: tuple[str, ...]

    @property
    def score(self) -> int:
        """How many columns of the plan it has."""
        return len(self.columns.positions)


def find_header(
    plan: FeedPlan, rows: Sequence[Sequence[str]], merged: Merged = ()
) -> HeaderPlace | None:
    """The place that matches most columns of the plan; the shortest and first among equals."""
    best: HeaderPlace | None = None
    stated = plan.shape.header_row
    starts = range(min(len(rows), HEAD)) if stated is None else [stated - 1]
    for span in [plan.shape.header_rows] if plan.shape.header_rows > 1 else range(1, _SPAN + 1):
        for start in starts:
            if start + span > len(rows):
                continue
            offered = _offered(rows, start, span, merged)
            found = match_columns(plan, offered)
            if len(found.positions) > (best.score if best else 0):
                names = tuple(sorted(names, key=len)[0] if names else "" for names in offered)
                best = HeaderPlace(start, span, found, names)
                if best.score == len(plan.columns):
                    return best
    return best


def need_header(plan: FeedPlan, place: HeaderPlace | None, *, file: str) -> HeaderPlace:
    """The place with every column of the plan, or the error that says what is missing."""
    if place is None:
        raise SourceUnreadable(
            f"{file} 里找不到 {plan.name} 的表头。",
            hint="请核对文件是否正确、分隔符与列名是否有变。",
            file=file,
            expected=[column.sources[0] for column in plan.columns],
        )
    require_all(plan, place.columns, offered=place.names, file=file)
    return place


def _offered(
    rows: Sequence[Sequence[str]], start: int, span: int, merged: Merged
) -> list[tuple[str, ...]]:
    """The names by which each column may be called: 上级/下级, 上级下级, 下级."""
    width = max(len(row) for row in rows[start : start + span])
    offered: list[tuple[str, ...]] = []
    for position in range(width):
        parts: list[str] = []
        for row in range(start, start + span):
            text = _cell(rows, *_origin(row, position, merged))
            if text and text not in parts[-1:]:
                parts.append(text)
        offered.append(tuple(dict.fromkeys(("/".join(parts), "".join(parts), *parts[-1:]))))
    return [tuple(name for name in names if name) for names in offered]


def _origin(row: int, column: int, merged: Merged) -> tuple[int, int]:
    for top, left, bottom, right in merged:
        if top <= row <= bottom and left <= column <= right:
            return top, left
    return row, column


def _cell(rows: Sequence[Sequence[str]], row: int, column: int) -> str:
    return "".join(rows[row][column].split()) if column < len(rows[row]) else ""
