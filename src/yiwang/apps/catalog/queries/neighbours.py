"""Neighbouring catalogues as people read them, and what a neighbour is given of ours."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q

from yiwang.apps.catalog import metadata
from yiwang.apps.catalog.keys import key_digest
from yiwang.apps.catalog.models import (
    CatalogueNeighbour,
    ListEntry,
    ListEntryVersion,
    NeighbourEntry,
    NeighbourPull,
)
from yiwang.apps.catalog.neighbour_wire import PAGE, OfferedEntry, OfferedPage
from yiwang.apps.catalog.queries.lists import codes
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotAllowed, NotFound


class NeighbourUnknown(NotFound):
    """No neighbour has this number."""

    code = "catalog.neighbour_unknown"


class NeighbourKeyUnknown(NotAllowed):
    """No neighbour that may take our entries holds this key."""

    code = "catalog.neighbour_key_unknown"
    status = 401


@dataclass(frozen=True)
class PullView:
    """取用记录: read = drafted + changed + same + conflicts + gone + refused."""

    begun_at: datetime
    ended_at: datetime | None
    read: int
    drafted: int
    changed: int
    same: int
    conflicts: int
    gone: int
    refused: int
    refusals: tuple[str, ...]
    fault: str


@dataclass(frozen=True)
class LinkView:
    """对应条目: theirs and ours; ``changes`` lead from ours to theirs where both were changed."""

    id: int
    number: str
    title: str
    organ_title: str
    version: int
    state: str
    state_title: str
    heard_at: datetime
    ours: str
    slug: str
    our_title: str
    our_organ: str
    our_state: str
    neighbour: int
    neighbour_title: str
    changes: tuple[metadata.Difference, ...]


@dataclass(frozen=True)
class NeighbourView:
    """邻目录 with its latest pull and the number of its entries by state."""

    number: int
    title: str
    gives: bool
    gives_organ: str
    takes: bool
    address: str
    organ: str
    set_by: str
    set_at: datetime
    stopped_at: datetime | None
    latest: PullView | None
    linked: int
    conflicts: int
    gone: int


@dataclass(frozen=True)
class ConflictsWaiting:
    """Entries that both a neighbour and an organ changed, and that the organ decides."""

    neighbour: int
    title: str
    count: int


def conflicts_to_decide(*, officer: identity.Officer) -> list[ConflictsWaiting]:
    """Conflicts with each neighbour about entries that the officer may draft."""
    if not identity.may(officer, "catalog.draft"):
        return []
    rows = NeighbourEntry.objects.filter(state="conflict", entry__organ=officer.organ)
    counts = rows.values_list("neighbour", "neighbour__title").annotate(Count("id"))
    return [ConflictsWaiting(*row) for row in counts.order_by("neighbour")]


def neighbour_row(number: int, *, lock: bool = False) -> CatalogueNeighbour:
    """The row of a neighbour, or ``NeighbourUnknown``."""
    rows = CatalogueNeighbour.objects.select_for_update() if lock else CatalogueNeighbour.objects
    row = rows.filter(pk=number).first()
    if row is None:
        raise NeighbourUnknown("没有登记这个邻目录。", hint="请从邻目录页进入。")
    return row


def neighbours() -> list[NeighbourView]:
    """Every neighbour, those in use first."""
    rows = CatalogueNeighbour.objects.order_by("stopped_at", "pk")
    return sorted((_view(row) for row in rows), key=lambda one: one.stopped_at is not None)


def neighbour(number: int) -> NeighbourView:
    """One neighbour."""
    return _view(neighbour_row(number))


def _view(row: CatalogueNeighbour) -> NeighbourView:
    states = dict(row.entries.values_list("state").annotate(Count("id")))
    last = row.pulls.order_by("-pk").first()
    return NeighbourView(
        row.pk, row.title, row.gives, row.gives_organ, row.takes, row.address, row.organ,
        row.set_by, row.set_at, row.stopped_at, _pull(last) if last else None,
        states.get("linked", 0), states.get("conflict", 0), states.get("gone", 0),
    )  # fmt: skip


def pulls(number: int, *, limit: int = 20) -> list[PullView]:
    """The latest pulls of a neighbour that brought something or failed, newest first."""
    rows = neighbour_row(number).pulls.filter(Q(read__gt=0) | ~Q(fault="") | Q(ended_at=None))
    return [_pull(row) for row in rows.order_by("-pk")[:limit]]


def _pull(row: NeighbourPull) -> PullView:
    return PullView(
        row.begun_at, row.ended_at, row.read, row.drafted, row.changed, row.same, row.conflicts,
        row.gone, row.refused, tuple(row.refusals), row.fault,
    )  # fmt: skip


def neighbour_entries(
    number: int, *, state: str = "", offset: int = 0, limit: int = 50
) -> list[LinkView]:
    """Entries of a neighbour with ours; those that both sides changed first, then those gone."""
    rows = NeighbourEntry.objects.filter(neighbour=neighbour_row(number))
    if state:
        rows = rows.filter(state=state)
    rows = rows.order_by("state", "-heard_at", "pk")  # conflict, gone, linked
    return _links(rows.select_related("entry", "neighbour")[offset : offset + limit])


def neighbours_of_entry(number: str) -> list[LinkView]:
    """What neighbours have that corresponds to an entry of ours."""
    rows = NeighbourEntry.objects.filter(entry__number=number.replace("-", "/"))
    return _links(rows.select_related("entry", "neighbour").order_by("pk"))


def _links(rows: Sequence[NeighbourEntry] | Any) -> list[LinkView]:
    found, known = list(rows), codes()
    return [
        LinkView(
            row.pk, row.number, row.title, row.organ_title, row.version, row.state,
            row.get_state_display(), row.heard_at, row.entry.number,
            row.entry.number.replace("/", "-"), row.entry.title, row.entry.organ,
            row.entry.state, row.neighbour_id, row.neighbour.title, _changes(row, known),
        )
        for row in found
    ]  # fmt: skip


def _changes(row: NeighbourEntry, known: dict[str, dict[str, str]]) -> tuple[Any, ...]:
    if row.state != NeighbourEntry.State.CONFLICT:
        return ()
    kind, ours = metadata.LISTS["data"], row.entry.draft
    if ours is None:
        ours = row.entry.versions.latest("version").values
    return metadata.differences(kind, ours, row.values, codes=known)


def offered_entries(*, key: str, after: int = 0, limit: int = PAGE) -> OfferedPage:
    """Entries of the data list whose published state changed after turn ``after``, oldest first."""
    held = CatalogueNeighbour.objects.filter(key_digest=key_digest(key))
    row = held.filter(gives=True, stopped_at=None).first()
    if not key or row is None:
        raise NeighbourKeyUnknown("目录密钥无效。", hint="请向数据主管部门索取新的密钥。")
    rows = ListEntry.objects.filter(list="data", version__gt=0, turn__gt=after).order_by("turn")
    if row.gives_organ:
        rows = rows.filter(organ=row.gives_organ)
    limit = max(1, min(limit, PAGE))
    found = list(rows.defer("draft")[: limit + 1])
    page, has_more = found[:limit], len(found) > limit
    return OfferedPage(
        entries=_offered(row, page), next=page[-1].turn if page else after, has_more=has_more
    )


def _offered(row: CatalogueNeighbour, page: Sequence[ListEntry]) -> list[OfferedEntry]:
    titles = {one.id: one.title for one in identity.organs()}
    versions = {
        one.entry_id: one
        for one in ListEntryVersion.objects.filter(entry__in=page, active_until=None)
    }
    links = {one.entry_id: one for one in row.entries.filter(entry__in=page)}
    found = []
    for one in page:
        version, link = versions.get(one.pk), links.get(one.pk)
        said = {
            "number": one.number,
            "organ": one.organ,
            "organ_title": titles.get(one.organ, one.organ),
            "title": one.title,
            "version": one.version,
            "yours": link.number if link else "",
            "based": link.agreed if link else "",
        }
        if version is None:
            found.append(OfferedEntry(**said, state="withdrawn"))
        else:
            said["title"] = str(version.values.get("title", one.title))
            found.append(
                OfferedEntry(
                    **said,
                    state="published",
                    values=version.values,
                    digest=version.digest,
                    signed_by=version.signed_by,
                    published_at=version.active_from.isoformat(),
                )
            )
    return found
