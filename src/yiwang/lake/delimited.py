"""Delimited text: encodings, separators, header, and lines that are no rows.

A clean UTF-8 file is only looked through and then read in place by the engine. Anything else
(GB18030, title lines, broken lines, line breaks in cells) is written anew as UTF-8 with the line
number in front of each row, so that what the engine reads is certain.
"""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from yiwang.lake.encodings import decode_line, encoding_of
from yiwang.lake.extracts import Broken, unused_of
from yiwang.lake.headers import HEAD, HeaderPlace, find_header, need_header
from yiwang.lake.plans import FeedPlan
from yiwang.lake.portions import EVERY, Mark
from yiwang.lake.prepared import Prepared, write_prepared

SEPARATORS = (",", "\t", "|", ";", "，", "^", "~", "\x01")
_CELL_LINES = 200
"""A cell may hold so many line breaks; beyond, its quote was never meant to open."""
_CHUNK = 1 << 23
_PIECE = 1 << 18


@dataclass(frozen=True)
class _Layout:
    separator: str
    width: int
    place: HeaderPlace
    data_line: int
    """The line (from 1) on which rows begin."""

    @property
    def simple(self) -> bool:
        """The header is one plain line, the first."""
        return self.data_line == 2 and len(self.separator.encode()) == 1


def prepare(plan: FeedPlan, path: Path, *, to: Path, careful: bool = False) -> Prepared:
    """Look through ``path``; rewrite it into ``to`` unless the engine can read it as it is.

    The engine itself finds wrong widths, wrong bytes and blank lines; then the file is prepared
    again, ``careful``.
    """
    encoding = encoding_of(path, stated=plan.shape.encoding)
    if encoding == "utf-16":  # its bytes cannot be cut into lines
        path, encoding = _as_utf8(path, to.with_suffix(".utf8")), "utf-8"
    layout = _layout(plan, path, encoding)
    if encoding == "utf-8" and layout.simple and not careful:
        clean = _look_through(path, layout)
        if clean is not None:
            marks, trimmed = clean
            return Prepared(
                path=path,
                separator=layout.separator,
                width=layout.width,
                columns=layout.place.columns,
                skip=1,
                rows=marks[-1].line - 1,
                size=marks[-1].byte,
                has_lines=False,
                marks=marks,
                trimmed=trimmed,
                unused=unused_of(layout.place.columns, layout.place.names),
            )
    broken: list[Broken] = []
    return write_prepared(
        _rows(path, encoding, layout, broken),
        to=to,
        place=layout.place,
        width=layout.width,
        broken=broken,
        notes=[f"由 {encoding.upper()} 转码"] if encoding != "utf-8" else [],
    )


def _as_utf8(path: Path, to: Path) -> Path:
    with (
        path.open(encoding="utf-16", errors="replace", newline="") as source,
        to.open("w", encoding="utf-8", newline="") as target,
    ):
        while piece := source.read(_CHUNK):
            target.write(piece)
    return to


def _layout(plan: FeedPlan, path: Path, encoding: str) -> _Layout:
    texts = [text or "" for _, text, _ in itertools.islice(_lines(path, encoding, _PIECE), HEAD)]
    stated = plan.shape.separator
    best: tuple[HeaderPlace, str, list[int]] | None = None
    for separator in SEPARATORS if stated == "auto" else (stated,):
        records = list(_records(texts, separator))
        place = find_header(plan, [cells for cells, _ in records])
        if place and (best is None or place.score > best[0].score):
            best = place, separator, [after for _, after in records]
            if place.score == len(plan.columns):
                break
    place = need_header(plan, best[0] if best else None, file=path.name)
    separator, ends = (best[1], best[2]) if best else (",", [])
    data_line = ends[place.row + place.span - 1]
    return _Layout(separator, len(place.names), place, data_line)


def _records(texts: list[str], separator: str) -> Iterator[tuple[list[str], int]]:
    """Records among the first lines and the line after each, quoted line breaks included."""
    at = 0
    while at < len(texts):
        cells, used = _join(texts, at, separator, width=None)
        yield [cell.strip().lstrip("\ufeff") for cell in cells or []], at + used + 1
        at += used


def _look_through(path: Path, layout: _Layout) -> tuple[list[Mark], bool] | None:
    """(marks along the rows, whether values may need trimming) of a file without any oddity."""
    if layout.width == 1:
        return None
    separator = layout.separator.encode()
    marks: list[Mark] = []
    at, lines, spaced, is_quoted, last = 0, 0, False, False, b""
    with path.open("rb") as handle:
        while piece := handle.read(_PIECE):
            block = last + piece  # the last byte again: an edge may lie between two pieces
            if b"\0" in block or (b"\r" in block and _lone_returns(block)):
                return None
            is_quoted = is_quoted or b'"' in piece
            spaced = spaced or is_quoted or _has_edges(block, separator)
            lines, at, last = lines + piece.count(b"\n"), at + len(piece), block[-1:]
            if lines - (marks[-1].line if marks else 0) >= EVERY and b"\n" in piece:
                marks.append(Mark(at - len(piece) + piece.rfind(b"\n") + 1, lines))
    if is_quoted and _odd_quotes(path):
        return None
    return [*marks, Mark(at, lines + (last != b"\n"))], spaced or last == b" "


