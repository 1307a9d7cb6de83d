"""The last good version of every pack, kept so that a broken one takes nothing down."""

import shutil
import tempfile
from pathlib import Path

from yiwang.packkit.findings import PackRefused
from yiwang.packkit.reading import Pack, read_pack

CURRENT = "current"


def keep(pack: Pack, kept: Path) -> Path:
    """Copy a good pack to ``kept/<id>/<digest>`` and make it the last good one."""
    home = kept / pack.id
    copy = home / pack.digest / pack.id
    home.mkdir(parents=True, exist_ok=True)
    if not copy.is_dir():
        with tempfile.TemporaryDirectory(dir=home, prefix=".new-") as fresh:
            shutil.copytree(pack.folder, Path(fresh) / "copy" / pack.id)
            (Path(fresh) / "copy").replace(copy.parent)
    pointer = home / CURRENT
    if not pointer.exists() or pointer.read_text() != pack.digest:
        fresh_pointer = home / f".{CURRENT}.new"
        fresh_pointer.write_text(pack.digest)
        fresh_pointer.replace(pointer)
    return copy


def last_good(name: str, kept: Path) -> Pack | None:
    """The last good copy of a pack, or None when there is none that reads."""
    pointer = kept / name / CURRENT
    if not pointer.exists():
        return None
    try:
        pack = read_pack(kept / name / pointer.read_text().strip() / name)
    except PackRefused:
        return None
    return pack if pack.digest == pointer.read_text().strip() else None
