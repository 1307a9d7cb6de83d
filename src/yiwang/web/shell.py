"""What every page stands in: the face it belongs to, its navigation, the reader's preferences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import msgspec
from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from yiwang.packkit.kinds.pack import Place
from yiwang.web.routes import OFFICER, PUBLIC, SIGNED_IN, address, patterns_of

ELDER_COOKIE = "yiwang_elder"
THEME_COOKIE = "yiwang_theme"
ACCOUNT_ROUTES = {
    "sign_in": "portal:sign_in",
    "sign_out": "portal:sign_out",
    "account": "office:account",
}


@dataclass(frozen=True)
class Face:
    """One of the five faces: who it is for and how its navigation lies."""

    id: str
    title: str | Promise
    purpose: str | Promise
    icon: str
    menu_beside: bool
    """Working faces keep their menu beside the page, public ones above it."""


FACES = (
    Face("portal", _("一网通办"), _("个人和企业办事、查询与开放数据"), "people", False),
    Face("oversight", _("一网统管"), _("事件受理、分派、处置与运行监测"), "pulse", True),
    Face("office", _("一网协同"), _("待办、确认、基层填报与个人账户"), "desk", True),
    Face("steward", _("数据管理"), _("资源目录、数据质量、共享与授权"), "layers", True),
    Face("api", _("开放接口"), _("接口说明与调用示例"), "code", False),
)


@dataclass(frozen=True)
class FaceLink:
    """A face as this place calls it, with its first page."""

    face: Face
    title: str | Promise
    address: str
    is_current: bool


@dataclass(frozen=True)
class MenuEntry:
    """A page in the navigation of a face."""

    title: str | Promise
    address: str
    icon: str
    is_current: bool
    section: str | Promise = ""


@dataclass(frozen=True)
class MenuSection:
    """Entries of a navigation under one heading; the first ones have none."""

    title: str | Promise
    entries: tuple[MenuEntry, ...]
    is_open: bool
    """Unfolded: it holds the page that is read, or no section does."""


@dataclass(frozen=True)
class Shell:
    """What ``base.html`` needs beside the page's own values."""

    face: Face
    title: str | Promise
    """What the place calls the face."""
    home: str
    """The first page of the face."""
    faces: tuple[FaceLink, ...]
    menu: tuple[MenuEntry, ...]
    place: str
    brand: str
    account: dict[str, str]
    """Addresses of ``sign_in``, ``sign_out`` and ``account``; "" where no such page exists."""
    actor: object | None
    is_elder: bool
    theme: str
    language: str
    is_partial: bool
    """htmx asks for a piece of the page only."""

    @property
    def sections(self) -> tuple[MenuSection, ...]:
        """The navigation in its sections."""
        current = next((one.section for one in self.menu if one.is_current), "")
        titles = dict.fromkeys(one.section for one in self.menu)
        return tuple(
            MenuSection(
                title=title,
                entries=tuple(one for one in self.menu if one.section == title),
                is_open=current in ("", title),
            )
            for title in titles
        )


def shell(request: HttpRequest) -> dict[str, object]:
    """The template variables ``shell`` and ``messages`` of every page."""
    actor = getattr(request, "actor", None)
    face = face_of(request)
    links = tuple(_face_links(face))
    return {
        "shell": Shell(
            face=face,
            title=next((link.title for link in links if link.is_current), face.title),
            home=next((link.address for link in links if link.is_current), "/"),
            faces=links,
            menu=tuple(_menu(face, actor, request)),
            place=place().title,
            brand=place().brand,
            account={name: address(route) for name, route in ACCOUNT_ROUTES.items()},
            actor=actor,
            is_elder=request.COOKIES.get(ELDER_COOKIE) == "1",
            theme="dark" if request.COOKIES.get(THEME_COOKIE) == "dark" else "light",
            language=get_language() or settings.LANGUAGE_CODE,
            is_partial=request.headers.get("HX-Request") == "true",
        ),
        "messages": get_messages(request),
    }


def face_of(request: HttpRequest) -> Face:
    """The face whose namespace the page stands in; the portal for everything else."""
    match = request.resolver_match
    name = match.namespaces[0] if match and match.namespaces else "portal"
    return next((face for face in FACES if face.id == name), FACES[0])


@lru_cache
def place() -> Place:
    """The place as its ``place.yaml`` gives it; without one, a nameless place."""
    path = Path(settings.PACKS) / "places" / settings.PLACE / "place.yaml"
    if path.exists():
        return msgspec.yaml.decode(path.read_bytes(), type=Place)
    nameless = {"packs": (), "organs": {}, "division": "", "number_prefix": ""}
    return Place(title=str(settings.PLACE), brand="一网", **nameless)  # type: ignore[arg-type]


def is_open(right: str, actor: object | None) -> bool:
    """Whether a page with ``right`` belongs in this reader's navigation (the page checks again)."""
    if right == PUBLIC:
        return True
    if right == SIGNED_IN:
        return actor is not None
    if right == OFFICER:
        return hasattr(actor, "rights")
    return right in getattr(actor, "rights", ())


def _face_links(current: Face) -> Iterator[FaceLink]:
    for face in FACES:
        if home := address(f"{face.id}:home"):
            title = place().names.get(face.id, face.title)
            yield FaceLink(face, title, home, face == current)


def _current(face: Face, menu: Sequence[str], request: HttpRequest) -> str:
    """The page of the navigation that is read, or that the page read belongs to."""
    if under := getattr(getattr(request.resolver_match, "func", None), "under", ""):
        return address(f"{face.id}:{under}")
    home = address(f"{face.id}:home")
    around = (to for to in menu if request.path.startswith(to) and to != home)
    return max(around, key=len, default=home if request.path == home else "")


def _menu(face: Face, actor: object | None, request: HttpRequest) -> list[MenuEntry]:
    here = [
        (pattern, reverse(f"{face.id}:{pattern.name}"))
        for pattern in patterns_of(face.id)
        if getattr(pattern.callback, "menu", False)
        and is_open(str(getattr(pattern.callback, "right", "")), actor)
        and (getattr(actor, "subject", "") or not pattern.callback.for_applicants)
    ]
    current = _current(face, [to for _, to in here], request)
    return [
        MenuEntry(
            title=pattern.callback.menu,
            address=to,
            icon=pattern.callback.icon,
            is_current=to == current,
            section=getattr(pattern.callback, "section", ""),
        )
        for pattern, to in here
    ]
