"""Hand what the packs of a place declare to every app: an installation begins, or is renewed."""

import hashlib
from datetime import datetime
from pathlib import Path

import msgspec

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.credentials import public as credentials
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.apps.sensing import public as sensing
from yiwang.apps.services import public as services
from yiwang.apps.subjects import public as subjects
from yiwang.packkit import Library

NOTE = "installed"
"""The file of a home folder that says which packs were installed last."""


def install_all(library: Library, *, at: datetime) -> None:
    """Hand the library to every app; each takes it whole or not at all."""
    for app in (
        identity,
        casework,
        catalog,
        subjects,
        credentials,
        forms,
        services,
        sensing,
    ):
        app.install(library, at=at)


def renew(library: Library, *, home: Path, at: datetime) -> dict[str, int]:
    """Take over what the packs say now, and note it; returns the rows of every register."""
    install_all(library, at=at)
    written = catalog.write_registers(library, lake=catalog.lake(), at=at)
    (home / NOTE).write_text(_said_by(library), encoding="utf-8")
    return written


def is_renewed(library: Library, *, home: Path) -> bool:
    """Whether these very packs were installed in this folder."""
    note = home / NOTE
    return note.exists() and note.read_text(encoding="utf-8") == _said_by(library)


def _said_by(library: Library) -> str:
    """A digest of the packs in force, the place's choice among them, and its own entries."""
    packs = sorted((name, pack.digest) for name, pack in library.packs.items())
    said = msgspec.json.encode([packs, library.place, library.place_entries], order="sorted")
    return hashlib.sha256(said).hexdigest()
