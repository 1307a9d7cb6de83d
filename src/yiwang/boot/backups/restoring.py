"""Restore a backup into an empty folder, and prove that what must come out does come out."""

import shutil
import time
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from yiwang.apps.journal.verify import settle_copy, verify_export
from yiwang.boot.backups import databases
from yiwang.boot.backups.databases import STORE
from yiwang.boot.backups.manifest import FORM, Manifest, demand_whole, read
from yiwang.boot.backups.objects import Objects
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.lake import Lake


class FolderNotEmpty(Conflict):
    """A restore never writes over anything."""

    code = "boot.folder_not_empty"


class BackupOfLaterVersion(Invalid):
    """The backup was written in a form that this version does not know."""

    code = "boot.backup_of_later_version"


@dataclass(frozen=True)
class Equal:
    """Two figures that must be equal: at the backup, and after the restore."""

    what: str
    before: int | str
    after: int | str

    @property
    def holds(self) -> bool:
        """Whether they are."""
        return self.before == self.after


@dataclass
class Restored:
    """What a restore did and proved."""

    backup: Manifest
    files: int = 0
    seconds: float = 0.0
    proofs: list[Equal] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether every proof holds."""
        return all(one.holds for one in self.proofs)


def restore(source: Path, *, to: Path, store: Mapping[str, Any] | None, name: str = "") -> Restored:
    """恢复: write a backup's files into ``to`` and its rows into ``store``, and prove both.

    ``store`` are the settings of an empty PostgreSQL database, needed for a backup taken of one.
    Nothing is written before every piece was found.
    """
    began = time.monotonic()
    manifest = read(source, name)
    objects = Objects(source / "objects")
    _demand_possible(manifest, to, store)
    demand_whole(manifest, objects)
    to.mkdir(parents=True, exist_ok=True, mode=0o700)
    for one in manifest.files:
        path = _inside(to, one.path)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("wb") as file:
            for content in objects.content(one.pieces, name=one.path):
                file.write(content)
        path.chmod(one.mode)
    for link, target in manifest.links.items():
        _inside(to, link).symlink_to(target)
    done = Restored(manifest, files=len(manifest.files))
    done.proofs = [
        *_rows(manifest, to, store),
        *_lake(manifest, to),
        *proofs_of_journal(manifest, to),
    ]
    done.seconds = round(time.monotonic() - began, 1)
    return done


def drill(source: Path, *, work: Path, store: Mapping[str, Any] | None, name: str = "") -> Restored:
    """恢复演练: restore beside the running installation, prove, and clear away."""
    is_postgres = store is not None and "postgresql" in store["ENGINE"]
    manifest = read(source, name)
    if manifest.store == "postgres" and not is_postgres:
        _demand_possible(manifest, work / "drill", None)
    spare = (
        databases.spare_database(store, f"yiwang_drill_{manifest.id.replace('-', '_')}")
        if store is not None and manifest.store == "postgres"
        else nullcontext(None)
    )
    target = work / f"drill-{manifest.id}"
    try:
        with spare as database:
            return restore(source, to=target, store=database, name=manifest.id)
    finally:
        shutil.rmtree(target, ignore_errors=True)


def _demand_possible(manifest: Manifest, to: Path, store: Mapping[str, Any] | None) -> None:
    if manifest.form > FORM:
        raise BackupOfLaterVersion(
            f"备份 {manifest.id} 由更高版本（{manifest.version}）写成，本版本读不了。",
            hint=f"安装 {manifest.version} 或更高版本后再恢复。",
        )
    if to.exists() and any(to.iterdir()):
        raise FolderNotEmpty(
            f"目录 {to} 不是空的，没有恢复任何内容。", hint="指定一个空目录，恢复不会覆盖已有数据。"
        )
    if manifest.store == "postgres" and store is None:
        raise Invalid(
            f"备份 {manifest.id} 的业务库在 PostgreSQL，没有说恢复到哪个库。",
            hint="用 --database postgres://用户@主机/空库名 指定一个空库。",
        )
    if manifest.store == "postgres" and store is not None:
        databases.demand_empty(store)


def _inside(to: Path, path: str) -> Path:
    found = (to / path).resolve()
    if not found.is_relative_to(to.resolve()):
        raise Invalid(f"备份清单里的路径“{path}”指向目录之外，没有恢复。", hint="换一份备份。")
    return to / path


def _rows(manifest: Manifest, to: Path, store: Mapping[str, Any] | None) -> list[Equal]:
    if manifest.store == "postgres":
        assert store is not None
        dump = to / databases.DUMP
        found = databases.restore_postgres(store, dump)
        if dump.is_dir():
            shutil.rmtree(dump)
        else:  # the one file of form 1
            dump.unlink()
        proofs = []
    else:
        found = databases.counts_of_sqlite(to / STORE)
        proofs = [Equal("数据库自检", "ok", databases.soundness_of_sqlite(to / STORE))]
    wanted = manifest.proof.tables
    differing = [
        Equal(f"表 {name} 的行数", wanted.get(name, "没有"), found.get(name, "没有"))
        for name in sorted(wanted.keys() | found.keys())
        if wanted.get(name) != found.get(name)
    ]
    whole = Equal(f"业务库 {len(wanted)} 张表的总行数", sum(wanted.values()), sum(found.values()))
    return [*proofs, whole, *differing]


def _lake(manifest: Manifest, to: Path) -> list[Equal]:
    """The rows of each table of the lake are counted from its files, not from its catalogue."""
    wanted = manifest.proof.lake
    if not wanted:
        return []
    lake = Lake(to / "lake")
    found = {}
    try:
        for name in wanted:
            pack, _, table = name.partition(".")
            sql = f'SELECT count(*) AS n FROM "{pack}"."{table}"'  # noqa: S608 - names of its own tables
            found[name] = int(lake.rows(sql)[0]["n"])
    finally:
        lake.close()
    differing = [
        Equal(f"数据湖 {name} 的行数", wanted[name], found[name])
        for name in wanted
        if wanted[name] != found[name]
    ]
    whole = Equal(f"数据湖 {len(wanted)} 张表的总行数", sum(wanted.values()), sum(found.values()))
    return [whole, *differing]


def proofs_of_journal(manifest: Manifest, to: Path) -> list[Equal]:
    """The log of a restored folder has the entries and the root it had, signed by its own key."""
    folder = to / "journal"
    key = (to / "keys" / "journal.pub").read_text(encoding="utf-8").strip()
    size, root = settle_copy(folder)
    verdict = verify_export(folder, key)
    wanted = manifest.proof
    return [
        Equal("留痕条数", wanted.journal_size, size),
        Equal("留痕的默克尔根", wanted.journal_root, root),
        Equal("留痕核验", "0 处不符", f"{len(verdict.damages)} 处不符"),
    ]
