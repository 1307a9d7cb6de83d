"""Which stored text answers a question, pure: shared pairs of characters, weighed by rarity.

There is no generative model: a question gets a stored answer or the statement that there is none.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from yiwang.kernel.folding import fold

IDLE = (
    "请问",
    "我想",
    "想问",
    "怎么",
    "如何",
    "什么",
    "多少",
    "可以",
    "能不能",
    "吗",
    "呢",
    "的",
    "了",
    "啊",
    "有没有",
    "哪些",
    "哪里",
)
"""What people say around a question; it tells nothing apart."""
_APART = re.compile(r"[^\w]+")


def grams(text: str) -> Counter[str]:
    """The pairs of neighbouring characters of a text, words people say around it left out."""
    line = fold(text)
    for idle in IDLE:
        line = line.replace(idle, " ")
    found: Counter[str] = Counter()
    for part in _APART.split(line):
        if len(part) == 1:
            found[part] += 1
        found.update(part[place : place + 2] for place in range(len(part) - 1))
    return found


@dataclass(frozen=True)
class Scored:
    """A stored text and how much of the question it covers, 0 to 1."""

    key: str
    score: float


class Index:
    """Stored texts, ready to be asked."""

    def __init__(self, texts: Mapping[str, Sequence[str]]) -> None:
        self._parts = {key: [grams(one) for one in spoken] for key, spoken in texts.items()}
        everywhere = Counter(gram for parts in self._parts.values() for gram in set().union(*parts))
        size = len(self._parts) + 1
        self._weight = {gram: math.log(size / count) + 0.1 for gram, count in everywhere.items()}
        self._rare = math.log(size) + 0.1

    def ask(self, question: str, *, limit: int = 5) -> list[Scored]:
        """The best texts; a score is the share of the question's weight that a text covers.

        Half of it is held against what the text says beside: of two texts that cover the question
        the shorter is meant.
        """
        asked = grams(question)
        whole = self._sum(asked)
        if not whole:
            return []
        found = [
            Scored(key, max(self._score(asked, whole, part) for part in parts))
            for key, parts in self._parts.items()
            if parts
        ]
        found = [one for one in found if one.score > 0]
        return sorted(found, key=lambda one: (-one.score, one.key))[:limit]

    def _score(self, asked: Counter[str], whole: float, part: Counter[str]) -> float:
        shared = self._sum(gram for gram in asked if gram in part)
        own = self._sum(part)
        return shared / (0.75 * whole + 0.25 * own) if own else 0.0

    def _sum(self, found: Iterable[str]) -> float:
        return sum(self._weight.get(gram, self._rare) for gram in set(found))
