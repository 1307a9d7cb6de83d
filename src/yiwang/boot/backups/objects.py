"""Pieces of files by their digest: written once, looked at before they are believed."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from yiwang.kernel.errors import Conflict

PIECE = 4 << 20
"""Bytes of a piece: a database of which little changed costs a few of them."""


class BackupDamaged(Conflict):
    """Pieces of a backup are missing or differ from what was written."""

    code = "boot.backup_damaged"


@dataclass
class Objects:
    """The pieces under ``folder``. ``written`` counts bytes that were new."""

    folder: Path
    written: int = 0
    _made: set[str] = field(default_factory=set)

    def keep(self, source: Path) -> tuple[list[str], int]:
        """Keep a file's content; returns the digests of its pieces and its size."""
        pieces, size = [], 0
        with source.open("rb") as file:
            while content := file.read(PIECE):
                pieces.append(self.put(content))
                size += len(content)
        return pieces, size

    def put(self, content: bytes) -> str:
        """Keep one piece; returns its digest."""
        digest = hashlib.sha256(content).hexdigest()
        path = self.path(digest)
        if digest not in self._made and not self.holds(digest, len(content)):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            fresh = path.with_suffix(f".{os.getpid()}.new")
            try:
                fresh.write_bytes(content)
                fresh.chmod(0o600)
                fresh.replace(path)
            except OSError:
                with suppress(OSError):
                    fresh.unlink()
                raise
            self.written += len(content)
        self._made.add(digest)
        return digest

    def holds(self, digest: str, size: int | None = None) -> bool:
        """Whether a piece is there, of the size it must have."""
        try:
            found = self.path(digest).stat().st_size
        except FileNotFoundError:
            return False
        return size is None or found == size

    def content(self, pieces: list[str], *, name: str) -> Iterator[bytes]:
        """The pieces of a file, each looked at; ``BackupDamaged`` names the file."""
        for digest in pieces:
            try:
                content = self.path(digest).read_bytes()
            except FileNotFoundError:
                content = b""
            if hashlib.sha256(content).hexdigest() != digest:
                raise BackupDamaged(
                    f"备份损坏：文件 {name} 的一块内容与备份时不同，没有恢复。",
                    hint="改用另一份备份，或从异地副本补回这份备份的 objects 目录。",
                    file=name,
                    piece=digest,
                )
            yield content

    def path(self, digest: str) -> Path:
        """Where a piece lies."""
        return self.folder / digest[:2] / digest
