"""The journal's own keys, in files under HOME/keys (mode 600): one signs, one makes pseudonyms."""

import hashlib
import hmac
import os
import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ID_NUMBER = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dXx])"
)


def kept_key(folder: Path, name: str) -> bytes:
    """32 secret bytes kept in ``folder/name``; made on first use."""
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"{name}.{os.getpid()}.new")
        fresh.touch(mode=0o600)
        fresh.write_bytes(os.urandom(32))
        try:
            os.link(fresh, path)  # two processes at once: the first one's key stays
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_bytes()


def signing_key(folder: Path) -> Ed25519PrivateKey:
    """The key that signs checkpoints."""
    return Ed25519PrivateKey.from_private_bytes(kept_key(folder, "journal-ed25519"))


def pseudonym_of(text: str, *, key: bytes) -> str:
    """A stand-in for ``text``: same for the same text, not to be turned back without the key."""
    return "p:" + hmac.new(key, text.upper().encode(), hashlib.sha256).hexdigest()[:32]


def without_id_numbers(text: str, *, key: bytes) -> str:
    """``text`` with each 18-digit citizen number replaced by its pseudonym."""
    return ID_NUMBER.sub(lambda found: pseudonym_of(found[0], key=key), text)
