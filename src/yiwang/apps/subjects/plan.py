"""The file plan as values: purposes, events and entities of the packs, read once per version."""

from datetime import datetime
from functools import lru_cache

import msgspec

from yiwang.apps.subjects.models import FilePlan
from yiwang.packkit import Library
from yiwang.packkit.entities import VALUES, authorities
from yiwang.packkit.kinds.subjects import Event, Purpose, Subject


class PlannedItem(msgspec.Struct, frozen=True, kw_only=True):
    """One datum of an entity: its title, its authoritative feed, what becomes of conflicts."""

    title: str
    authority: str
    objects: bool
    element: str = ""
    grade: int = 3


class PlannedEntity(msgspec.Struct, frozen=True, kw_only=True):
    """An entity of the place, as files and reconciliation use it."""

    ref: str
    title: str
    subject: Subject
    identifier: str
    owner: str
    apart: str
    ends: str
    items: dict[str, PlannedItem]
    organs: dict[str, str]
    """Feed to the organ that provides it."""

    @property
    def values(self) -> str:
        """The table of every value with its source."""
        return self.ref + VALUES


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that files need to know of the packs."""

    purposes: dict[str, Purpose] = {}
    events: dict[str, Event] = {}
    entities: dict[str, PlannedEntity] = {}
    feeds: dict[str, str] = {}
    """Feed or table to its title."""


def install_plan(library: Library, *, at: datetime) -> None:
    """Remember the packs' plan of files, if it is another than the one in force."""
    content = msgspec.to_builtins(plan_of(library))
    newest = FilePlan.objects.order_by("-pk").first()
    if newest is None or newest.content != content:
        FilePlan.objects.create(content=content, installed_at=at)


def plan_of(library: Library) -> Plan:
    """What the packs of a place say about files."""
    titles = {ref: feed.title for ref, feed in library.feeds().items()}
    return Plan(
        purposes=library.purposes(),
        events={ref: one.event for ref, one in library.tables().items() if one.event},
        entities={ref: _entity(library, ref) for ref in library.entities()},
        feeds=titles | {ref: table.title for ref, table in library.tables().items()},
    )


def _entity(library: Library, ref: str) -> PlannedEntity:
    entity = library.entity(ref)
    first = authorities(library.feeds(), ref)
    return PlannedEntity(
        ref=ref,
        title=entity.title,
        subject=entity.subject,
        identifier=entity.identifier,
        owner=entity.owner,
        apart=entity.apart,
        ends=entity.ends,
        items={
            name: PlannedItem(
                title=item.title,
                authority=next(iter(first.get(name, ())), ""),
                objects=item.objects,
                element=item.element,
                grade=library.grade(ref, name),
            )
            for name, item in entity.items.items()
        },
        organs={name: feed.organ for name, feed in library.feeds().items()},
    )


def plan() -> Plan:
    """The plan in force; an empty one before packs were installed."""
    newest = FilePlan.objects.order_by("-pk").values_list("pk", flat=True).first()
    return _read(newest) if newest else Plan()


@lru_cache(maxsize=4)
def _read(pk: int) -> Plan:
    return msgspec.convert(FilePlan.objects.get(pk=pk).content, Plan)
