"""The form of the log's files: one JSON entry per line, each block closed by a line of its own.

    {"id":"01J…","at":"…","event":"case.accepted",…}
    {"id":"01J…",…}
    =2 2048 9f86d0…     (2 entries in this block; 2048 in the log, whose root is then 9f86d0…)

A segment is named after the number of its first entry; a full one ends with ``>``. Anybody can
read it with a text editor; the hash of an entry is over its line without the line feed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from yiwang.kernel.errors import Unavailable

FULL = b">\n"
_CLOSING = re.compile(rb"\n=\d+ \d+ [0-9a-f]{64}\n")
_CLOSING_LINE = re.compile(rb"=(\d{1,15}) (\d{1,15}) ([0-9a-f]{64})\n")


class JournalDamaged(Unavailable):
    """The log's files hold something that was not written by the journal."""

    code = "journal.damaged"


@dataclass(frozen=True, slots=True)
class Block:
    """One block as it lies in a segment; ``first`` is the number of its first entry."""

    first: int
    size: int
    root: bytes
    lines: tuple[bytes, ...]
    offset: int
    end: int


@dataclass(frozen=True, slots=True)
class Tail:
    """Where a segment's whole blocks end, and what hangs over (torn, or nothing).

    A write cut short leaves no closing line, and a crash of the machine leaves zeros where pages
    were not written; what hangs over and shows neither is ``foreign``: changed by somebody.
    """

    end: int
    full: bool
    torn: bytes

    @property
    def foreign(self) -> bool:
        """Whether what hangs over cannot come from a crash."""
        return b"\0" not in self.torn and _CLOSING.search(self.torn) is not None


def segments(folder: Path) -> list[Path]:
    """The segments of a log in order; one that a crash left empty is none."""
    return sorted(path for path in folder.glob("segment-*.jsonl") if path.stat().st_size)


def segment_name(first: int) -> str:
    """The file name of the segment that begins with entry number ``first``."""
    return f"segment-{first:012d}.jsonl"


def first_of(path: Path) -> int:
    """The number of a segment's first entry."""
    return int(path.stem.removeprefix("segment-"))


def closing(count: int, size: int, root: bytes) -> bytes:
    """The line that closes a block."""
    return b"=%d %d %s\n" % (count, size, root.hex().encode())


def blocks(path: Path, *, offset: int = 0, first: int | None = None) -> Iterator[Block | Tail]:
    """The blocks of a segment from ``offset``, then its tail."""
    number = first_of(path) if first is None else first
    begin = position = offset
    lines: list[bytes] = []
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            position += len(line)
            if not line.endswith(b"\n") or b"\0" in line:
                break
            if line == FULL and not lines:
                yield Tail(position, True, b"")
                return
            if not line.startswith(b"="):
                lines.append(line[:-1])
                continue
            close = closed(line)
            if close is None:
                break
            yield Block(number, close[0], close[1], tuple(lines), begin, position)
            number, begin, lines = close[0], position, []
        file.seek(begin)
        yield Tail(begin, False, file.read())


def last_closing(path: Path) -> tuple[int, bytes, int, bool] | None:
    """(size, root, end, full) of a segment whose last line closes it, read from its end."""
    length = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, length - 400))
        end = file.read()
    full = end.endswith(b"\n" + FULL)
    if full:
        end = end[: -len(FULL)]
    close = closed(end[end.rfind(b"\n", 0, -1) + 1 :])
    return (*close, length, full) if close else None


def closed(line: bytes) -> tuple[int, bytes] | None:
    """(size, root) of a line that closes a block; None if it is none."""
    found = _CLOSING_LINE.fullmatch(line)
    return (int(found[2]), bytes.fromhex(found[3].decode())) if found else None


def entry_lines(path: Path) -> Iterator[bytes]:
    """Every entry's line of a segment, in order, without the lines that close blocks."""
    for block in blocks(path):
        if isinstance(block, Block):
            yield from block.lines
