"""Screens: boards of widgets for a wall, a desk or a phone."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yiwang.apps.boards import public as boards
from yiwang.apps.catalog import public as catalog
from yiwang.packkit.current import current_library
from yiwang.web.areas import areas
from yiwang.web.pieces import Point, Series
from yiwang.web.routes import route
from yiwang.web.shell import place


def screen_list(request: HttpRequest) -> HttpResponse:
    """The screens of the place's packs."""
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    return render(request, "oversight/screens.html", {"screens": boards.screens(library)})


def screen_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One screen, dark and full width."""
    now = timezone.now()
    view = boards.screen(
        ref,
        lake=catalog.lake(),
        library=current_library(settings.PACKS, settings.PLACE, settings.HOME),
        actor=request.actor,
        at=now,
    )
    return render(
        request,
        "oversight/screen.html",
        {
            "screen": view,
            "now": now,
            "center": place().map_center,
            "points": [[_point(spot) for spot in one.spots] for one in view.widgets],
            "areas": [_shapes(one.areas) for one in view.widgets],
            "series": [[Series(name=one.widget.title, values=one.values)] for one in view.widgets],
        },
    )


def _point(spot: boards.Spot) -> Point:
    return Point(
        lon=spot.lon,
        lat=spot.lat,
        title=spot.title,
        text=spot.text,
        tone="red" if spot.is_alarming else "green",
        link=f"/oversight/incidents/{spot.incident}/" if spot.incident else "",
    )


def _shapes(values: dict[str, float]) -> dict[str, object]:
    """The place's shapes, each with its value where a layer gives one."""
    shapes = areas()
    return shapes | {
        "features": [
            one
            | {"properties": one["properties"] | {"value": values.get(one["properties"]["code"])}}
            for one in shapes["features"]
        ]
    }


routes = [
    route(
        "screens/", screen_list, right="boards.see", name="screens", menu=_("大屏"), icon="chart"
    ),
    route("screens/<str:ref>/", screen_page, right="boards.see", name="screen"),
]
