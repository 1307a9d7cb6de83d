"""The keys with which organs sign licences: SM2, behind the kernel's key provider."""

from pathlib import Path

from django.conf import settings

from yiwang.kernel.crypto import FileKeys


def key_of(organ: str) -> str:
    """The id of an organ's licence key; the key is made on first use."""
    key = f"license.{organ}"
    _provider().ensure(key)
    return key


def sign(key: str, message: bytes) -> bytes:
    """An SM2 signature, 64 bytes."""
    return _provider().sign(key, message)


def is_signed(key: str, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` was made with the key over ``message``."""
    return _provider().verify(key, message, signature)


def _provider() -> FileKeys:
    return FileKeys(Path(settings.HOME) / "keys")
