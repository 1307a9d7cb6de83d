"""The library in force: read once per process, since packs change by an act, not by a clock."""

from pathlib import Path

from yiwang.packkit.library import Library

_read: dict[tuple[Path, str], Library] = {}


def current_library(packs: Path, place: str, home: Path) -> Library:
    """The packs of ``place`` under ``packs``, as they stood when this process first asked.

    Under ``home`` their last good versions are kept: what breaks later stays in force as it was.
    """
    if (packs, place) not in _read:
        _read[packs, place] = Library.read(packs, place, kept=home / "packs")
    return _read[packs, place]
