"""What reports speak of more than before: words that rise, found without a dictionary. No Django.

A word is a run of two to six Chinese characters that several reports share; of runs within one
another that the same reports share, the longest stands for all.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

CHINESE = re.compile(r"[\u3400-\u9fff]+")
LONGEST, SHORTEST = 6, 2
FEWEST = 3
"""Reports that must share a word."""
EMPTY = frozenset("的了是在和有我你他她它们这那个不没就都也很请吗呢吧啊与及或被把对从到为")
"""Characters with which no word begins or ends."""


@dataclass(frozen=True)
class Rising:
    """A word, and in how many reports it stood lately and before."""

    word: str
    now: int
    before: int


def rising(now: Iterable[str], before: Iterable[str], *, most: int = 20) -> list[Rising]:
    """The words of the later reports that were rarer in the earlier ones, the steepest first."""
    lately, earlier = _found(now), _found(before)
    shared = {word: who for word, who in lately.items() if len(who) >= FEWEST}
    kept = {word: who for word, who in shared.items() if not _within_longer(word, who, shared)}
    told = [
        Rising(word, len(who), len(earlier.get(word, ())))
        for word, who in kept.items()
        if len(who) > len(earlier.get(word, ()))
    ]
    return sorted(told, key=lambda one: (one.before - one.now, one.word))[:most]


def _found(texts: Iterable[str]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for number, text in enumerate(texts):
        for run in CHINESE.findall(text):
            for size in range(SHORTEST, LONGEST + 1):
                for at in range(len(run) - size + 1):
                    word = run[at : at + size]
                    if word[0] not in EMPTY and word[-1] not in EMPTY:
                        found[word].add(number)
    return found


def _within_longer(word: str, who: set[int], shared: dict[str, set[int]]) -> bool:
    return any(
        len(other) > len(word) and word in other and len(them) * 5 >= len(who) * 4
        for other, them in shared.items()
    )
