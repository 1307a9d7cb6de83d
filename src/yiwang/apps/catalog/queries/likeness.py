"""查重: systems that already hold or do what another is to, by items and by words."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from yiwang.apps.catalog.models import ListEntryVersion
from yiwang.apps.catalog.queries.lists import EntryUnknown
from yiwang.kernel.folding import fold

BY_ITEMS = 0.6
"""The weight of equal data items; the rest is by the words of title and functions."""
LEAST = 0.15
"""Less likeness than this says nothing."""


@dataclass(frozen=True)
class LikeSystem:
    """相近的系统: how like, and which data items both hold."""

    number: str
    title: str
    organ: str
    likeness: float
    items: tuple[str, ...]


def like_systems(number: str, *, limit: int = 10) -> list[LikeSystem]:
    """Systems in force that are like one, most like first."""
    systems, items = _systems(), _items()
    if number not in systems:
        raise EntryUnknown(
            f"系统清单里没有“{number}”。", hint="先编制并发布系统清单条目。", number=number
        )
    own = systems.pop(number)
    found = [
        LikeSystem(
            other,
            row["title"],
            row["organ"],
            likeness(own["words"], row["words"], items.get(number, ()), items.get(other, ())),
            tuple(sorted(set(items.get(number, ())) & set(items.get(other, ())))),
        )
        for other, row in systems.items()
    ]
    close = [one for one in found if one.likeness >= LEAST]
    return sorted(close, key=lambda one: -one.likeness)[:limit]


def likeness(words: str, others: str, items: Collection[str], theirs: Collection[str]) -> float:
    """Between 0 and 1: shared pairs of characters and, where both have any, shared data items."""
    by_words = _jaccard(_pairs(words), _pairs(others))
    if not items or not theirs:
        return round(by_words, 3)
    return round(BY_ITEMS * _jaccard(set(items), set(theirs)) + (1 - BY_ITEMS) * by_words, 3)


def _pairs(text: str) -> set[str]:
    plain = fold(text)
    return {plain[n : n + 2] for n in range(len(plain) - 1)}


def _jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other) if one and other else 0.0


def _in_force(name: str) -> list[tuple[str, str, str, Mapping[str, Any]]]:
    rows = ListEntryVersion.objects.filter(
        active_until=None, entry__state="published", entry__list=name
    )
    shown = rows.values_list("entry__number", "entry__title", "entry__organ", "values")
    return list(shown.order_by("entry_id"))


def _systems() -> dict[str, dict[str, str]]:
    return {
        number: {
            "title": title,
            "organ": organ,
            "words": f"{title} {values.get('abstract', '')}",
        }
        for number, title, organ, values in _in_force("system")
    }


def _items() -> dict[str, tuple[str, ...]]:
    """The titles of the data items of each system, named by number, title or source."""
    numbers: dict[str, str] = {}
    for number, title, _, values in _in_force("system"):
        numbers |= {title: number, str(values.get("source") or title): number}
    found: dict[str, tuple[str, ...]] = {}
    for _, _, _, values in _in_force("data"):
        said = str(values.get("system") or "")
        if not said:
            continue
        number = numbers.get(said, said)
        titles = tuple(str(item.get("title", "")) for item in values.get("items", ()))
        found[number] = (*found.get(number, ()), *titles)
    return found
