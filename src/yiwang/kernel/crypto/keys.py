"""Keys by id behind one interface: a folder of files here, an HSM elsewhere."""

import os
import re
import stat
from pathlib import Path
from threading import Lock
from typing import Protocol

from yiwang.kernel.crypto.sm2 import KeyPair, PublicKey
from yiwang.kernel.errors import Conflict, Invalid, NotFound, Unavailable
from yiwang.kernel.ids import new_id

_KEY_ID = re.compile(r"[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?")


class KeyUnknown(NotFound):
    """The store holds no key with this id."""

    code = "kernel.key_unknown"


class KeyExists(Conflict):
    """A key with this id exists; keys are never overwritten."""

    code = "kernel.key_exists"


class KeyIdMistyped(Invalid):
    """A key id is 1 to 64 of a-z, 0-9, dot, dash, underscore."""

    code = "kernel.key_id_mistyped"


class KeyExposed(Unavailable):
    """Others on this machine may read the key file, so it is not used."""

    code = "kernel.key_exposed"


class KeyProvider(Protocol):
    """密钥服务: signs and verifies by key id; the private key never leaves it."""

    def sign(self, key_id: str, message: bytes) -> bytes:
        """The SM2 signature r‖s (64 bytes) with the default signer id."""

    def verify(self, key_id: str, message: bytes, signature: bytes) -> bool:
        """Whether the signature was made with this key."""

    def public_key(self, key_id: str) -> PublicKey:
        """The public half, to hand out."""


class FileKeys:
    """A folder (mode 700) with one PKCS#8 PEM file (mode 600) per key.

    For one machine. Where keys must not lie in files, another ``KeyProvider`` takes its place.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._read: dict[str, KeyPair] = {}
        self._lock = Lock()

    def create(self, key_id: str) -> PublicKey:
        """Make a key; ``KeyExists`` if there is one."""
        pair = KeyPair.generate()
        if not self._write(key_id, pair):
            raise KeyExists(f"密钥“{key_id}”已存在。", hint="换一个编号；密钥不会被覆盖。")
        return pair.public

    def ensure(self, key_id: str) -> PublicKey:
        """The key's public half; the key is made first if there is none (safe in a race)."""
        if not self._path(key_id).exists():
            self._write(key_id, KeyPair.generate())
        return self.public_key(key_id)

    def sign(self, key_id: str, message: bytes) -> bytes:
        """The SM2 signature r‖s (64 bytes) with the default signer id."""
        return self._pair(key_id).sign(message)

    def verify(self, key_id: str, message: bytes, signature: bytes) -> bool:
        """Whether the signature was made with this key."""
        return self._pair(key_id).public.verify(message, signature)

    def public_key(self, key_id: str) -> PublicKey:
        """The public half, to hand out."""
        return self._pair(key_id).public

    def key_ids(self) -> tuple[str, ...]:
        """All keys of the store."""
        return tuple(sorted(path.stem for path in self.folder.glob("*.pem")))

    def _pair(self, key_id: str) -> KeyPair:
        with self._lock:
            if key_id not in self._read:
                self._read[key_id] = self._load(key_id)
            return self._read[key_id]

    def _load(self, key_id: str) -> KeyPair:
        path = self._path(key_id)
        try:
            with path.open(encoding="ascii") as file:
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
                if mode & 0o077:
                    raise KeyExposed(
                        f"密钥文件 {path} 的权限过宽（{mode:o}）。",
                        hint="确认无人复制过它，然后 chmod 600；否则更换密钥。",
                    )
                return KeyPair.from_pem(file.read())
        except FileNotFoundError as error:
            raise KeyUnknown(f"没有编号为“{key_id}”的密钥。", hint="核对密钥编号。") from error

    def _write(self, key_id: str, pair: KeyPair) -> bool:
        """Write whole or not at all; False if the key exists already."""
        path = self._path(key_id)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self.folder / f".{new_id()}"
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "w", encoding="ascii") as file:
                file.write(pair.pem())
                file.flush()
                os.fsync(file.fileno())
            path.hardlink_to(draft)
        except FileExistsError:
            return False
        finally:
            draft.unlink()
        return True

    def _path(self, key_id: str) -> Path:
        if not _KEY_ID.fullmatch(key_id):
            raise KeyIdMistyped(
                f"密钥编号“{key_id}”不合规。", hint="用小写字母、数字、点、短横线或下划线。"
            )
        return self.folder / f"{key_id}.pem"
