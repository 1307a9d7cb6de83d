"""Find items and one-things by what people call them: either script, part of a word, pinyin."""

from collections.abc import Iterable

from django.db.models import Q

from yiwang.kernel.folding import fold, syllables, words_of

LONGEST = 100


def search_text(title: str, words: Iterable[str]) -> str:
    """What is searched: title and words in one script, and each one's pinyin and initials."""
    texts = [title, *words]
    spoken = [syllables(text) for text in texts]
    spelled = ["".join(one) for one in spoken] + ["".join(s[0] for s in one) for one in spoken]
    return fold(*texts, *spelled)


def matching(query: str) -> Q:
    """The condition that every word of a query occurs."""
    wanted = Q()
    for word in words_of(query[:LONGEST]):
        wanted &= Q(search_text__contains=word)
    return wanted
