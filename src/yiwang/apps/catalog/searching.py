"""The index of the catalogue: texts as tokens, found by part of a word, in both scripts, by pinyin.

Overlapping pairs of characters become ASCII tokens, and a word is sought as a phrase of them, so
that a word of two characters or more is found exactly where it stands. The same tokens go into
FTS5 on SQLite and into ``tsvector('simple')`` on PostgreSQL; no locale and no word cutter has a
say. What matches in its title comes first.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db import connection

from yiwang.apps.catalog.models import SearchText
from yiwang.kernel.folding import fold, syllables, words_of

_RUN = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")
_SYLLABLES = 30
_SPELLED = 8
_GRAM = 2


@dataclass(frozen=True)
class Indexed:
    """A thing to be found: its title, everything else it says, and the marks to narrow by."""

    key: str
    organ: str
    title: str
    texts: tuple[str, ...]
    marks: tuple[str, ...] = ()


def _char(char: str) -> str:
    return f"u{ord(char):05x}"


def tokens(text: str) -> list[str]:
    """The tokens of a text: words of letters and digits, pairs of other characters."""
    found: list[str] = []
    for run in _RUN.findall(fold(text)):
        if run[0].isascii():
            found.append(run)
            continue
        found += [_char(a) + _char(b) for a, b in pairwise(run)]
        found.append(_char(run[-1]))
    return found


def spellings(title: str) -> list[str]:
    """The pinyin of a title from each of its characters on: in full, and its initials."""
    spoken = syllables(title[:_SYLLABLES])
    full = ["".join(spoken[n : n + _SPELLED]) for n in range(len(spoken))]
    initials = "".join(one[0] for one in spoken)
    return list(dict.fromkeys([*full, *(initials[n:] for n in range(len(initials) - 1))]))


def mark(name: str, value: str) -> str:
    """A token that narrows a search and that no word begins with: ``mark("organ", "health")``."""
    return f"0{name}0{value.encode().hex()}"


def index(kind: str, things: Iterable[Indexed]) -> None:
    """Make ``things`` findable; those that were found before are replaced."""
    rows = [
        SearchText(
            kind=kind,
            key=thing.key,
            organ=thing.organ,
            title_terms=" ".join([*tokens(thing.title), *spellings(thing.title)]),
            terms=" ".join(_terms(kind, thing)),
        )
        for thing in things
    ]
    SearchText.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["kind", "key"],
        update_fields=["organ", "title_terms", "terms"],
        batch_size=100,
    )


def _terms(kind: str, thing: Indexed) -> list[str]:
    marks = [mark("kind", kind), mark("organ", thing.organ), *thing.marks]
    return [*marks, *tokens(" \n ".join(thing.texts))]


def forget(kind: str, keys: Sequence[str]) -> None:
    """What is no longer there is no longer found."""
    SearchText.objects.filter(kind=kind, key__in=keys).delete()


def found(
    kind: str, query: str, *, marks: Sequence[str] = (), offset: int = 0, limit: int = 50
) -> list[str]:
    """Keys of what has every word of ``query`` and every mark; titles first, then by age."""
    words = [part for word in words_of(query) for part in _RUN.findall(word)]
    fixed = [mark("kind", kind), *marks]
    if not words:
        return []
    engine = _postgres if connection.vendor == "postgresql" else _sqlite
    return engine(words, fixed, offset, limit)


def _grams(word: str) -> list[str]:
    return [_char(a) + _char(b) for a, b in pairwise(word)]


def _sqlite(words: Sequence[str], marks: Sequence[str], offset: int, limit: int) -> list[str]:
    def phrase(word: str) -> str:
        if word[0].isascii():
            return f"{word}*" if len(word) >= _GRAM else word
        return f'"{" ".join(_grams(word))}"' if len(word) >= _GRAM else f"{_char(word)}*"

    sought = " AND ".join(phrase(word) for word in words)
    narrowed = " AND ".join(f"terms : {one}" for one in marks)
    titled = f"({narrowed}) AND (title_terms : ({sought}))"
    others = f"(({narrowed}) AND ({sought})) NOT (title_terms : ({sought}))"
    return _two_steps(titled, others, offset, limit)


_FOUND = {
    "sqlite": (
        "SELECT t.key FROM catalog_search s JOIN catalog_searchtext t ON t.id = s.rowid "
        "WHERE catalog_search MATCH %s ORDER BY s.rowid LIMIT %s OFFSET %s"
    ),
    "count": "SELECT count(*) FROM catalog_search WHERE catalog_search MATCH %s",
}


def _two_steps(titled: str, others: str, offset: int, limit: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(_FOUND["sqlite"], [titled, limit, offset])
        keys = [str(row[0]) for row in cursor.fetchall()]
        if len(keys) == limit:
            return keys
        first = len(keys) + offset
        if offset and not keys:
            cursor.execute(_FOUND["count"], [titled])
            first = int(cursor.fetchone()[0])
        rest = [others, limit - len(keys), max(0, offset - first)]
        cursor.execute(_FOUND["sqlite"], rest)
        return keys + [str(row[0]) for row in cursor.fetchall()]


_POSTGRES = (
    "SELECT key FROM catalog_searchtext "
    "WHERE to_tsvector('simple', title_terms || ' ' || terms) @@ to_tsquery('simple', %s) "
    "ORDER BY (to_tsvector('simple', title_terms) @@ to_tsquery('simple', %s)) DESC, id "
    "LIMIT %s OFFSET %s"
)


def _postgres(words: Sequence[str], marks: Sequence[str], offset: int, limit: int) -> list[str]:
    def phrase(word: str) -> str:
        if word[0].isascii():
            return f"{word}:*" if len(word) >= _GRAM else word
        return f"({' <-> '.join(_grams(word))})" if len(word) >= _GRAM else f"{_char(word)}:*"

    sought = " & ".join(phrase(word) for word in words)
    with connection.cursor() as cursor:
        cursor.execute(_POSTGRES, [" & ".join([*marks, sought]), sought, limit, offset])
        return [str(row[0]) for row in cursor.fetchall()]
