"""The journal's own keys, in files under HOME/keys (mode 600): one signs, one makes pseudonyms."""

import hmac
import os
import re
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ID_NUMBER = re.compile(
    r"[1-9](?<!\d.)\d{5}(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dXx])",
    re.DOTALL,
)
"""A citizen's number within a text; its first digit stands first, so that search skips words."""
SHORTEST = 18
"""A shorter text holds no citizen's number."""


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
    return "p:" + hmac.digest(key, text.upper().encode(), "sha256").hex()[:32]


def without_id_numbers(text: str, *, key: bytes) -> str:
    """``text`` with each 18-digit citizen number replaced by its pseudonym."""
    if len(text) < SHORTEST:
        return text
    return ID_NUMBER.sub(lambda found: pseudonym_of(found[0], key=key), text)
