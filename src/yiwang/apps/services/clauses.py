"""A published document's text as addressable clauses, pure.

Plain text as it is found: one paragraph a line, or lines broken by the page with blanks between.
A line that begins like a heading begins a clause; any other line goes on unless a sentence ended.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

NUMERALS = "一二三四五六七八九十百"
HEADINGS = (
    (1, re.compile(rf"第[{NUMERALS}0-9]+[章编編]")),
    (1, re.compile(rf"[{NUMERALS}]+、")),
    (2, re.compile(rf"第[{NUMERALS}0-9]+[条條]")),
    (2, re.compile(rf"[(（][{NUMERALS}]+[)）]")),
    (3, re.compile(r"[0-9]{1,2}\s?[.．、](?![0-9])")),
    (4, re.compile(r"[(（][0-9]{1,2}[)）]")),
)
ENDS = "。！？；：〕】）)》”"
TAGS = re.compile(r"</?[a-z]+>")
DAMAGED = re.compile(r"[?？]。|ㄒ|ㄛ|�")


@dataclass(frozen=True)
class Clause:
    """One piece of a document; ``key`` is its address."""

    key: str
    label: str
    level: int
    text: str

    @property
    def is_damaged(self) -> bool:
        """Whether its characters look broken by the source."""
        return bool(DAMAGED.search(self.text))


def clauses_of(text: str) -> list[Clause]:
    """The clauses of a text, in order: ``p12`` for the twelfth paragraph."""
    return [
        Clause(f"p{place}", *_heading(paragraph), paragraph)
        for place, paragraph in enumerate(_paragraphs(text), start=1)
    ]


def label_of(text: str) -> tuple[str, int]:
    """The number a clause bears, and how deep it stands; ("", 0) for plain paragraphs."""
    return _heading(text)


def _paragraphs(text: str) -> Iterator[str]:
    waiting = ""
    for raw in text.replace("\r\n", "\n").replace("\f", "\n").split("\n"):
        line = TAGS.sub("", raw).strip(" \t\u3000\ufeff")
        if not line:
            continue
        starts = bool(_heading(line)[1]) or raw.startswith(("\u3000\u3000", "  "))
        if waiting and (starts or waiting[-1] in ENDS or _is_title(waiting)):
            yield waiting
            waiting = ""
        waiting += line
    if waiting:
        yield waiting


def _is_title(line: str) -> bool:
    """A heading of its own line, or a short line of the opening: what follows does not join it."""
    if len(line) > 24 or "。" in line:
        return False
    return _heading(line)[1] in (1, 2) or not re.search(r"[，,、]", line)


def _heading(line: str) -> tuple[str, int]:
    for level, pattern in HEADINGS:
        if found := pattern.match(line):
            return found.group().strip(), level
    return "", 0
