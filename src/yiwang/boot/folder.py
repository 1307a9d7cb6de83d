"""The home folder as a whole: one place's, with one store, on a disk that may be full."""

import errno
import os
from pathlib import Path

from yiwang.kernel.errors import Conflict, NotFound

NOTE = "place"
"""The file of a home folder that says whose it is."""
STORE_NOTE = "store"
"""The file that says where its rows are remembered, from the day the store was made."""
_STORES = {"sqlite": "SQLite 文件", "postgres": "PostgreSQL"}
_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
_FULL_IN_WORDS = (
    "database or disk is full", "disk I/O error", "No space left", "File too large",
    "IO_ENOSPC", "IO_EFBIG", "IO_EDQUOT",
)  # fmt: skip
"""SQLite, the query engine and the writer of workbooks say it in words."""


class FolderOfAnotherPlace(Conflict):
    """The data folder was begun for another place."""

    code = "boot.folder_of_another_place"


class PlaceUnknown(NotFound):
    """No folder under ``packs/places`` has this name."""

    code = "boot.place_unknown"


def packs_folder() -> Path:
    """Where the packs lie: those of the repository, unless YIWANG_PACKS says otherwise."""
    return Path(os.environ.get("YIWANG_PACKS", Path(__file__).parents[3] / "packs")).absolute()


def claim(home: Path, *, place: str) -> None:
    """Note that ``home`` belongs to ``place``, or refuse if it belongs to another."""
    note = home / NOTE
    if not note.exists():
        _demand_known(place)
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = note.with_suffix(".new")
        fresh.write_text(place, encoding="utf-8")
        fresh.replace(note)
    owner = note.read_text(encoding="utf-8").strip()
    if owner != place:
        raise FolderOfAnotherPlace(
            f"数据目录 {home} 属于 {owner}，不能用于 {place}。",
            hint=f"用 --data 另指定一个目录，或以 --place {owner} 运行。",
            owner=owner,
            place=place,
        )


def _demand_known(place: str) -> None:
    """A name mistyped once would be the folder's for good."""
    known = sorted(one.parent.name for one in packs_folder().glob("places/*/place.yaml"))
    if place not in known:
        raise PlaceUnknown(
            f"没有叫“{place}”的地方。", hint=f"用 --place 指定其一：{'、'.join(known)}。"
        )


class StoreElsewhere(Conflict):
    """The data folder's rows are remembered in a store of another kind."""

    code = "boot.store_elsewhere"


def demand_store(home: Path, *, kind: str) -> None:
    """Refuse ``kind`` (sqlite, postgres) where the folder's rows are known to lie in the other."""
    known = known_store(home)
    if known in (kind, ""):
        return
    raise StoreElsewhere(
        f"数据目录 {home} 的业务库是 {_STORES[known]}，这次运行用的却是 {_STORES[kind]}。",
        hint="设好 YIWANG_DATABASE 再运行；正式环境先载入设置：set -a; . /etc/yiwang/environment"
        if known == "postgres"
        else "去掉环境变量 YIWANG_DATABASE 再运行；要用 PostgreSQL，换一个空目录重新安装。",
        known=known,
        kind=kind,
    )


def known_store(home: Path) -> str:
    """The kind of the store that was made for this folder; empty before."""
    note = home / STORE_NOTE
    return note.read_text(encoding="utf-8").strip() if note.exists() else ""


def note_store(home: Path, *, kind: str) -> None:
    """Remember that the folder has a store, and of which kind."""
    if known_store(home) != kind:
        (home / STORE_NOTE).write_text(kind, encoding="utf-8")


def is_full(error: BaseException | None) -> bool:
    """Whether ``error``, or what it came from, is that nothing more could be written."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if any(words in str(error) for words in _FULL_IN_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False
