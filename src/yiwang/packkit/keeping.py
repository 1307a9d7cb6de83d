"""The last good version of every pack and place, kept so that a broken one takes nothing down."""

import shutil
import tempfile
from pathlib import Path

from yiwang.packkit.reading import digest

CURRENT = "current"


def keep(folder: Path, kept: Path) -> None:
    """Copy a good folder to ``kept/<name>/<digest>/<name>`` and make it the last good one."""
    mark = digest(folder)
    home = kept / folder.name
    copy = home / mark
    home.mkdir(parents=True, exist_ok=True)
    if not copy.is_dir():
        with tempfile.TemporaryDirectory(dir=home, prefix=".new-") as fresh:
            shutil.copytree(folder, Path(fresh) / "copy" / folder.name)
            (Path(fresh) / "copy").replace(copy)
    pointer = home / CURRENT
    if not pointer.exists() or pointer.read_text() != mark:
        fresh_pointer = home / f".{CURRENT}.new"
        fresh_pointer.write_text(mark)
        fresh_pointer.replace(pointer)


def last_good(name: str, kept: Path) -> Path | None:
    """The last good copy of a folder, or None when there is none, or it was changed since."""
    pointer = kept / name / CURRENT
    if not pointer.exists():
        return None
    mark = pointer.read_text().strip()
    copy = kept / name / mark / name
    return copy if copy.is_dir() and digest(copy) == mark else None
