"""Texts made comparable, pure: script, width, case and spaces make no difference; and pinyin.

What is stored for a search and what is searched for go through the same folding. Characters are
folded one by one, never by phrase, so that any part of a text folds as it does in the whole.
"""

import csv
import unicodedata
from functools import cache
from importlib import resources


@cache
def _table() -> dict[int, str]:
    """Each traditional character's most frequent simplified one (``tables/README.md``)."""
    table = resources.files("yiwang.kernel") / "tables" / "traditional.csv"
    with table.open("r", encoding="utf-8") as handle:
        return {ord(row["traditional"]): row["simplified"] for row in csv.DictReader(handle)}


def simplified(text: str) -> str:
    """``text`` in simplified script, each character in its place, nothing else changed."""
    return text.translate(_table())


def fold(*texts: str) -> str:
    """One comparable line from ``texts``: NFKC, lower case, simplified script, single spaces."""
    joined = unicodedata.normalize("NFKC", " ".join(texts)).casefold()
    return " ".join(simplified(joined).split())


def words_of(query: str) -> list[str]:
    """The words a search asks for, all of which must occur; at most eight."""
    return fold(query).split()[:8]


def syllables(text: str) -> list[str]:
    """The toneless pinyin of each Chinese character of ``text``; other characters are left out.

    Characters with several readings take that of the word they stand in: 银行 is yin hang.
    """
    from pypinyin import Style, lazy_pinyin  # half a second: only who writes an entry pays it

    return [
        one.replace("ü", "v")
        for one in lazy_pinyin(fold(text), style=Style.NORMAL, errors="ignore")
        if one.isascii()
    ]