def _odd_quotes(path: Path) -> bool:
    """Whether a quoted cell runs over the end of its line, or a quote is stray."""
    return any(line.count(b'"') % 2 for block in _blocks(path) for line in block.split(b"\n"))


def _lone_returns(block: bytes) -> bool:
    return block.count(b"\r") - block.endswith(b"\r") > block.count(b"\r\n")


def _has_edges(block: bytes, separator: bytes) -> bool:
    """Whether a value may begin or end with white space (cheapest questions first)."""
    if separator != b"\t" and b"\t" in block:
        return True
    if b"\xe3" in block and b"\xe3\x80\x80" in block:
        return True
    if b"\xc2" in block and b"\xc2\xa0" in block:
        return True
    edges = (b"\n ", b" \n", b" \r", separator + b" ", b" " + separator)
    return b" " in block and any(edge in block for edge in edges)


def _blocks(path: Path, size: int = _CHUNK) -> Iterator[bytes]:
    """The file in large pieces that end with a line."""
    rest = b""
    with path.open("rb") as handle:
        while piece := handle.read(size):
            cut = piece.rfind(b"\n") + 1
            if cut:
                yield rest + piece[:cut]
                rest = piece[cut:]
            else:
                rest += piece
    if rest:
        yield rest


def _lines(
    path: Path, encoding: str, size: int = _CHUNK
) -> Iterator[tuple[int, str | None, bytes]]:
    """(line number, text or None when it does not decode, the bytes)."""
    number = 0
    for block in _blocks(path, size):
        ends = b"\n" if b"\n" in block else b"\r"
        lines = block.split(ends)
        if not lines[-1]:
            lines.pop()
        for line in lines:
            number += 1
            yield number, decode_line(line, encoding), line


def _rows(
    path: Path, encoding: str, layout: _Layout, broken: list[Broken]
) -> Iterator[tuple[int, list[str]]]:
    """The rows of a file with their line numbers; what is no row goes to ``broken``."""
    window: list[str] = []
    source = itertools.dropwhile(lambda item: item[0] < layout.data_line, _lines(path, encoding))
    pending = list(itertools.islice(source, 1))
    while pending:
        number, text, data = pending.pop(0)
        if not pending:
            pending.extend(itertools.islice(source, 1))
        if text is None or "\0" in text:
            reason = "编码损坏" if text is None else "含有空字符"
            broken.append(Broken(number, data.decode("utf-8", "backslashreplace"), reason))
        elif not text.strip():
            continue
        elif '"' not in text:
            cells = text.rstrip("\r").split(layout.separator)
            if len(cells) == layout.width:
                yield number, cells
            else:
                broken.append(Broken(number, text, _wrong_width(layout.width, len(cells))))
        else:
            while len(pending) < _CELL_LINES and (more := next(source, None)):
                pending.append(more)
            window = [text, *(t for _, t, _ in itertools.takewhile(lambda p: p[1], pending) if t)]
            cells_found, used = _join(window, 0, layout.separator, width=layout.width)
            if cells_found is None:
                broken.append(Broken(number, text, "引号未闭合或列数不对"))
            else:
                del pending[: used - 1]
                pending.extend(itertools.islice(source, max(0, 1 - len(pending))))
                yield number, cells_found


def _join(
    texts: list[str], at: int, separator: str, *, width: int | None
) -> tuple[list[str] | None, int]:
    """One record beginning at ``texts[at]``: its cells and how many lines it took.

    None when no reading of up to ``_CELL_LINES`` lines gives ``width`` cells.
    """
    if len(separator) > 1 or '"' not in texts[at]:
        cells = texts[at].rstrip("\r").split(separator)
        return (cells if width in (None, len(cells)) else None), 1
    for used in range(1, min(len(texts) - at, _CELL_LINES) + 1):
        joined = "\n".join(text.rstrip("\r") for text in texts[at : at + used])
        if joined.count('"') % 2:
            continue
        try:
            cells = next(
                csv.reader(joined.splitlines(keepends=True), delimiter=separator, strict=True)
            )
        except (csv.Error, StopIteration):
            return (texts[at].split(separator) if width is None else None), 1
        return (cells if width in (None, len(cells)) else None), used if width in (
            None,
            len(cells),
        ) else 1
    return (texts[at].split(separator) if width is None else None), 1


def _wrong_width(expected: int, found: int) -> str:
    return f"列数不对：应为 {expected}，实为 {found}"
