"""The page of the map 业务—系统—数据—用途: a picture made here, with its table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.catalog import public as catalog
from yiwang.faces.steward.catalog import organ_titles
from yiwang.web.routes import route

WIDTH, HEIGHT, GAP, STEP, TOP = 216, 40, 12, 300, 40
LONGEST = 15
MOST = 40
TITLES = {
    "item": _("业务事项"),
    "system": _("信息系统"),
    "dataset": _("数据资源"),
    "use": _("用途"),
}


@dataclass(frozen=True)
class Box:
    """One thing at its place."""

    place: catalog.Place
    text: str
    x: int
    y: int
    is_gap: bool


@dataclass(frozen=True)
class Drawing:
    """Boxes and edges within width × height; ``cut`` things did not fit."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    edges: tuple[str, ...]
    cut: int


def draw(found: catalog.BusinessMap) -> Drawing:
    """Four columns from left to right, things without a link first: they are the gaps."""
    gaps = {one.ref for one in (*found.items_without_system, *found.systems_without_data)}
    boxes: dict[str, Box] = {}
    cut = 0
    for column, kind in enumerate(TITLES):
        own = [place for place in found.places if place.kind == kind]
        own.sort(key=lambda place: (place.ref in gaps, place.organ))
        cut += max(0, len(own) - MOST)
        for row, place in enumerate(own[:MOST]):
            text = place.title if len(place.title) <= LONGEST else place.title[: LONGEST - 1] + "…"
            y = TOP + row * (HEIGHT + GAP)
            boxes[place.ref] = Box(place, text, 8 + column * STEP, y, place.ref in gaps)
    edges = [_edge(boxes[a], boxes[b]) for a, b in found.links if a in boxes and b in boxes]
    rows = max((box.y for box in boxes.values()), default=TOP)
    return Drawing(
        3 * STEP + WIDTH + 16, rows + HEIGHT + 16, tuple(boxes.values()), tuple(edges), cut
    )


def _edge(a: Box, b: Box) -> str:
    x1, y1, x2, y2 = a.x + WIDTH, a.y + HEIGHT // 2, b.x, b.y + HEIGHT // 2
    middle = (x1 + x2) // 2
    return f"M{x1} {y1} C{middle} {y1} {middle} {y2} {x2} {y2}"


def business(request: HttpRequest) -> HttpResponse:
    """The map of one organ, one item, or all."""
    organ, item = request.GET.get("organ", ""), request.GET.get("item", "")
    found = catalog.business_map(organ=organ, item=item)
    every = catalog.business_map() if organ or item else found
    titles = organ_titles()
    items: Sequence[catalog.Place] = [one for one in every.places if one.kind == "item"]
    return render(
        request,
        "steward/business.html",
        {
            "map": found,
            "drawing": draw(found),
            "rows": found.rows()[:500],
            "titles": TITLES,
            "organ": organ,
            "item": item,
            "organs": sorted(titles.items(), key=lambda pair: pair[1]),
            "items": [(one.ref, one.title) for one in items],
            "organ_titles": titles,
        },
    )


routes = [
    route(
        "business/",
        business,
        right="catalog.see",
        name="business",
        menu=_("业务—系统—数据"),
        icon="map",
    ),
]
