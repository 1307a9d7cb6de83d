"""What a backup holds and what must come out of it: written last, with its own digest."""

import hashlib
from pathlib import Path

import msgspec

from yiwang.boot.backups.objects import PIECE, BackupDamaged, Objects
from yiwang.kernel.errors import NotFound

FORM = 2
"""The form of backups that this version writes; 1 held the dump of PostgreSQL in one file."""


class BackupUnknown(NotFound):
    """The folder holds no finished backup, or not the one asked for."""

    code = "boot.backup_unknown"


class KeptFile(msgspec.Struct, frozen=True):
    """A file of the data folder. ``seen`` is its time of change, by which a later backup knows it
    unchanged without reading it."""

    path: str
    size: int
    mode: int
    seen: int
    pieces: list[str]


class Proof(msgspec.Struct, frozen=True):
    """What must come out when the backup is restored."""

    tables: dict[str, int]
    """Rows of every table of the operational store."""
    migrations: int
    journal_size: int
    journal_root: str
    lake: dict[str, int]
    """Rows of every table of the lake in its latest snapshot."""


class Manifest(msgspec.Struct, frozen=True):
    """One backup. ``store`` is ``sqlite`` or ``postgres``: where rows are remembered."""

    id: str
    form: int
    place: str
    version: str
    taken_at: str
    seconds: float
    store: str
    files: list[KeptFile]
    links: dict[str, str]
    proof: Proof
    new_bytes: int = 0

    @property
    def size(self) -> int:
        """Bytes of everything in it."""
        return sum(one.size for one in self.files)


def write(folder: Path, manifest: Manifest) -> Path:
    """Put a manifest in force: its own digest stands on the first line."""
    content = msgspec.json.encode(manifest)
    kept = folder / "backups"
    kept.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = kept / f"{manifest.id}.json"
    fresh = path.with_suffix(".new")
    fresh.write_bytes(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
    fresh.chmod(0o600)
    fresh.replace(path)
    return path


def names(folder: Path) -> list[str]:
    """The finished backups of a folder, oldest first."""
    return sorted(path.stem for path in (folder / "backups").glob("*.json"))


def read(folder: Path, name: str = "") -> Manifest:
    """A backup by its name, the newest without one."""
    known = names(folder)
    if not known or (name and name not in known):
        raise BackupUnknown(
            f"{folder} 里没有{f'名为 {name} 的' if name else '完成的'}备份。",
            hint=f"现有：{'、'.join(known[-10:])}。" if known else "先运行 yiwang backup。",
            folder=str(folder),
        )
    path = folder / "backups" / f"{name or known[-1]}.json"
    digest, _, content = path.read_bytes().partition(b"\n")
    if hashlib.sha256(content).hexdigest().encode() != digest:
        raise BackupDamaged(
            f"备份 {path.stem} 的清单不完整（文件被截断或改动），没有恢复。",
            hint="改用另一份备份，或从异地副本补回这份清单。",
            file=path.name,
        )
    return msgspec.json.decode(content, type=Manifest)


def demand_whole(manifest: Manifest, objects: Objects) -> None:
    """Every piece is there in its full size, or ``BackupDamaged`` naming what is missing."""
    missing = [
        one.path
        for one in manifest.files
        for number, digest in enumerate(one.pieces)
        if not objects.holds(digest, min(PIECE, one.size - number * PIECE))
    ]
    if missing:
        names_ = sorted(set(missing))
        shown = "、".join(names_[:5]) + (f" 等 {len(names_)} 个文件" if len(names_) > 5 else "")
        raise BackupDamaged(
            f"备份 {manifest.id} 不完整，缺 {len(missing)} 块内容，涉及：{shown}；"
            "没有恢复任何内容。",
            hint="从异地副本补回 objects 目录里缺的文件，或改用另一份备份（--backup）。",
            missing=names_[:50],
        )
