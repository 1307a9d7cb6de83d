"""The library in force: read once per process, since packs change by an act, not by a clock."""

from pathlib import Path

from yiwang.packkit.gazetteer import Gazetteer, gazetteer_of
from yiwang.packkit.library import Library

_read: dict[tuple[Path, str], Library] = {}
_gazetteers: dict[tuple[Path, str], tuple[Library, Gazetteer]] = {}


def current_library(packs: Path, place: str, home: Path) -> Library:
    """The packs of ``place`` under ``packs``, as they stood when this process first asked.

    Under ``home`` their last good versions are kept: what breaks later stays in force as it was.
    """
    if (packs, place) not in _read:
        _read[packs, place] = Library.read(packs, place, kept=home / "packs")
    return _read[packs, place]


def current_gazetteer(packs: Path, place: str, home: Path) -> Gazetteer:
    """The addresses that the registers of the library in force know; read once for a library."""
    library, known = current_library(packs, place, home), _gazetteers.get((packs, place))
    if known is None or known[0] is not library:
        known = _gazetteers[packs, place] = library, gazetteer_of(library)
    return known[1]
