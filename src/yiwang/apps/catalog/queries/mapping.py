"""The map 业务—系统—数据—用途: what runs on which system, makes which data, for which use."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from yiwang.apps.catalog.feed_sources import library
from yiwang.apps.catalog.models import ColumnSource, ListEntry, ListEntryVersion
from yiwang.packkit import Library

KINDS = ("item", "system", "dataset", "use")


@dataclass(frozen=True)
class Place:
    """One thing on the map: its column, id, title, organ, and the page that shows it."""

    kind: str
    ref: str
    title: str
    organ: str = ""
    page: tuple[str, ...] = ()


@dataclass(frozen=True)
class BusinessMap:
    """Places by column and the links between neighbours; what has no link is a gap."""

    places: tuple[Place, ...]
    links: tuple[tuple[str, str], ...]
    items_without_system: tuple[Place, ...]
    systems_without_data: tuple[Place, ...]

    def rows(self) -> list[tuple[Place | None, ...]]:
        """The map as a table: one row per path from left to right."""
        by_ref = {place.ref: place for place in self.places}
        after: dict[str, list[str]] = {}
        for left, right in self.links:
            after.setdefault(left, []).append(right)
        reached = {right for _, right in self.links}
        rows: list[tuple[Place | None, ...]] = []
        for place in self.places:
            if place.ref not in reached:
                _walk(place, by_ref, after, [None] * KINDS.index(place.kind), rows)
        return rows


def _walk(
    place: Place,
    by_ref: Mapping[str, Place],
    after: Mapping[str, list[str]],
    path: list[Place | None],
    rows: list[tuple[Place | None, ...]],
) -> None:
    path = [*path, place]
    following = after.get(place.ref, [])
    if not following:
        rows.append((*path, *[None] * (len(KINDS) - len(path))))
    for ref in following:
        _walk(by_ref[ref], by_ref, after, path, rows)


def business_map(*, organ: str = "", item: str = "") -> BusinessMap:
    """The map of one organ's business, of one item, or of everybody's."""
    packs = library()
    places: dict[str, Place] = {}
    links: list[tuple[str, str]] = []
    items = _items(packs)
    systems = {row.number: (row, values) for row, values in _systems()}
    datasets = packs.feeds()
    for place in items.values():
        places[place.ref] = place
    for number, (row, values) in systems.items():
        places[number] = Place(
            "system", number, row.title, row.organ, ("steward:entry", number.replace("/", "-"))
        )
        links += [(one.ref, number) for one in items.values() if _names(one, values, row.organ)]
        links += [(number, ref) for ref, feed in datasets.items() if _makes(values, ref, feed)]
    for ref, feed in datasets.items():
        places[ref] = Place("dataset", ref, feed.title, feed.organ, ("steward:dataset", ref))
    for ref, use in _uses(packs):
        places[use.ref] = use
        links.append((ref, use.ref))
    return _narrowed(places, list(dict.fromkeys(links)), organ=organ, item=item)


def _items(packs: Library) -> dict[str, Place]:
    found = {
        ref: Place("item", f"item:{ref}", one.title, one.organ)
        for ref, one in packs.items().items()
    }
    for ref, policy in packs.policies().items():
        organ = str(getattr(policy, "organ", ""))
        found[f"policy:{ref}"] = Place("item", f"policy:{ref}", policy.title, organ)
    return found


def _systems() -> list[tuple[ListEntry, dict[str, Any]]]:
    """Systems of the list in force."""
    rows = ListEntryVersion.objects.filter(entry__list="system", active_until=None)
    return [(one.entry, one.values) for one in rows.select_related("entry").order_by("entry_id")]


def _names(place: Place, values: Mapping[str, Any], organ: str) -> bool:
    """Whether a system's entry names the item, by its title or id."""
    named = set(values.get("items", ()))
    return bool(named & {place.title, place.ref, place.ref.partition(":")[2]})


def _makes(values: Mapping[str, Any], ref: str, feed: Any) -> bool:
    named = set(values.get("resources", ()))
    return feed.source == values.get("source") or bool(named & {ref, feed.title})


def _uses(packs: Library) -> list[tuple[str, Place]]:
    """What datasets are used for: tables made of them, and whom these are granted to."""
    feeds = packs.feeds()
    pairs = ColumnSource.objects.filter(column__active_until=None, source_table__in=feeds)
    tables = pairs.values_list("source_table", "column__dataset__ref").distinct()
    titles = {ref: table.title for ref, table in packs.tables().items()}
    granted: dict[str, list[str]] = {}
    for grant in packs.grants().values():
        granted.setdefault(grant.table, []).append(grant.purpose)
    found = []
    for feed, table in tables:
        purposes = "、".join(dict.fromkeys(granted.get(table, ())))
        title = titles.get(table, table) + (f"（{purposes}）" if purposes else "")
        found.append((feed, Place("use", f"use:{table}", title, "", ("steward:dataset", table))))
    return found


def _narrowed(
    places: Mapping[str, Place], links: list[tuple[str, str]], *, organ: str, item: str
) -> BusinessMap:
    """Keep what is reached from the organ's own things, or from the item."""
    kept = {
        ref
        for ref, place in places.items()
        if (not organ or place.organ == organ) and (not item or place.ref == item)
    }
    if organ or item:
        waiting = list(kept)
        while waiting:
            at = waiting.pop()
            for left, right in links:
                if left == at and right not in kept:
                    kept.add(right)
                    waiting.append(right)
    else:
        kept = set(places)
    own = [(left, right) for left, right in links if left in kept and right in kept]
    starts = {left for left, _ in own}
    order = sorted(kept, key=lambda ref: KINDS.index(places[ref].kind))
    chosen = tuple(places[ref] for ref in order)
    return BusinessMap(
        chosen,
        tuple(own),
        tuple(one for one in chosen if one.kind == "item" and one.ref not in starts),
        tuple(one for one in chosen if one.kind == "system" and one.ref not in starts),
    )
