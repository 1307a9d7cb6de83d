"""What is kept of a secret."""

import hashlib


def digest(secret: str) -> str:
    """A digest; tokens are random, so that it needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def reader_of(kept: str) -> str:
    """The account at the broker of a key of the SensorThings interface, by its digest."""
    return f"reader-{kept[:12]}"


def reader_account(secret: str) -> str:
    """The same by the key itself."""
    return reader_of(digest(secret))
