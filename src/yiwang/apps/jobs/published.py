"""What jobs give the lake: the availability that was measured, day by day."""

from collections.abc import Iterator, Mapping
from typing import Any

from yiwang.apps.jobs.models import Probe
from yiwang.apps.jobs.probing import KEPT, availability
from yiwang.packkit.kinds.shared import Type

AVAILABILITY: dict[str, Type] = {"day": "date", "minutes": "integer", "up": "integer"}


def published() -> dict[str, tuple[dict[str, Type], Iterator[Mapping[str, Any]]]]:
    """The table ``platform.availability``: minutes of each day up to the last measurement."""
    return {"platform.availability": (AVAILABILITY, _days())}


def _days() -> Iterator[Mapping[str, Any]]:
    last = Probe.objects.order_by("-minute").first()
    if last is None:
        return
    for day in availability(at=last.minute, days=KEPT.days).days:
        yield {"day": day.on, "minutes": day.minutes, "up": min(day.up, day.minutes)}
