"""The shapes of the place's divisions for maps, from the place's own ``map/*.geojson``."""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings

from yiwang.web.shell import place


@lru_cache
def areas() -> dict[str, Any]:
    """A FeatureCollection: ``code``, ``name``, and ``quiet`` on what lies outside the place.

    ``label`` says what the shapes may be used for; pages with a map print it.
    """
    folder = Path(settings.PACKS) / "places" / settings.PLACE / "map"
    features: list[dict[str, Any]] = []
    label = ""
    for path in sorted(folder.glob("*.geojson")):
        layer = msgspec.json.decode(path.read_bytes())
        label = layer.get("label", label)
        for feature in layer["features"]:
            is_outside = not feature["properties"]["code"].startswith(_prefix())
            features.append(feature | {"properties": feature["properties"] | {"quiet": is_outside}})
    return {"type": "FeatureCollection", "label": label, "features": features}


def over_the_place(shapes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Shapes of a page's own, drawn over the divisions of the place."""
    ground = [
        one | {"properties": one["properties"] | {"quiet": True}} for one in areas()["features"]
    ]
    return areas() | {"features": [*ground, *shapes]}


def _prefix() -> str:
    """The place's division code without trailing zeros, by whole levels (2, 4, 6, 9, 12 digits)."""
    code = place().division
    for length in (2, 4, 6, 9):
        if code[length:].strip("0") == "":
            return code[:length]
    return code
