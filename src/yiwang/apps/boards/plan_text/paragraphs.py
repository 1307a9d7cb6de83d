"""Paragraphs from the lines of a published text: wrapped lines joined, marks of one width."""

import re
import statistics
import unicodedata
from collections.abc import Iterator

from yiwang.apps.boards.plan_text.repair import repaired

HEAD = re.compile(
    r"[一二三四五六七八九十]{1,3}、|（[一二三四五六七八九十]{1,3}）|\d{1,2}[.．、](?!\d)|——"
)
"""How a heading or an item of a list begins, in marks of full width."""

MARKS = str.maketrans("(),:;?!．", "（），：；？！.")
TAGS = re.compile(r"</?[A-Za-z][A-Za-z0-9]*>|/(?:strong|b|p|span)>")
ENDINGS = "。！？；：）〕”》"


def paragraphs(text: str) -> Iterator[tuple[str, bool]]:
    """Each paragraph with marks of full width, and whether it had to be repaired."""
    lines = [repaired(TAGS.sub("", line).strip()) for line in text.splitlines()]
    filled = [(line.translate(MARKS), damaged) for line, damaged in lines if line]
    width = _wrapped_at([line for line, _ in filled])
    if width is None:
        yield from filled
        return
    yield from _joined(filled, width)


def _wrapped_at(lines: list[str]) -> float | None:
    """The width at which lines were broken by hand; ``None`` where a line is a paragraph."""
    if len(lines) < 20:
        return None
    broken = [line for line in lines if line[-1] not in ENDINGS]
    if len(broken) < len(lines) * 0.5:
        return None
    return statistics.median(_width(line) for line in lines)


def _joined(lines: list[tuple[str, bool]], width: float) -> Iterator[tuple[str, bool]]:
    """Lines put together until one stops short of the edge or the next begins a heading."""
    held, harmed = "", False
    for line, damaged in lines:
        if held and HEAD.match(line):
            yield held, harmed
            held, harmed = "", False
        held, harmed = _glued(held, line), harmed or damaged
        if _width(line) < width * 0.8:
            yield held, harmed
            held, harmed = "", False
    if held:
        yield held, harmed


def _glued(before: str, line: str) -> str:
    between = " " if before[-1:].isascii() and line[:1].isascii() and before[-1:].isalnum() else ""
    return before + between + line


def _width(line: str) -> float:
    """Width in full characters."""
    return sum(1 if unicodedata.east_asian_width(c) in "WFA" else 0.5 for c in line)
