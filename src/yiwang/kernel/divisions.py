"""Divisions: places with validity, aliases and former codes, to any depth.

A code is any string: administrative places carry 6 to 12 digits, zones, parks and grids what the
place gives them. No level has a meaning here; names of levels are content.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Self

from yiwang.kernel.division_history import HeldPrefix, division_at, prefixes_of
from yiwang.kernel.errors import Invalid, NotFound

__all__ = [
    "Division",
    "DivisionTree",
    "DivisionUnknown",
    "DivisionsBroken",
    "HeldPrefix",
    "division_at",
    "prefixes_of",
]


class DivisionUnknown(NotFound):
    """No division has this code (on this day)."""

    code = "kernel.division_unknown"


class DivisionsBroken(Invalid):
    """The list of divisions contradicts itself: a parent is missing, or parents form a ring."""

    code = "kernel.divisions_broken"


@dataclass(frozen=True, kw_only=True)
class Division:
    """行政区划: a place with a code, a parent and a time in force (``active_until`` exclusive)."""

    code: str
    name: str
    parent: str = ""
    level: str = ""
    active_from: date | None = None
    active_until: date | None = None
    aliases: tuple[str, ...] = ()
    former_codes: tuple[str, ...] = ()

    def is_active(self, on: date) -> bool:
        """Whether the division is in force on a day."""
        begun = self.active_from is None or self.active_from <= on
        return begun and (self.active_until is None or on < self.active_until)


@dataclass(frozen=True)
class DivisionTree:
    """行政区划树: the divisions that a place knows, by code, parent and name.

    The same code may stand several times with different validity (a county that became a city);
    without a day, the one in force last is meant.
    """

    divisions: tuple[Division, ...]
    _by_code: Mapping[str, tuple[Division, ...]] = field(init=False, repr=False, compare=False)
    _children: Mapping[str, tuple[str, ...]] = field(init=False, repr=False, compare=False)
    _by_name: Mapping[str, tuple[Division, ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        in_order = sorted(self.divisions, key=lambda d: d.active_from or date.min)
        codes = _group((code, d) for d in in_order for code in (d.code, *d.former_codes))
        names = _group((name, d) for d in self.divisions for name in (d.name, *d.aliases))
        latest = {code: held[-1] for code, held in codes.items() if held[-1].code == code}
        children: dict[str, dict[str, None]] = {}
        for division in self.divisions:
            if latest.get(division.code) is division and division.parent:
                children.setdefault(division.parent, {})[division.code] = None
        object.__setattr__(self, "_by_code", codes)
        object.__setattr__(self, "_by_name", names)
        object.__setattr__(self, "_children", {code: tuple(own) for code, own in children.items()})
        self._demand_tree()

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a list with ``code, name, level, parent`` and, optionally, ``active_from``,
        ``active_until`` (ISO dates), ``aliases`` and ``former_codes`` (separated by ``|``).

        Official lists repeat a city without counties (东莞) as its own county, under its own
        code; that second row says nothing and is passed over.
        """
        with path.open(encoding="utf-8-sig", newline="") as lines:
            divisions = [_read_row(row) for row in csv.DictReader(lines)]
        standing = {d.code for d in divisions if d.parent != d.code}
        return cls(tuple(d for d in divisions if d.parent != d.code or d.code not in standing))

    def get(self, code: str, *, on: date | None = None) -> Division:
        """The division with this code or former code, in force on a day, or ``DivisionUnknown``.

        A place's own code wins over another place's former one.
        """
        found = [d for d in self._by_code.get(code, ()) if on is None or d.is_active(on)]
        own = [d for d in found if d.code == code] or found
        if not own:
            raise DivisionUnknown(
                f"没有代码为“{code}”的区划{f'（{on} 有效）' if on else ''}。",
                hint="核对代码；新设区划请先补充区划登记册。",
                division=code,
            )
        return own[-1]

    def path(self, code: str) -> tuple[Division, ...]:
        """From the top down to the division itself."""
        way = [self.get(code)]
        while way[-1].parent:
            way.append(self.get(way[-1].parent))
        return tuple(reversed(way))

    def children(self, code: str) -> tuple[Division, ...]:
        """The divisions directly below, in the order of the list; ``""`` asks for the tops."""
        if not code:
            return tuple(d for d in self.divisions if not d.parent)
        return tuple(self.get(child) for child in self._children.get(self.get(code).code, ()))

    def descendants(self, code: str) -> Iterator[Division]:
        """All divisions below, each before its own children; the division itself is not one."""
        waiting = list(reversed(self.children(code)))
        while waiting:
            division = waiting.pop()
            yield division
            waiting.extend(reversed(self.children(division.code)))

    def find(self, name: str) -> tuple[Division, ...]:
        """All divisions called ``name`` exactly, by name or alias."""
        return self._by_name.get(name, ())

    def is_within(self, code: str, ancestor: str) -> bool:
        """Whether a division is ``ancestor`` or lies below it; unknown codes lie nowhere."""
        if code not in self._by_code or ancestor not in self._by_code:
            return False
        target = self.get(ancestor).code
        return any(division.code == target for division in self.path(code))

    def _demand_tree(self) -> None:
        """Every parent exists and every way up ends, so that ``path`` always returns."""
        sound: set[str] = {""}
        for start in self.divisions:
            way: dict[str, None] = {}
            code = start.code
            while code not in sound:
                if code in way or code not in self._by_code:
                    raise DivisionsBroken(
                        f"区划“{start.name}”（{start.code}）的上级链"
                        + (f"在“{code}”处成环。" if code in way else f"缺少“{code}”。"),
                        hint="检查区划登记册的 parent 列。",
                        division=start.code,
                    )
                way[code] = None
                code = self.get(code).parent
            sound.update(way)


def _group(pairs: Iterable[tuple[str, Division]]) -> dict[str, tuple[Division, ...]]:
    grouped: dict[str, list[Division]] = {}
    for key, division in pairs:
        grouped.setdefault(key, []).append(division)
    return {key: tuple(values) for key, values in grouped.items()}


def _read_row(row: Mapping[str, str | None]) -> Division:
    def text(column: str) -> str:
        return (row.get(column) or "").strip()

    def day(column: str) -> date | None:
        return date.fromisoformat(text(column)) if text(column) else None

    def several(column: str) -> tuple[str, ...]:
        return tuple(part for part in text(column).split("|") if part)

    return Division(
        code=text("code"),
        name=text("name"),
        parent=text("parent"),
        level=text("level"),
        active_from=day("active_from"),
        active_until=day("active_until"),
        aliases=several("aliases"),
        former_codes=several("former_codes"),
    )
