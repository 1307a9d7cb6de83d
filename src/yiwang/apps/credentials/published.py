"""What credentials gives the lake: licences and their state, never what they say."""

from collections.abc import Iterator, Mapping
from typing import Any

from yiwang.apps.credentials.models import License
from yiwang.packkit.kinds.shared import Type

LICENSES: dict[str, Type] = {
    "number": "text",
    "kind": "text",
    "holder": "text",
    "organ": "text",
    "state": "text",
    "issued_at": "instant",
    "valid_until": "date",
}


def published() -> dict[str, tuple[dict[str, Type], Iterator[Mapping[str, Any]]]]:
    """The table ``platform.licenses``, row by row."""
    return {"platform.licenses": (LICENSES, _licenses())}


def _licenses() -> Iterator[Mapping[str, Any]]:
    names = [name for name in LICENSES if name != "kind"]
    for row in License.objects.order_by("pk").values(*names, "kind__ref").iterator(5000):
        row["kind"] = row.pop("kind__ref")
        yield row
