"""The keys with which an organ's chief data officer signs published entries: SM2, by key id."""

from pathlib import Path

from django.conf import settings

from yiwang.kernel.crypto import FileKeys


def key_of(username: str) -> str:
    """The id of an officer's signing key; the key is made on first use."""
    key = f"catalog.{username}".lower()
    _provider().ensure(key)
    return key


def sign(key: str, message: bytes) -> str:
    """An SM2 signature in hex, 128 characters."""
    return _provider().sign(key, message).hex()


def is_signed(key: str, message: bytes, signature: str) -> bool:
    """Whether ``signature`` was made with the key over ``message``."""
    return _provider().verify(key, message, bytes.fromhex(signature))


def public_pem(key: str) -> str:
    """The public half, so that anybody can check a signature."""
    return _provider().public_key(key).pem()


def _provider() -> FileKeys:
    return FileKeys(Path(settings.HOME) / "keys")
