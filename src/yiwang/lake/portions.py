"""Large deliveries in portions: what is staged at once does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from yiwang.lake.extracts import Extract
from yiwang.lake.plans import FeedPlan
from yiwang.lake.pouring import Span, poured, send

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
    """A stretch of a file's lines, read as if it were a file of its own under the same header."""

    whole: Path
    header: Mark
    begin: Mark
    end: Mark

    @property
    def rows(self) -> int:
        """How many lines it has without the header."""
        return self.end.line - self.begin.line

    @property
    def size(self) -> int:
        """How many bytes they take."""
        return self.end.byte - self.begin.byte

    @property
    def first_line(self) -> int:
        """The line of the whole file on which its rows begin."""
        return self.begin.line + 1

    @property
    def shift(self) -> int:
        """What to add to a line of the piece for the line of the file."""
        return self.begin.line - self.header.line

    @property
    def _spans(self) -> list[Span]:
        return [(0, self.header.byte), (self.begin.byte, self.end.byte)]

    def write(self, to: Path) -> None:
        """Make it a file."""
        with to.open("wb") as target:
            send(str(self.whole), self._spans, to=target.fileno())

    def poured(self, to: Path) -> AbstractContextManager[None]:
        """Make it a pipe that is read once."""
        return poured(str(self.whole), self._spans, to=to)


def pieces(file: Path, *, marks: Sequence[Mark], each: int = ROWS) -> Iterator[Piece]:
    """Cut a file of plain lines, the first of them its header, into pieces of about ``each``."""
    with file.open("rb") as source:
        header = begin = Mark(len(source.readline()), 1)
    for mark in marks:
        if mark.line - begin.line >= each or mark is marks[-1]:
            yield Piece(file, header, begin, mark)
            begin = mark


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
