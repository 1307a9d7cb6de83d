"""Who handles an item where: the organs that adopted it, what is local, and what differs.

An organ takes an item of the master list over for its own division. Only the promise (never
longer than the master's), the channels (of the master's), place, hours and telephone are its own;
every other element is read from the master, so it cannot differ. An adoption that was made to an
earlier version is shown with the elements that changed since, until the organ confirms.
"""

from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.identity import public as identity
from yiwang.apps.services.items import ItemView, differing, items
from yiwang.apps.services.models import ItemAdoption, ItemVersion

LOCAL = {
    "promised_limit": "承诺时限",
    "channels": "办理渠道",
    "address": "办理地点",
    "hours": "办理时间",
    "phone": "咨询电话",
}
"""What an adopting organ may say itself."""


@dataclass(frozen=True)
class Handling:
    """Who handles an item in a division, by when."""

    organ: str
    promised_limit: str


@dataclass(frozen=True)
class AdoptionView:
    """An adoption, and the standard elements that the master changed since."""

    id: int
    item: str
    organ: str
    organ_title: str
    version: int
    promised_limit: str
    channels: tuple[str, ...]
    address: str
    hours: str
    phone: str
    adopted_at: datetime
    stale: tuple[str, ...]
    """Elements changed since, by name; empty: the same as the master."""


@dataclass(frozen=True)
class Coverage:
    """An adoptable item: who adopted it, and which organs of the same kinds have not."""

    item: ItemView
    adoptions: tuple[AdoptionView, ...]
    gaps: tuple[str, ...]
    """Titles of the organs that have not."""


def implementing(found: ItemView, division: str) -> Handling:
    """Who handles an item for somebody of a division: the nearest organ that adopted it."""
    own = Handling(found.organ, found.content.promised_limit)
    if not found.content.adoptable or not division:
        return own
    near = [
        row
        for row in ItemAdoption.objects.filter(item=found.ref, ended_at=None)
        if identity.is_within(division, row.division)
    ]
    if not near:
        return own
    nearest = max(near, key=lambda row: len(row.division.rstrip("0")))
    return Handling(nearest.organ, nearest.promised_limit)


def adoptions_of(found: ItemView) -> list[AdoptionView]:
    """The adoptions in force of an item, for everybody: where it is handled."""
    rows = ItemAdoption.objects.filter(item=found.ref, ended_at=None).order_by("division")
    return [_view(row, found) for row in rows]


def coverage(*, officer: identity.Officer) -> list[Coverage]:
    """Every adoptable item with its adopters, and who of their kind has not adopted it."""
    identity.require(officer, "services.adopt")
    organs = identity.organs()
    found = []
    for one in items():
        if not one.content.adoptable:
            continue
        adopted = adoptions_of(one)
        by = {each.organ for each in adopted}
        kinds = {organ.kind for organ in organs if organ.id in by}
        gaps = tuple(o.title for o in organs if o.kind in kinds and o.id not in by)
        found.append(Coverage(one, tuple(adopted), gaps))
    return found


def _view(row: ItemAdoption, found: ItemView) -> AdoptionView:
    stale: tuple[str, ...] = ()
    if row.version != found.version:
        versions = ItemVersion.objects.filter(
            ref=found.ref, number__in=(row.version, found.version)
        )
        contents = {one.number: one.content for one in versions}
        stale = differing(contents.get(row.version, {}), contents.get(found.version, {}))
    return AdoptionView(
        id=row.pk,
        item=row.item,
        organ=row.organ,
        organ_title=identity.organ(row.organ).title,
        version=row.version,
        promised_limit=row.promised_limit,
        channels=tuple(row.channels),
        address=row.address,
        hours=row.hours,
        phone=row.phone,
        adopted_at=row.adopted_at,
        stale=stale,
    )
