"""The library in force: read once per process, since packs change by an act, not by a clock."""

from functools import lru_cache
from pathlib import Path

from yiwang.packkit.library import Library


@lru_cache(maxsize=4)
def current_library(packs: Path, place: str) -> Library:
    """The packs of ``place`` under ``packs``, as they stood when this process first asked."""
    return Library.read(packs, place)
