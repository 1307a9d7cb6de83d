"""Folding of text for search, pure: width, case and spaces make no difference."""

import unicodedata


def fold(*texts: str) -> str:
    """One searchable line from ``texts``: NFKC, lower case, single spaces."""
    joined = unicodedata.normalize("NFKC", " ".join(texts)).casefold()
    return " ".join(joined.split())


def words_of(query: str) -> list[str]:
    """The words a search asks for, all of which must occur."""
    return fold(query).split()[:8]
