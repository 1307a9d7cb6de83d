"""The home folder as a whole: it belongs to one place, and the disk it is on may be full."""

import errno
from pathlib import Path

from yiwang.kernel.errors import Conflict

NOTE = "place"
"""The file of a home folder that says whose it is."""
_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
_FULL_IN_WORDS = (
    "database or disk is full", "disk I/O error", "No space left", "File too large",
    "IO_ENOSPC", "IO_EFBIG", "IO_EDQUOT",
)  # fmt: skip
"""SQLite, the query engine and the writer of workbooks say it in words."""


class FolderOfAnotherPlace(Conflict):
    """The data folder was begun for another place."""

    code = "boot.folder_of_another_place"


def claim(home: Path, *, place: str) -> None:
    """Note that ``home`` belongs to ``place``, or refuse if it belongs to another."""
    note = home / NOTE
    if not note.exists():
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


def is_full(error: BaseException | None) -> bool:
    """Whether ``error``, or what it came from, is that nothing more could be written."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _FULL:
            return True
        if any(words in str(error) for words in _FULL_IN_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False
