"""Numbers a plan sets itself, and the days by which: ``2025年底前……达到80%以上``."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yiwang.apps.boards.plan_text.model import Milestone, Target
from yiwang.kernel.folding import simplified

UNITS = (
    "%|％|个百分点|个工作日|工作日|亿元|万元|余处|处|余个|个|余项|项|余类|类|种|家|户|"
    "套|条|公里|分钟|小时|万人|万户|人次"
)
AMOUNT = re.compile(
    rf"(?<![A-Za-z\d.+〔-])(\d+(?:\.\d+)?)\s*({UNITS})(?!月|世纪)(?P<after>以上|以下|以内)?"
)
IN_WORDS = re.compile(r"([一二三四五六七八九])(星级)|(百|千)(项|类|种|个)")
WORDS = {c: n for n, c in enumerate("一二三四五六七八九", start=1)} | {"百": 100, "千": 1000}
LEAST = re.compile(r"(?:超过|突破|不低于|不少于|至少|高于)$")
MOST = re.compile(r"(?:降低至|不超过|不高于|低于|控制在)$")
YEAR = re.compile(r"(?:到|至)?\s*(20\d\d)\s*年(?:底|末)?(?:前)?")
YEAR_END = re.compile(r"(?<!\d)年底前")
SENTENCE = re.compile(r"[^。；\n]+[。；]?")
CLAUSE = re.compile(r"[^，。；、\n]*$")
IN_FORCE_SINCE = re.compile(r"〔20\d\d〕|20\d\d\s*年\s*\d{1,2}月")


@dataclass(frozen=True)
class Timed:
    """A sentence and the last day of the year it speaks of."""

    words: str
    by: date | None
    is_named: bool
    """The sentence itself names the year; else it follows one that does."""


def timed_sentences(text: str, *, issued: date | None, by: date | None = None) -> Iterator[Timed]:
    """Sentences of one stretch; one that opens with a year speaks for those that follow."""
    for match in SENTENCE.finditer(text):
        words = match.group().strip()
        plain = simplified(words)
        year = YEAR.search(plain)
        if year and not IN_FORCE_SINCE.search(plain):
            by = date(int(year[1]), 12, 31)
        elif issued and YEAR_END.search(plain):
            by = date(issued.year, 12, 31)
        named = bool(year or YEAR_END.search(plain))
        yield Timed(words, by, named)


def milestones(text: str, *, issued: date | None) -> tuple[Milestone, ...]:
    """What shall stand by a day, one per sentence that names a year."""
    return tuple(
        Milestone(sentence.by, sentence.words)
        for sentence in timed_sentences(text, issued=issued)
        if sentence.by and sentence.is_named
    )


def targets(
    text: str, *, issued: date | None, by: date | None = None, task: str = ""
) -> Iterator[Target]:
    """Every amount with a unit; counts of one (1套、1个) describe a design and are no target."""
    for sentence in timed_sentences(text, issued=issued, by=by):
        plain = simplified(sentence.words)
        for amount in AMOUNT.finditer(plain):
            value = Decimal(amount[1])
            if value > 1:
                bound = _bound(plain[: amount.start()], amount["after"])
                words = _clause(sentence.words, amount.start(), amount.end())
                yield Target(value, amount[2].replace("％", "%"), bound, words, sentence.by, task)
        for amount in IN_WORDS.finditer(plain):
            value, unit = Decimal(WORDS[amount[1] or amount[3]]), amount[2] or amount[4]
            words = _clause(sentence.words, amount.start(), amount.end())
            yield Target(value, unit, "equal", words, sentence.by, task)


def _bound(before: str, after: str | None) -> str:
    if MOST.search(before) or after in ("以下", "以内"):
        return "most"
    return "least" if LEAST.search(before) or after == "以上" else "equal"


def _clause(sentence: str, start: int, end: int) -> str:
    """The clause around a number, to the commas on both sides."""
    head = CLAUSE.search(sentence[:start])
    tail = re.match(r"[^，。；、\n]*", sentence[end:])
    return (head.group() if head else "") + sentence[start:end] + (tail.group() if tail else "")
