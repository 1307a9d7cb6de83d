"""Which backups stay, and what the installation knows of its own last backup and drill."""

import json
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from yiwang.boot.backups.manifest import Manifest, names, read
from yiwang.boot.backups.restoring import Restored

NOTE = "backup.json"
"""In the data folder: when the last backup was taken and the last drill proved it."""


def note_backup(home: Path, folder: Path, taken: Manifest) -> None:
    """Remember that a backup was taken, for the status page and the doctor."""
    known = last_backup(home)
    known |= {
        "folder": str(folder),
        "backup": taken.id,
        "taken_at": taken.taken_at,
        "size": taken.size,
        "new_bytes": taken.new_bytes,
        "seconds": taken.seconds,
    }
    _write(home, known)


def note_drill(home: Path, done: Restored, *, at: datetime) -> None:
    """Remember what a drill proved."""
    known = last_backup(home)
    known |= {
        "drilled": done.backup.id,
        "drilled_at": at.isoformat(),
        "drill_holds": done.holds,
        "drill_seconds": done.seconds,
    }
    _write(home, known)


def last_backup(home: Path) -> dict[str, Any]:
    """What is known of backups; empty before the first."""
    with suppress(FileNotFoundError, json.JSONDecodeError):
        return dict(json.loads((home / NOTE).read_text(encoding="utf-8")))
    return {}


def thin_out(folder: Path, *, keep: int) -> int:
    """Remove all but the newest backups, and the pieces that no backup needs any more."""
    old = names(folder)[:-keep]
    if not old:
        return 0
    needed = {
        piece
        for name in names(folder)[-keep:]
        for one in read(folder, name).files
        for piece in one.pieces
    }
    for name in old:
        (folder / "backups" / f"{name}.json").unlink()
    for path in (folder / "objects").glob("??/*"):
        if path.name not in needed:
            path.unlink()
    return len(old)


def _write(home: Path, known: dict[str, Any]) -> None:
    fresh = home / f"{NOTE}.new"
    fresh.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(home / NOTE)
