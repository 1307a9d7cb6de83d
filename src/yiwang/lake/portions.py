"""Large deliveries in portions: what is staged at once does not grow with the file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from yiwang.lake.extracts import Extract
from yiwang.lake.plans import FeedPlan

ROWS = 1_000_000
"""So many rows are staged at once, give or take a half."""
EVERY = 50_000
"""So many lines, or a little more, lie between two marks."""


@dataclass(frozen=True)
class Mark:
    """A place between two lines of a file: the bytes and the lines before it."""

    byte: int
    line: int


@dataclass(frozen=True)
class Piece:
    """A stretch of a file's lines in a file of its own, under the same header line."""

    path: Path
    rows: int
    first_line: int
    """The line of the whole file on which its rows begin."""

    @property
    def shift(self) -> int:
        """What to add to a line of the piece for the line of the file."""
        return self.first_line - 2


def pieces(file: Path, *, marks: Sequence[Mark], to: Path, each: int = ROWS) -> Iterator[Piece]:
    """Cut a file of plain lines, the first of them its header, into pieces of about ``each``."""
    with file.open("rb") as source:
        header = source.readline()
        begin = Mark(len(header), 1)
        for mark in marks:
            if mark.line - begin.line < each and mark is not marks[-1]:
                continue
            path = to / f"{begin.line + 1}.csv"
            with path.open("wb") as target:
                target.write(header)
                target.flush()
                _copy(source, target, begin.byte, mark.byte - begin.byte)
            yield Piece(path, mark.line - begin.line, begin.line + 1)
            begin = mark


def _copy(source: BinaryIO, target: BinaryIO, start: int, count: int) -> None:
    """Bytes from file to file, within the kernel."""
    os.lseek(target.fileno(), 0, os.SEEK_END)
    while count and (sent := os.sendfile(target.fileno(), source.fileno(), start, count)):
        start, count = start + sent, count - sent


def portions(plan: FeedPlan, extracts: Sequence[Extract]) -> list[list[Extract]]:
    """The extracts in groups of about ``ROWS``, in their order.

    A plan that refers to its own table is judged as a whole; so is what a database hands over.
    """
    if any(check.reference and check.reference.table == plan.name for check in plan.checks):
        return [list(extracts)]
    groups: list[list[Extract]] = [[]]
    held = 0
    for extract in extracts:
        rows = ROWS if extract.rows is None else extract.rows
        if groups[-1] and held + rows > ROWS * 3 // 2:
            groups.append([])
            held = 0
        groups[-1].append(extract)
        held += rows
    return groups
