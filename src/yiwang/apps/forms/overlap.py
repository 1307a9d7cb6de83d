"""When two columns of reports ask the same: pure.

Titles are folded (script, width), stripped of words that only count (数, 总数, 情况), and put into
the place's own words by its synonyms. Two that then share most pairs of characters, or are written
with the same pinyin, ask the same; different numbers in them (60, 65) never do.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from yiwang.kernel.folding import fold, syllables

_UNIT = re.compile(r"[（(][^（）()]*[）)]|[\s、，,:：/·]+")
_COUNTING = re.compile(r"(?:情况|数量|总数|合计|小计|数)+$")
_LEADING = re.compile(r"^(?:其中|本村|全村|现有|共有)+")
_NUMBERS = re.compile(r"\d+")
_ROUNDS = 3
"""A synonym may lead to another; a ring of them ends here."""


@dataclass(frozen=True)
class Words:
    """The place's synonyms, compiled once for many titles."""

    means: Mapping[str, str]
    pattern: re.Pattern[str] | None

    @classmethod
    def of(cls, synonyms: Mapping[str, str]) -> "Words":
        """Longest first, so that 80周岁以上老年人 is not read as 老年人."""
        folded = {fold(word): fold(means) for word, means in synonyms.items() if word.strip()}
        longest = sorted(folded, key=len, reverse=True)
        return cls(folded, re.compile("|".join(map(re.escape, longest))) if longest else None)


def plain(title: str, words: Words) -> str:
    """The title in the place's own words, without what only counts."""
    text = _LEADING.sub("", _UNIT.sub("", fold(title)))
    text = _COUNTING.sub("", text) or text
    for _ in range(_ROUNDS):
        if words.pattern is None:
            break
        fresh = words.pattern.sub(lambda found: words.means[found.group()], text)
        if fresh == text:
            break
        text = fresh
    return text


def likeness(one: str, other: str) -> int:
    """How alike two plain titles are, in percent; 100 also for two that only sound the same."""
    if one == other:
        return 100
    if _NUMBERS.findall(one) != _NUMBERS.findall(other):
        return 0
    mine, theirs = _pairs(one), _pairs(other)
    shared = len(mine & theirs)
    percent = round(200 * shared / (len(mine) + len(theirs))) if mine and theirs else 0
    if len(one) == len(other) > 1 and (shared or one[0] == other[0]):
        return 100 if syllables(one) == syllables(other) else percent
    return percent


def nearest(title: str, known: Mapping[str, str], *, words: Words, least: int) -> str:
    """Which of ``known`` (id to plain title) asks the same as ``title``; "" for none."""
    mine = plain(title, words)
    best = max(known, key=lambda one: likeness(mine, known[one]), default="")
    return best if best and likeness(mine, known[best]) >= least else ""


def shared_columns(
    mine: Iterable[str], theirs: Iterable[str], *, words: Words, least: int
) -> list[tuple[str, str]]:
    """The pairs of titles of two reports that ask the same."""
    known = {title: plain(title, words) for title in theirs}
    pairs = [(one, nearest(one, known, words=words, least=least)) for one in mine]
    return [(one, other) for one, other in pairs if other]


def _pairs(text: str) -> set[str]:
    return {text[n : n + 2] for n in range(len(text) - 1)} or {text}
