"""Working folders of runs: what a killed run leaves behind is found and removed.

A run writes into a folder of its own and holds its lock. Before a finished file is moved to its
place, the move is written down; whoever opens the lake next takes the locks of the dead and undoes
moves that no snapshot has claimed.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from yiwang.kernel.ids import new_id


@dataclass(frozen=True)
class Workspace:
    """The folder of one running run."""

    folder: Path

    def claim(self, *, table: str, targets: list[Path]) -> None:
        """Write down which files are about to be moved into place for ``table``."""
        text = json.dumps({"table": table, "targets": [str(target) for target in targets]})
        (self.folder / "claim.json").write_text(text)


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Hold the exclusive lock of ``file`` across processes."""
    with file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@contextmanager
def workspace(root: Path, *, undo: Callable[[Path], None]) -> Iterator[Workspace]:
    """A fresh working folder; ``undo`` gets it when the run fails after having made a claim."""
    folder = root / new_id()
    with locked(root / ".gate"):
        folder.mkdir()
        lock = (folder / ".lock").open("w")
        fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        yield Workspace(folder)
    finally:
        undo(folder)
        shutil.rmtree(folder, ignore_errors=True)
        lock.close()


def sweep(root: Path, *, undo: Callable[[Path], None]) -> int:
    """Clear the folders of runs that died; return how many there were."""
    root.mkdir(parents=True, exist_ok=True)
    swept = 0
    with locked(root / ".gate"):
        for folder in (path for path in root.iterdir() if path.is_dir()):
            with _free(folder / ".lock") as lock:
                if lock is not None:
                    undo(folder)
                    shutil.rmtree(folder)
                    swept += 1
    return swept


@contextmanager
def _free(file: Path) -> Iterator[IO[str] | None]:
    with file.open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield handle
