"""Screens: for a desk, a wall and a phone; every number opens down to its rows."""

import hashlib

import msgspec
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.boards import public as boards
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.faces.oversight.incidents import officer_of
from yiwang.faces.oversight.screen_parts import Part, parts_of
from yiwang.kernel.clock import system_clock
from yiwang.web import names
from yiwang.web.routes import route
from yiwang.web.shell import place

AUDIENCES = {
    "leader": _("领导"),
    "dispatcher": _("指挥调度"),
    "steward": _("数据管理"),
    "public": _("公众"),
}


def screen_list(request: HttpRequest) -> HttpResponse:
    """The screens of the place's packs."""
    return render(
        request,
        "oversight/screens.html",
        {"screens": boards.screens(names.library()), "audiences": AUDIENCES},
    )


def screen_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One screen within the pages of oversight, for a desk and for a phone."""
    return _page(request, ref, "oversight/screen.html")


def wall_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One screen for a wall: dark, no menus, large figures, no scrolling."""
    return _page(request, ref, "oversight/wall.html")


def _page(request: HttpRequest, ref: str, template: str) -> HttpResponse:
    view = look(ref, officer_of(request))
    parts = parts_of(view, actor=officer_of(request))
    return render(
        request,
        template,
        {
            "screen": view,
            "parts": parts,
            "kinds": {one.kind for one in parts},
            "center": place().map_center,
            "now": system_clock(),
        },
    )


def look(ref: str, actor: identity.Officer) -> boards.ScreenView:
    """The screen as it is now."""
    library = names.library()
    glance = boards.Glance(lake=catalog.lake(), library=library, at=system_clock())
    return boards.drawn(ref, boards.declared(ref, library), glance=glance, actor=actor)


def live_once(request: HttpRequest, ref: str) -> HttpResponse:
    """The screen as one event, where no server holds streams open (``live.py`` does): then the
    browser asks again after a while, naming what it has seen.
    """
    event = encoded(parts_of(look(ref, officer_of(request)), actor=officer_of(request)))
    digest = hashlib.sha256(event).hexdigest()[:16]
    body = b"retry: 15000\n"
    if request.headers.get("Last-Event-ID") != digest:
        body += b"id: %s\nevent: parts\ndata: %s\n" % (digest.encode(), event)
    else:
        body += b"event: beat\ndata: {}\n"
    return HttpResponse(body + b"\n", content_type="text/event-stream")


def encoded(parts: list[Part]) -> bytes:
    """Parts as the data of an event: one line of JSON."""
    return _json.encode(parts)


_json = msgspec.json.Encoder(decimal_format="number")

routes = [
    route(
        "screens/", screen_list, right="boards.see", name="screens", menu=_("大屏"), icon="chart"
    ),
    route("screens/<str:ref>/", screen_page, right="boards.see", name="screen"),
    route("screens/<str:ref>/wall/", wall_page, right="boards.see", name="screen_wall"),
    route("screens/<str:ref>/live/", live_once, right="boards.see", name="screen_live"),
]
