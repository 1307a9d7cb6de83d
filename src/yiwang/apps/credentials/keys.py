"""The keys with which organs sign licences: SM2, behind the kernel's key provider."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from yiwang.kernel.crypto import FileKeys


def key_of(organ: str) -> str:
    """The id of an organ's licence key; the key is made on first use."""
    key = f"license.{organ}"
    _provider().ensure(key)
    return key


def code_key() -> str:
    """The id of the key that signs personal and enterprise codes."""
    _provider().ensure(key := "code.platform")
    return key


def sign(key: str, message: bytes) -> bytes:
    """An SM2 signature, 64 bytes."""
    return _provider().sign(key, message)


def is_signed(key: str, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` was made with the key over ``message``."""
    return _provider().verify(key, message, signature)


def _provider() -> FileKeys:
    return _keys_in(Path(settings.HOME) / "keys")


@lru_cache(maxsize=8)
def _keys_in(folder: Path) -> FileKeys:
    # A key file is read once per process: reading it anew costs as much as a signature.
    return FileKeys(folder)
