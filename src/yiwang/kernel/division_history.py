"""Who carried a six-digit division code, and when: the prefixes of identity numbers.

A native of 泗阳 carries 322226, 320825 or 321323, by the year the number was given. The tables
(``tables/README.md`` names their origin) are noisy before 1984 and infer some successors, so an
answer here is information, never a reason to refuse a number.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal

_REASSIGNED = "码位改派"
_ABOLISHED = "撤销"
_PROVINCES_PARTED = {("44", "46"), ("51", "50")}
"""Hainan left Guangdong in 1988, Chongqing left Sichuan in 1997."""

_Row = Mapping[str, str]


@dataclass
class _Holding:
    """One place holding one code from a year to a year (both inclusive; None: not recorded)."""

    code: str
    name: str
    since: int | None
    until: int | None = None
    successor: tuple[str, str] | None = None


@dataclass(frozen=True, kw_only=True)
class HeldPrefix:
    """What is known of a prefix in a year.

    ``standing``: ``in_force`` – a place carried it that year; ``other_years`` – a place carried
    it, but not that year (ordinary: numbers are given long after birth); ``unknown`` – no place
    is known to have carried it. ``code_now`` and ``name_now`` follow the successors to today,
    empty where the records end.
    """

    prefix: str
    standing: Literal["in_force", "other_years", "unknown"]
    name: str = ""
    since: int | None = None
    until: int | None = None
    code_now: str = ""
    name_now: str = ""


def division_at(prefix: str, year: int) -> HeldPrefix:
    """Who carried the six-digit ``prefix`` in ``year``; in the year of a change, the newer one."""
    held = _holdings().get(prefix, [])
    if not held:
        return HeldPrefix(prefix=prefix, standing="unknown")
    fitting = [h for h in held if (h.since or 0) <= year <= (h.until or 9999)]
    chosen = (fitting or held)[-1]
    last = _follow(chosen)
    return HeldPrefix(
        prefix=prefix,
        standing="in_force" if fitting else "other_years",
        name=chosen.name,
        since=chosen.since,
        until=chosen.until,
        code_now=last.code if last else "",
        name_now=last.name if last else "",
    )


@cache
def prefixes_of(code: str) -> tuple[str, ...]:
    """All prefixes that natives of today's division ``code`` carry, oldest first.

    ``code`` may be longer than six characters; a code not in the tables is its own only prefix.
    """
    six = code[:6]
    found = {
        holding.code: holding.until or 9999
        for held in _holdings().values()
        for holding in held
        if (last := _follow(holding)) and last.code == six
    }
    return tuple(sorted(found, key=lambda prefix: (found[prefix], prefix))) or (six,)


def _follow(holding: _Holding) -> _Holding | None:
    """The holding in force today that descends from ``holding``, None if its line ended."""
    seen: set[tuple[str, str, int | None]] = set()
    current: _Holding | None = holding
    while current and current.until is not None:
        mark = (current.code, current.name, current.since)
        if current.successor is None or mark in seen:
            return None
        seen.add(mark)
        current = _heir(current)
    return current


def _heir(holding: _Holding) -> _Holding | None:
    code, name = holding.successor or ("", "")
    later = [h for h in _holdings().get(code, []) if (h.until or 9999) >= (holding.until or 0)]
    named = [h for h in later if h.name == name]
    return next(iter(named or later), None)


@cache
def _holdings() -> dict[str, list[_Holding]]:
    """Every code's holders in order of time."""
    holdings: dict[str, list[_Holding]] = {}
    changes = sorted(_read("division_changes.csv"), key=lambda row: int(row["year"]))
    moved = _moved_within_year(changes)
    for row in changes:
        old, new, year = row["old_code"], row["new_code"], int(row["year"])
        if old:
            _close(holdings.setdefault(old, []), row, _successor(row, moved))
        if new:
            _open(holdings.setdefault(new, []), row["new_name"], new, year)
    for row in _read("division_codes.csv"):
        code = row["code"]
        held = holdings.setdefault(code, [])
        if not held or held[-1].until is not None:
            held.append(_Holding(code, row["name"], held[-1].until if held else None))
    return holdings


def _close(held: list[_Holding], row: _Row, successor: tuple[str, str] | None) -> None:
    name, year = row["old_name"], int(row["year"])
    standing = [h for h in held if h.name == name and h.until is None]
    if not standing:
        held.insert(0, _Holding(row["old_code"], name, None))
        standing = [held[0]]
    standing[-1].until, standing[-1].successor = year, successor


def _open(held: list[_Holding], name: str, code: str, year: int) -> None:
    if not any(h.name == name and h.until is None for h in held):
        held.append(_Holding(code, name, year))


def _successor(row: _Row, moved: Mapping[tuple[str, str, str], str]) -> tuple[str, str] | None:
    old, new = row["old_code"], row["new_code"]
    if row["type"] == _REASSIGNED:
        code = moved.get((row["year"], old[:4], row["old_name"]), "")
        return (code, row["old_name"]) if code else None
    provinces = (old[:2], new[:2])
    parted = provinces[0] != provinces[1] and provinces not in _PROVINCES_PARTED
    if not new or (row["type"] == _ABOLISHED and parted):
        return None  # matched by name across provinces: an error of the table
    return new, row["new_name"]


def _moved_within_year(changes: Iterable[_Row]) -> dict[tuple[str, str, str], str]:
    """Where a place went when a prefecture renumbered its counties: (year, prefecture, name)."""
    return {
        (row["year"], row["new_code"][:4], row["new_name"]): row["new_code"]
        for row in changes
        if row["type"] == _REASSIGNED and row["new_code"]
    }


def _read(name: str) -> list[dict[str, str]]:
    text = resources.files("yiwang.kernel").joinpath("tables", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
