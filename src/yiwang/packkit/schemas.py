"""The JSON Schema of every kind, so that editors complete packs and others can write them."""

from typing import Any

import msgspec

from yiwang.packkit.kinds.folders import FOLDERS, MANIFEST, PLACE
from yiwang.packkit.kinds.shared import Kind

DIALECT = "https://json-schema.org/draft/2020-12/schema"
SINGLE: dict[str, type[Kind]] = {"pack": MANIFEST, "place": PLACE}


def schemas() -> dict[str, dict[str, Any]]:
    """Kind (folder name, or ``pack`` and ``place``) to its JSON Schema."""
    kinds: dict[str, type[Kind]] = {**SINGLE, **FOLDERS}
    return {name: _schema(name, kind) for name, kind in kinds.items()}


def _schema(name: str, kind: type[Kind]) -> dict[str, Any]:
    schema = msgspec.json.schema(kind)
    return {"$schema": DIALECT, "title": name, **schema}
