"""The day files of this home folder, behind the hot window."""

from pathlib import Path

from django.conf import settings

from yiwang.lake import DayStore

_stores: dict[Path, DayStore] = {}


def day_store() -> DayStore:
    """The store of settled readings."""
    home = Path(settings.HOME) / "readings"
    if home not in _stores:
        _stores[home] = DayStore(home)
    return _stores[home]
