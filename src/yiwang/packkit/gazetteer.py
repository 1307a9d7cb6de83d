"""地名地址: the addresses that a place's registers know, and which of them a written one means.

Any register whose columns carry the elements ``standard_address``, ``longitude`` and ``latitude``
contributes its entries: doors, buildings, key places. GB/T 23705 orders an address from the
division through the road to the door; people leave out the front, add a room at the end, or write
a sentence around it.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from yiwang.kernel.folding import fold
from yiwang.packkit.library import Library

Precision = Literal["door", "road"]
LONGEST = 200
"""Characters of a written address that are looked at."""
_SHORTEST = 3
"""A key of fewer characters stands in too many sentences."""
_NOISE = re.compile(r"[\s,，.。、;；:：()（）#“”\"'-]+")
_DOOR = re.compile(r"\d+(号|幢|栋|弄)")


@dataclass(frozen=True)
class KnownAddress:
    """An address of a register. ``lon``, ``lat`` in degrees (CGCS2000)."""

    text: str
    lon: float
    lat: float
    division: str
    register: str

    @property
    def precision(self) -> Precision:
        """Whether it is a door (a number) or only a road, where a point is kilometres vague."""
        return "door" if _DOOR.search(fold(self.text)) else "road"


class Gazetteer:
    """Known addresses by each way in which people write them."""

    def __init__(self, known: Iterable[tuple[KnownAddress, tuple[str, ...]]]) -> None:
        """Each address with the names before its road, from the outermost: 江苏省, 宿迁市 …"""
        self._of: dict[str, KnownAddress | None] = {}
        for address, names in known:
            for key in _spellings(address.text, names):
                same = self._of.setdefault(key, address)
                if same is not None and same.text != address.text:
                    self._of[key] = None  # the same words mean two places
        self._first = {key[:2] for key in self._of}
        self._longest = max(map(len, self._of), default=0)

    def find(self, text: str) -> KnownAddress | None:
        """The address that ``text`` means: the longest that stands in it; None when in doubt."""
        plain = _plain(text[:LONGEST])
        best: tuple[int, KnownAddress] | None = None
        for start in range(len(plain)):
            if plain[start : start + 2] in self._first:
                end = self._end(plain, start)
                found = self._of.get(plain[start:end])
                if found is not None and (best is None or end - start > best[0]):
                    best = end - start, found
        return best[1] if best else None

    def _end(self, plain: str, start: int) -> int:
        """Where the longest key that begins at ``start`` ends; a number is never cut."""
        for end in range(min(len(plain), start + self._longest), start + _SHORTEST - 1, -1):
            if plain[start:end] in self._of:
                return end
        return start


def gazetteer_of(library: Library) -> Gazetteer:
    """What the registers of the library know."""
    return Gazetteer(_known(library))


def _known(library: Library) -> Iterator[tuple[KnownAddress, tuple[str, ...]]]:
    for ref, register in library.registers().items():
        of = {column.element: name for name, column in register.columns.items() if column.element}
        if not {"standard_address", "longitude", "latitude"} <= of.keys():
            continue
        for row in library.entries(ref):
            if row[of["standard_address"]]:
                division = str(row.get("division") or library.place.division)
                names = tuple(one.name for one in library.divisions.path(division))
                yield _address(row, of, division, ref), names


def _address(row: Any, of: dict[str, str], division: str, ref: str) -> KnownAddress:
    return KnownAddress(
        text=str(row[of["standard_address"]]),
        lon=float(row[of["longitude"]]),
        lat=float(row[of["latitude"]]),
        division=division,
        register=ref,
    )


def _plain(text: str) -> str:
    return _NOISE.sub("", fold(text))


def _spellings(text: str, names: tuple[str, ...]) -> Iterator[str]:
    """The address whole, and with the names of its divisions left out one by one from outside."""
    rest = _plain(text)
    yield rest
    for name in map(_plain, names):
        if rest.startswith(name):
            rest = rest.removeprefix(name)
            if len(rest) >= _SHORTEST:
                yield rest
