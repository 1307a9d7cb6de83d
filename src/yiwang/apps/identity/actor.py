"""Who acts: an officer in an organ, or a citizen or firm on their own behalf. Pure values."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

from yiwang.kernel.divisions import DivisionTree


@dataclass(frozen=True, slots=True, kw_only=True)
class Officer:
    """工作人员: an official acting in one organ, with the rights that their posts bring."""

    username: str
    name: str
    organ: str
    posts: tuple[str, ...] = ()
    """Titles of the posts held in the organ."""
    roles: tuple[str, ...] = ()
    """``pack.role`` ids."""
    rights: frozenset[str] = frozenset()
    divisions: tuple[str, ...] = ()
    """Codes of the divisions covered, each with everything inside it."""
    assurance: int = 1
    """1 password, 2 password and one-time code, 3 certificate or face to face."""
    stands_for: tuple["Officer", ...] = ()
    """Colleagues of the organ who are away and whose work this officer does meanwhile (代办)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applicant:
    """申请人: a citizen or firm; ``subject`` is the id number or the uscc."""

    subject: str
    kind: Literal["person", "firm"]
    name: str
    assurance: int = 1
    username: str = ""
    assisted_by: str = ""
    """The officer at a window who acts for them, in their presence and with their consent."""

    @property
    def hand(self) -> str:
        """Whose hand it was: the officer who helped, else the applicant."""
        return self.assisted_by or self.subject


Actor: TypeAlias = Officer | Applicant


_trees: list[DivisionTree] = []


def register_divisions(tree: DivisionTree) -> None:
    """Make known the place's divisions, so that zones without administrative code are covered."""
    _trees[:] = [tree]
    is_within.cache_clear()


@lru_cache(maxsize=100_000)
def is_within(division: str, cover: str) -> bool:
    """Whether a division lies in another, by the place's tree or by its code.

    Codes are cut at their levels (2, 4, 6, 9, 12 digits), so ``321300000000`` covers 321323.
    """
    if any(tree.is_within(division, cover) for tree in _trees):
        return True
    significant = cover
    for start in (9, 6, 4, 2):
        if len(cover) > start and not cover[start:].strip("0"):
            significant = cover[:start]
    return division.startswith(significant)
