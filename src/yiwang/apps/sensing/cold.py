"""The day files of this home folder, behind the hot window."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from yiwang.lake import DayStore

HOT = timedelta(hours=26)
"""How long readings stay in the operational store: a day's curve is read from one place."""

_stores: dict[Path, DayStore] = {}
Readings = dict[int, list[tuple[int, float]]]
"""Point → its readings in order: instant and value."""


def day_store() -> DayStore:
    """The store of settled readings."""
    home = Path(settings.HOME) / "readings"
    if home not in _stores:
        _stores[home] = DayStore(home)
    return _stores[home]


def with_settled(hot: Readings, begins: Mapping[int, int], *, until: int) -> Readings:
    """What is hot, and before it what points have settled after an instant of their own.

    What is hot was read before: a row that settles meanwhile is in both and counted once.
    """
    if not begins:
        return hot
    found: dict[int, dict[int, float]] = {point: {} for point in begins}
    rows = day_store().rows(since=min(begins.values()), until=until, points=sorted(begins))
    for point, at, value, _ in rows:
        if at > begins[point]:
            found[point][at] = value
    return hot | {
        point: sorted((of | dict(hot.get(point, ()))).items()) for point, of in found.items()
    }
