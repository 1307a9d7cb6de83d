"""What credentials gives the lake: licences and their state, never what they say."""

from collections.abc import Iterator, Mapping
from typing import Any

from yiwang.apps.credentials.models import License, LicenseUse
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

LICENSE_USES: dict[str, Type] = {"kind": "text", "act": "text", "at": "instant"}


def published() -> dict[str, tuple[dict[str, Type], Iterator[Mapping[str, Any]]]]:
    """The tables ``platform.licenses`` and ``platform.license_uses``, row by row."""
    return {
        "platform.licenses": (LICENSES, _licenses()),
        "platform.license_uses": (LICENSE_USES, _uses()),
    }


def _uses() -> Iterator[Mapping[str, Any]]:
    rows = LicenseUse.objects.order_by("pk").values("license__kind__ref", "act", "at")
    for row in rows.iterator(5000):
        row["kind"] = row.pop("license__kind__ref")
        yield row


def _licenses() -> Iterator[Mapping[str, Any]]:
    names = [name for name in LICENSES if name != "kind"]
    for row in License.objects.order_by("pk").values(*names, "kind__ref").iterator(5000):
        row["kind"] = row.pop("kind__ref")
        yield row
