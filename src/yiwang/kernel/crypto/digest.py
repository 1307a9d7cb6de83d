"""SM3 (GB/T 32905): the hash."""

from cryptography.hazmat.primitives import hashes

_SM3 = hashes.SM3()


def sm3(message: bytes) -> bytes:
    """The 32-byte SM3 digest."""
    digest = hashes.Hash(_SM3)
    digest.update(message)
    return digest.finalize()
