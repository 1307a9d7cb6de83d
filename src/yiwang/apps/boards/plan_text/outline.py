"""The outline of a plan: each stretch of text under its chapter, section and item."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from yiwang.apps.boards.plan_text.model import Heading
from yiwang.apps.boards.plan_text.paragraphs import paragraphs

NUMERALS = "一二三四五六七八九十"
LEVELS = (
    re.compile(rf"([{NUMERALS}]{{1,3}})、\s*"),
    re.compile(rf"（([{NUMERALS}]{{1,3}})）\s*"),
    re.compile(r"(\d{1,2})[.、](?!\d)\s*"),
)
LONGEST_TITLE = 40
"""A heading that runs on is a sentence; titles of published plans stay below this."""


@dataclass(frozen=True)
class Stretch:
    """The headings above a text, outermost first, and the text of its paragraphs."""

    headings: tuple[Heading, ...]
    text: str


def outline(text: str) -> Iterator[Stretch]:
    """Stretches in order; the text before the first heading has no headings."""
    above: tuple[Heading, ...] = ()
    held: list[str] = []
    for paragraph, damaged in paragraphs(text):
        found = _heading(paragraph, damaged)
        if found is None:
            held.append(paragraph)
            continue
        if held or above:
            yield Stretch(above, "\n".join(held))
        heading, rest = found
        above = (*(h for h in above if h.level < heading.level), heading)
        held = [rest] if rest else []
    yield Stretch(above, "\n".join(held))


def _heading(paragraph: str, damaged: bool) -> tuple[Heading, str] | None:
    for level, pattern in enumerate(LEVELS, start=1):
        mark = pattern.match(paragraph)
        if mark is None:
            continue
        title, _, rest = paragraph[mark.end() :].partition("。")
        if len(title) > LONGEST_TITLE:
            if level == 1:
                return None
            title, rest = "", paragraph[mark.end() :]
        return Heading(level, _number(mark[1]), title.strip(), damaged), rest.strip()
    return None


def _number(written: str) -> int:
    """``十二`` or ``12`` as 12."""
    if written.isdigit():
        return int(written)
    tens, ten, ones = written.rpartition("十")
    if not ten:
        return NUMERALS.index(written) + 1
    return 10 * (NUMERALS.index(tens) + 1 if tens else 1) + (
        NUMERALS.index(ones) + 1 if ones else 0
    )
