"""First versions of the lists: what the packs of a place declare stands there from the start.

What people published after it is never overwritten: a later change of the pack becomes a draft
that waits for them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yiwang.apps.catalog import metadata, searching
from yiwang.apps.catalog.actions.lists import findable, new_numbers
from yiwang.apps.catalog.models import ListEntry, ListEntryVersion
from yiwang.apps.catalog.reading import ColumnEntry, DatasetEntry
from yiwang.apps.catalog.turns import take_turns

_GONE = "场景包不再声明此资源。"
_SHARE = {"unconditional": "1", "conditional": "2", "none": "3"}
_CYCLES = {"PT0S": "1", "P1D": "2", "P1W": "3", "P7D": "3", "P1M": "4", "P3M": "5", "P1Y": "6"}
_TYPES = {
    "text": "C",
    "integer": "I",
    "decimal": "N",
    "boolean": "L",
    "date": "D",
    "instant": "T",
    "json": "M",
}
_LENGTHS = {"id_number": "18", "uscc": "18", "phone": "11", "plate": "8", "bank_card": "19"}


@dataclass(frozen=True)
class Declared:
    """An entry as a pack declares it."""

    list: str
    about: str
    organ: str
    values: Mapping[str, Any]


def declared_entries(
    datasets: Iterable[DatasetEntry], *, sources: Mapping[str, str]
) -> list[Declared]:
    """A data-list entry per dataset, a sharing-list entry per table that is shared."""
    found = []
    for one in datasets:
        found.append(Declared("data", one.ref, one.organ, _resource(one, sources)))
        if one.kind == "table" and one.share != "none":
            found.append(Declared("sharing", one.ref, one.organ, _promise(one)))
    return found


def _resource(one: DatasetEntry, sources: Mapping[str, str]) -> dict[str, Any]:
    share = _SHARE[one.share] if one.kind == "table" else "2"
    values: dict[str, Any] = {
        "title": one.title,
        "abstract": one.description or f"{one.title}。{one.grain}".strip(),
        "class": "1" if one.ref.startswith("base.") else "3",
        "format": "3",
        "items": [_item(column) for column in one.columns],
        "share": share,
        "share_mode": "1",
        "open": _SHARE[one.open],
        "cycle": _CYCLES.get(one.cycle, "9"),
        "grade": str(max((column.grade for column in one.columns), default=1)),
    }
    if share == "2":
        values["share_condition"] = "按需求申请，经提供机构同意，按字段授权。"
    if share == "3":
        values["share_condition"] = "依提供机构声明不予共享。"
    if values["open"] == "2":
        values["open_condition"] = "经审核后开放。"
    if one.ref in sources:
        values["system"] = sources[one.ref]
    linked = sorted({table for column in one.columns for table, _ in column.sources} - {one.ref})
    if linked:
        values["linked"] = linked
    return values


def _item(column: ColumnEntry) -> dict[str, str]:
    item = {"title": column.title, "type": _TYPES.get(column.type, "C"), "name": column.name}
    if length := _LENGTHS.get(column.element):
        item["length"] = length
    return item


def _promise(one: DatasetEntry) -> dict[str, Any]:
    return {
        "title": one.title,
        "resource": one.ref,
        "share": _SHARE[one.share],
        "share_condition": "按需求申请，经提供机构同意，按字段授权。",
        "share_mode": "1",
        "promise": "申请后5个工作日内答复（示例）。",
        "cycle": _CYCLES.get(one.cycle, "9"),
    }


def install_lists(declared: Sequence[Declared], *, at: datetime) -> None:
    """Make the lists say what the packs say, except where people have said something since."""
    rows, others = {}, set()
    for row in ListEntry.objects.exclude(about=""):
        if row.origin == "pack" and row.state != "withdrawn":
            rows[row.list, row.about] = row
        elif row.note != _GONE:  # somebody's own entry, or withdrawn by a person: it stays so
            others.add((row.list, row.about))
    fresh = [one for one in declared if not {(one.list, one.about)} & (rows.keys() | others)]
    _begin(fresh, at)
    latest = {
        one.entry_id: one
        for one in ListEntryVersion.objects.filter(entry__origin="pack", active_until=None)
    }
    for one in declared:
        row = rows.get((one.list, one.about))
        if row is not None and row.pk in latest:
            _follow(row, latest[row.pk], one, at)
    wanted = {(one.list, one.about) for one in declared}
    for place, row in rows.items():
        if place not in wanted:
            _end(row, at)


def _begin(fresh: Sequence[Declared], at: datetime) -> None:
    by_place: dict[tuple[str, str], list[Declared]] = {}
    for one in fresh:
        by_place.setdefault((one.organ, one.list), []).append(one)
    rows = []
    for (organ, name), group in by_place.items():
        kind = metadata.LISTS[name]
        numbers = new_numbers(organ, kind, [str(one.values.get("class", "")) for one in group])
        rows += [_row(one, number, at) for one, number in zip(group, numbers, strict=True)]
    first = take_turns(len(rows))
    for turn, row in enumerate(rows, first):
        row.turn = turn
    made = ListEntry.objects.bulk_create(rows, batch_size=100)
    values = {(one.list, one.about): one.values for one in fresh}
    ListEntryVersion.objects.bulk_create(
        [_version(row, values[row.list, row.about], at) for row in made], batch_size=100
    )
    searching.index("entry", (findable(row, values[row.list, row.about]) for row in made))


def _row(one: Declared, number: str, at: datetime) -> ListEntry:
    return ListEntry(
        number=number,
        list=one.list,
        organ=one.organ,
        about=one.about,
        title=str(one.values["title"])[:200],
        state="published",
        version=1,
        origin="pack",
        completeness=metadata.completeness(metadata.LISTS[one.list], one.values),
        touched_at=at,
    )


def _version(row: ListEntry, values: Mapping[str, Any], at: datetime) -> ListEntryVersion:
    content = metadata.canonical(
        number=row.number, list_name=row.list, organ=row.organ, version=row.version, values=values
    )
    return ListEntryVersion(
        entry=row,
        version=row.version,
        values=dict(values),
        digest=metadata.digest(content),
        reason="" if row.version == 1 else "场景包变更",
        origin="pack",
        active_from=at,
    )


def _follow(row: ListEntry, latest: ListEntryVersion, one: Declared, at: datetime) -> None:
    """The pack changed: a new version if nobody else changed the entry, else a draft."""
    said = latest.values
    if latest.origin != "pack":
        said = row.versions.filter(origin="pack").latest("version").values
    changed = {name for name in {*said, *one.values} if said.get(name) != one.values.get(name)}
    if not changed or (latest.origin != "pack" and changed == {"grade"}):
        return  # what a person signed takes its grade when it is signed again
    row.touched_at = at
    if latest.origin != "pack" or row.draft is not None:
        if row.state == "published":
            row.state, row.draft, row.note = "draft", dict(one.values), "场景包有变更，请核对。"
            row.save()
        return
    row.versions.filter(active_until=None).update(active_until=at)
    row.version, row.title = row.version + 1, str(one.values["title"])[:200]
    row.turn = take_turns()
    row.save()
    _version(row, one.values, at).save()
    searching.index("entry", [findable(row, one.values)])


def _end(row: ListEntry, at: datetime) -> None:
    """The pack no longer declares it."""
    row.versions.filter(active_until=None).update(active_until=at)
    row.state, row.draft, row.touched_at = "withdrawn", None, at
    row.note, row.turn = _GONE, take_turns()
    row.save()
    searching.forget("entry", [row.number])
