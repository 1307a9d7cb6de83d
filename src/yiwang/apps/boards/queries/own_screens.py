"""Composed screens: what is published beside the packs' own, and the versions behind it."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from yiwang.apps.boards.models import OwnScreen, ScreenVersion
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Screen

PREFIX = "own-"
"""Of references to composed screens; those of packs have a dot."""


class ScreenUnknown(NotFound):
    """No such screen is published, or the officer's organ keeps none such."""

    code = "boards.screen_unknown"


@dataclass(frozen=True)
class VersionLine:
    """A version that was saved."""

    number: int
    title: str
    widgets: int
    saved_at: datetime
    saved_by: str


@dataclass(frozen=True)
class OwnScreenView:
    """A composed screen as its organ sees it: the newest version, and which one is published."""

    ref: str
    organ: str
    content: Screen
    number: int
    saved_at: datetime
    saved_by: str
    published: int | None
    published_at: datetime | None
    versions: tuple[VersionLine, ...]
    """Newest first."""


def screens(library: Library) -> dict[str, Screen]:
    """Every screen of the packs, then the composed ones that are published."""
    published = OwnScreen.objects.exclude(published=None).order_by("pk")
    own = {f"{PREFIX}{row.pk}": _published(row) for row in published}
    return library.screens() | own


def declared(ref: str, library: Library) -> Screen:
    """What a screen is made of: a pack's, or the published version of a composed one."""
    if not ref.startswith(PREFIX):
        return library.screen(ref)
    number = ref.removeprefix(PREFIX)
    found = OwnScreen.objects.filter(pk=int(number)) if _is_number(number) else None
    row = found.exclude(published=None).first() if found is not None else None
    if row is None:
        raise _unknown(ref)
    return _published(row)


def own_screens(*, officer: identity.Officer) -> list[OwnScreenView]:
    """The composed screens of the officer's organ."""
    identity.require(officer, "boards.compose")
    rows = OwnScreen.objects.filter(organ=officer.organ).order_by("-pk")
    return [_view(row) for row in rows.prefetch_related("versions")]


def own_screen(ref: str, *, officer: identity.Officer) -> OwnScreenView:
    """One of them."""
    identity.require(officer, "boards.compose")
    return _view(own_row(ref, organ=officer.organ))


def own_version(ref: str, number: int, *, officer: identity.Officer) -> Screen:
    """What an earlier version held."""
    identity.require(officer, "boards.compose")
    found = own_row(ref, organ=officer.organ).versions.filter(number=number).first()
    if found is None:
        raise _unknown(ref)
    return read_version(found)


def own_row(ref: str, *, organ: str, lock: bool = False) -> OwnScreen:
    """The row of a composed screen that ``organ`` keeps."""
    number = ref.removeprefix(PREFIX)
    rows = OwnScreen.objects.select_for_update() if lock else OwnScreen.objects.all()
    found = rows.filter(pk=int(number), organ=organ).first() if _is_number(number) else None
    if found is None:
        raise _unknown(ref)
    return found


def read_version(row: ScreenVersion) -> Screen:
    """The content of a version."""
    return msgspec.convert(row.content, Screen)


def title_of(row: ScreenVersion) -> str:
    """What a version calls itself."""
    return str(row.content["title"])


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


def _unknown(ref: str) -> ScreenUnknown:
    return ScreenUnknown(f"没有大屏“{ref}”，或它已经撤下。", hint="请从大屏列表进入。", screen=ref)


def _published(row: OwnScreen) -> Screen:
    return read_version(row.versions.get(number=row.published))


def _view(row: OwnScreen) -> OwnScreenView:
    versions = sorted(row.versions.all(), key=lambda one: -one.number)
    newest = versions[0]
    return OwnScreenView(
        ref=f"{PREFIX}{row.pk}",
        organ=row.organ,
        content=read_version(newest),
        number=newest.number,
        saved_at=newest.saved_at,
        saved_by=newest.saved_by,
        published=row.published,
        published_at=row.published_at,
        versions=tuple(
            VersionLine(
                one.number,
                title_of(one),
                len(one.content.get("widgets", ())),
                one.saved_at,
                one.saved_by,
            )
            for one in versions
        ),
    )
