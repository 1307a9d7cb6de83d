"""Where words stand in a text, pure: script, width and case make no difference."""

from collections.abc import Sequence
from functools import lru_cache

from yiwang.kernel.folding import fold

Piece = tuple[str, bool]
"""Text, and whether it is one of the words."""


@lru_cache(maxsize=20_000)
def _folded(character: str) -> str:
    return fold(character)


def pieces(text: str, words: Sequence[str], *, around: int = 0) -> tuple[Piece, ...]:
    """``text`` cut into what was searched for and the rest.

    ``around`` keeps that many characters before and after the first find, with … where it is cut.
    """
    folded, origin = [], []
    for place, character in enumerate(text):
        for one in _folded(character):
            folded.append(one)
            origin.append(place)
    marked = _marked("".join(folded), origin, words, len(text))
    begin, end = _window(marked, len(text), around)
    found: list[Piece] = []
    start = begin
    for place in range(begin, end + 1):
        if place == end or (place > start and marked[place] != marked[start]):
            if place > start:
                found.append((text[start:place], marked[start]))
            start = place
    if begin:
        found.insert(0, ("…", False))
    if end < len(text):
        found.append(("…", False))
    return tuple(found)


def _marked(folded: str, origin: Sequence[int], words: Sequence[str], size: int) -> list[bool]:
    marked = [False] * size
    for word in words:
        place = folded.find(word)
        while word and place >= 0:
            for one in range(place, place + len(word)):
                marked[origin[one]] = True
            place = folded.find(word, place + len(word))
    return marked


def _window(marked: Sequence[bool], size: int, around: int) -> tuple[int, int]:
    if not around or size <= 2 * around:
        return 0, size
    first = next((place for place, one in enumerate(marked) if one), 0)
    return max(0, first - around), min(size, first + around * 2)
