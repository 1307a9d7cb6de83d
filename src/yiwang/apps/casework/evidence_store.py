"""Files handed in, kept by the digest of their content under ``HOME/evidence``.

The same file handed in twice is one file. A file is whole on disk before the row that names it is
committed; a file whose transaction failed has no row and does no harm.
"""

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from yiwang.apps.casework import pictures
from yiwang.kernel.errors import NotFound


class EvidenceLost(NotFound):
    """The row names a file that is not on disk, or whose content is no longer what it was."""

    code = "casework.evidence_lost"


@dataclass(frozen=True)
class KeptFile:
    """A file that was cleaned and is on disk: what a row needs to name it."""

    digest: str
    kind: str
    size: int


def keep_file(content: bytes, *, title: str) -> KeptFile:
    """Check, clean and store a file before there is a case it belongs to."""
    clean = pictures.cleaned(content, name=title)
    return KeptFile(keep(clean.content), clean.kind, len(clean.content))


def keep(content: bytes) -> str:
    """Store ``content`` durably and return its SHA-256 digest."""
    digest = hashlib.sha256(content).hexdigest()
    path = _path(digest)
    if path.exists():
        return digest
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{digest}.{os.getpid()}.{os.urandom(4).hex()}")
    with draft.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return digest


def content_of(digest: str) -> bytes:
    """The file with this digest, checked against it."""
    path = _path(digest)
    content = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(content).hexdigest() != digest:
        raise EvidenceLost(
            "这份材料的文件已缺失或被改动。", hint="请联系系统管理员从备份恢复。", digest=digest
        )
    return content


def _path(digest: str) -> Path:
    return Path(settings.HOME) / "evidence" / digest[:2] / digest
