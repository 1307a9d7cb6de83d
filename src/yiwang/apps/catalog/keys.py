"""Keys that the catalogue gives to other systems: shown once, kept as a digest."""

from hashlib import sha256


def key_digest(key: str) -> str:
    """SHA-256 in hex: what is kept of a key that was given out."""
    return sha256(key.encode()).hexdigest()
