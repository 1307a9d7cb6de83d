"""What a screen's widgets say, drawn once for all who see alike: words as markup, drawings as data.

The page is made of these parts, and so is every live update: both say the same.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlencode

from django.template.loader import get_template
from django.urls import reverse

from yiwang.apps.boards import public as boards
from yiwang.apps.identity import public as identity


@dataclass(frozen=True)
class Part:
    """A widget ready for a page: its words, and what its chart or map is drawn from."""

    place: int
    kind: str
    title: str
    words: str
    drawing: Mapping[str, Any] | None


def parts_of(view: boards.ScreenView, *, actor: identity.Officer) -> list[Part]:
    """Every widget of a screen, in the screen's order."""
    words = get_template("oversight/part.html")
    reader = SimpleNamespace(actor=actor)
    return [
        Part(
            place=place,
            kind=one.widget.kind,
            title=one.widget.title,
            words=words.render(
                {"one": one, "shell": reader, "more": _rows(one, actor), "place": place}
            ),
            drawing=_drawing(one, actor),
        )
        for place, one in enumerate(view.widgets)
    ]


def _rows(one: boards.WidgetView, actor: identity.Officer) -> str:
    """Where the rows behind a number are, or its definition for who may not see rows."""
    if one.indicator is None:
        return ""
    if one.indicator.unknown or not identity.may(actor, "boards.drill"):
        return reverse("steward:indicator", args=[one.indicator.ref])
    return reverse("steward:indicator_rows", args=[one.indicator.ref, "numerator"])


def _drawing(one: boards.WidgetView, actor: identity.Officer) -> dict[str, Any] | None:
    if one.widget.kind == "chart":
        rows, by = _rows(one, actor), one.widget.by
        is_open = rows.endswith("/numerator/")
        return {
            "kind": one.widget.chart or "bar",
            "categories": one.categories,
            "series": [{"name": one.widget.title, "values": one.values}],
            "unit": "",
            "links": [
                f"{rows}?{urlencode({'by': by, 'is': code})}" if is_open else rows
                for code in one.codes
            ],
        }
    if one.widget.kind == "map":
        return {
            "areas": reverse("portal:map_areas"),
            "values": one.areas,
            "points": [_point(spot, actor) for spot in one.spots],
        }
    return None


def _point(spot: boards.Spot, actor: identity.Officer) -> dict[str, Any]:
    link = ""
    if spot.incident and identity.may(actor, "incident.see"):
        link = reverse("oversight:incident", args=[spot.incident])
    elif spot.device and identity.may(actor, "sensing.see"):
        link = reverse("oversight:device", args=[spot.device])
    tone = "red" if spot.is_alarming else "grey" if spot.is_silent else "green"
    return {
        "lon": spot.lon,
        "lat": spot.lat,
        "title": spot.title,
        "text": spot.text,
        "tone": tone,
        "link": link,
    }
