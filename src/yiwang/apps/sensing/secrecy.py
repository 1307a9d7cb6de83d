"""What is kept of a secret."""

import hashlib


def digest(secret: str) -> str:
    """A digest; tokens are random, so that it needs no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()
