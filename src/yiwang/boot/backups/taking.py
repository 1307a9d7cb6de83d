"""Take a backup of a running installation, in the order in which nothing can be missing.

The operational store first: whatever it refers to (files of evidence, snapshots of the lake,
sealed acts) was written before it and is copied after it. The journal may know a little more than
the store, never less. What can be made again (serving copies, indexes) is left out.
"""

import os
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from yiwang.apps.journal import public as journal
from yiwang.boot.backups import databases
from yiwang.boot.backups.databases import STORE
from yiwang.boot.backups.manifest import FORM, KeptFile, Manifest, Proof, names, read, write
from yiwang.boot.backups.objects import Objects
from yiwang.boot.database import kind_of
from yiwang.kernel.clock import CHINA
from yiwang.kernel.errors import Invalid, NotFound
from yiwang.lake import Lake
from yiwang.lake.workspace import locked

CATALOG = "lake/catalog.sqlite"
_MADE_AGAIN = ("lake/serving/", "lake/staging/", "lake/held/scratch", "journal/index.sqlite")
_OF_THIS_MACHINE = (".lock", ".queue", "-wal", "-shm", ".new", "journal/state", ".gate")
_ORDER = ("evidence/", "lake/", "journal/")
"""Later ones may hold more than earlier ones refer to."""


class BackupInside(Invalid):
    """A backup within what it keeps would be lost with it, and hold itself the next time."""

    code = "boot.backup_inside"


class NothingToKeep(NotFound):
    """The folder is no data folder, or its store is elsewhere."""

    code = "boot.nothing_to_keep"


@dataclass
class _Taking:
    home: Path
    objects: Objects
    before: dict[str, KeptFile]
    work: Path
    files: list[KeptFile] = field(default_factory=list)
    links: dict[str, str] = field(default_factory=dict)

    def keep(self, path: str, source: Path, *, is_known: bool = True) -> None:
        """Keep one file; unchanged since the last backup, it is not even read."""
        status = source.stat()
        old = self.before.get(path) if is_known else None
        if old and (old.size, old.seen) == (status.st_size, status.st_mtime_ns):
            pieces, size = old.pieces, old.size
        else:
            pieces, size = self.objects.keep(source)
        self.files.append(KeptFile(path, size, status.st_mode & 0o777, status.st_mtime_ns, pieces))


def take_backup(
    home: Path, *, to: Path, store: Mapping[str, Any], place: str, at: datetime
) -> Manifest:
    """备份: keep everything of ``home`` in ``to``; returns the manifest, written last of all."""
    began = time.monotonic()
    _demand_possible(home, to, store)
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    journal.public_key()  # makes the keys of a log that nobody has signed yet
    known = names(to)
    before = {one.path: one for one in read(to).files} if known else {}
    objects = Objects(to / "objects")
    with TemporaryDirectory(dir=to, prefix=".work-") as work:
        taking = _Taking(home, objects, before, Path(work))
        kind, tables = _keep_store(taking, store)
        for path in _plain_files(home):
            _keep_plain(taking, path)
        lake = _keep_catalog(taking)
        size, root = _keep_journal(taking, at)
    os.sync()  # once for all pieces; the manifest comes only after them
    manifest = Manifest(
        id=at.astimezone(CHINA).strftime("%Y%m%d-%H%M%S"),
        form=FORM,
        place=place,
        version=version("yiwang"),
        taken_at=at.isoformat(),
        seconds=round(time.monotonic() - began, 1),
        store=kind,
        files=taking.files,
        links=taking.links,
        proof=Proof(tables, tables.get("django_migrations", 0), size, root, lake),
        new_bytes=objects.written,
    )
    write(to, manifest)
    return manifest


def _demand_possible(home: Path, to: Path, store: Mapping[str, Any]) -> None:
    if to.resolve().is_relative_to(home.resolve()):
        raise BackupInside(
            f"备份目录 {to} 在数据目录里面，没有备份。",
            hint="换一个数据目录之外的备份目录，最好在另一块盘上。",
        )
    if kind_of(store) == "sqlite" and not Path(store["NAME"]).exists():
        raise NothingToKeep(
            f"数据目录 {home} 里没有业务库，没有备份。",
            hint="核对 --data；业务库在 PostgreSQL 的，先载入 /etc/yiwang/environment 里的设置。",
        )


def _keep_store(taking: _Taking, store: Mapping[str, Any]) -> tuple[str, dict[str, int]]:
    if kind_of(store) == "postgres":
        dump = taking.work / databases.DUMP
        counts = databases.dump_postgres(store, dump)
        for path in sorted(dump.iterdir()):
            taking.keep(f"{databases.DUMP}/{path.name}", path, is_known=False)
        shutil.rmtree(dump)
        return "postgres", counts
    copy = taking.work / STORE
    databases.copy_sqlite(Path(store["NAME"]), copy)
    counts = databases.counts_of_sqlite(copy)
    taking.keep(STORE, copy, is_known=False)
    copy.unlink()
    return "sqlite", counts


def _plain_files(home: Path) -> Iterator[str]:
    """Every file that is kept as it lies, evidence first, the lake's before its catalogue."""
    found = []
    for folder, folders, files in os.walk(home):
        relative = Path(folder).relative_to(home)
        folders[:] = [one for one in folders if not _is_left_out(f"{relative / one}/")]
        found += [str(relative / name) for name in files]
    kept = (path for path in found if not _is_left_out(path))
    return iter(sorted(kept, key=lambda path: (_turn(path), path)))


def _turn(path: str) -> int:
    return next((n for n, start in enumerate(_ORDER) if path.startswith(start)), -1)


def _is_left_out(path: str) -> bool:
    return (
        path.startswith((*_MADE_AGAIN, "journal/"))
        or path in (STORE, CATALOG)
        or path.removesuffix("/").endswith(_OF_THIS_MACHINE)
    )


def _keep_plain(taking: _Taking, path: str) -> None:
    source = taking.home / path
    if source.is_symlink():
        taking.links[path] = str(source.readlink())
        return
    try:
        taking.keep(path, source)
    except FileNotFoundError:  # swept away between the listing and now: nothing refers to it
        return


def _keep_catalog(taking: _Taking) -> dict[str, int]:
    """The lake's catalogue, then whatever it refers to that came since the listing."""
    source = taking.home / CATALOG
    if not source.exists():
        return {}
    lake = Lake(taking.home / "lake")
    try:
        copy = taking.work / "catalog.sqlite"
        with locked(taking.home / "lake" / ".commit.lock"):  # short: nobody commits meanwhile
            databases.copy_sqlite(source, copy)
            counts = {name: lake.count(name) for name in lake.tables()}
    finally:
        lake.close()
    taking.keep(CATALOG, copy, is_known=False)
    kept = {one.path for one in taking.files}
    for path in _plain_files(taking.home):
        if path.startswith("lake/") and path not in kept:
            _keep_plain(taking, path)
    return counts


def _keep_journal(taking: _Taking, at: datetime) -> tuple[int, str]:
    """The log up to a checkpoint signed now, exported as for an auditor."""
    export = taking.work / "journal"
    checkpoint = journal.export(export, at=at)
    for path in sorted(one for one in export.rglob("*") if one.is_file()):
        name = f"journal/{path.relative_to(export)}"
        if path.name != "log.pub":
            taking.keep(name, path, is_known=False)
    return checkpoint.size, checkpoint.root.hex()
