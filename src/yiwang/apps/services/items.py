"""The items that people may ask for: one source for portal, phone, window, kiosk and interface."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from yiwang.apps.catalog import public as catalog
from yiwang.apps.services.finding import matching
from yiwang.apps.services.models import ItemVersion, ServiceGuide, ServiceItem
from yiwang.kernel.errors import NotFound
from yiwang.packkit.kinds.bundles import Guide
from yiwang.packkit.kinds.work import Item

FAMILIES = {
    "government": "政务服务",
    "public": "公共服务",
    "convenience": "便民服务",
    "intermediary": "中介服务",
}
"""The four kinds of the master list."""

STAGES = "base.life_stage"


class ItemUnknown(NotFound):
    """No item of this name is installed."""

    code = "services.item_unknown"


class GuideUnknown(NotFound):
    """No guide of this name is installed."""

    code = "services.guide_unknown"


@dataclass(frozen=True)
class ItemView:
    """A service item as it is published: the same on every channel."""

    ref: str
    title: str
    organ: str
    basis: str
    version: int
    published_at: datetime
    content: Item


@dataclass(frozen=True)
class VersionView:
    """A version of an item, and which elements it changed."""

    number: int
    digest: str
    installed_at: datetime
    changed: tuple[str, ...]


@dataclass(frozen=True)
class StageView:
    """人生或经营阶段: a stage of life, for finding one's way."""

    code: str
    title: str
    holder: str


@dataclass(frozen=True)
class GuideView:
    """A guide: questions, and what to do in each situation."""

    ref: str
    title: str
    content: Guide


def items(*, query: str = "", channel: str = "", stage: str = "") -> list[ItemView]:
    """The items that may be asked for, by title; of one channel or stage of life if named."""
    rows = ServiceItem.objects.filter(matching(query), is_active=True).order_by("title")
    found = [_view(row) for row in rows]
    return [
        one
        for one in found
        if (not channel or channel in one.content.channels)
        and (not stage or one.content.stage == stage)
    ]


def item(ref: str) -> ItemView:
    """One item."""
    row = ServiceItem.objects.filter(ref=ref, is_active=True).first()
    if row is None:
        raise ItemUnknown(f"没有事项 {ref}。", hint="请从事项列表进入。", item=ref)
    return _view(row)


def item_versions(ref: str) -> list[VersionView]:
    """The versions of an item, newest first, each with the elements that it changed."""
    rows = list(ItemVersion.objects.filter(ref=ref).order_by("number"))
    before: Mapping[str, Any] = {}
    found = []
    for row in rows:
        changed = differing(before, row.content) if before else ()
        found.append(VersionView(row.number, row.digest, row.installed_at, changed))
        before = row.content
    return found[::-1]


def differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    """The elements in which two versions of an item differ."""
    return tuple(sorted(name for name in {*one, *other} if one.get(name) != other.get(name)))


def stages(holder: str = "") -> list[StageView]:
    """The stages of life, of persons or firms."""
    try:
        rows = catalog.entries(STAGES)
    except catalog.RegisterUnknown:
        return []
    found = [StageView(str(r["code"]), str(r["title"]), str(r["holder"])) for r in rows]
    return [one for one in found if not holder or one.holder == holder]


def guides(*, query: str = "") -> list[GuideView]:
    """The guides, by title."""
    rows = ServiceGuide.objects.filter(matching(query), is_active=True).order_by("title")
    return [_guide(row) for row in rows]


def guide(ref: str) -> GuideView:
    """One guide."""
    row = ServiceGuide.objects.filter(ref=ref, is_active=True).first()
    if row is None:
        raise GuideUnknown(f"没有导办 {ref}。", hint="请从办事页面进入。", guide=ref)
    return _guide(row)


def _guide(row: ServiceGuide) -> GuideView:
    return GuideView(row.ref, row.title, msgspec.convert(row.content, Guide))


def _view(row: ServiceItem) -> ItemView:
    return ItemView(
        row.ref,
        row.title,
        row.organ,
        row.basis,
        row.version,
        row.installed_at,
        msgspec.convert(row.content, Item),
    )
