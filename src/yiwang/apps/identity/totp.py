"""One-time codes (RFC 6238): the shared secret lies encrypted, a code is good once."""

from datetime import datetime
from pathlib import Path

import pyotp
from django.conf import settings

from yiwang.apps.journal.public import kept_key
from yiwang.kernel.crypto.sm4 import gcm_decrypt, gcm_encrypt

STEP_SECONDS = 30


def new_secret() -> str:
    """A fresh shared secret, base32."""
    return pyotp.random_base32()


def encrypted(secret: str, *, username: str) -> bytes:
    """The secret as it may lie in the database, bound to its account."""
    return gcm_encrypt(_key(), secret.encode(), bound_to=username.encode())


def decrypted(sealed: bytes, *, username: str) -> str:
    """The secret of ``encrypted``."""
    return gcm_decrypt(_key(), bytes(sealed), bound_to=username.encode()).decode()


def step_of(secret: str, code: str, *, at: datetime, after: int) -> int | None:
    """The time step in which ``code`` is right, newer than ``after``; None if it is not.

    One step of clock drift is allowed either way; a step once used is used up.
    """
    now = int(at.timestamp()) // STEP_SECONDS
    generator = pyotp.TOTP(secret, interval=STEP_SECONDS)
    for step in (now, now - 1, now + 1):
        right = generator.generate_otp(step)
        if pyotp.utils.strings_equal(right, code.strip()) and step > after:
            return step
    return None


def address(secret: str, *, username: str, issuer: str) -> str:
    """The otpauth:// address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def _key() -> bytes:
    return kept_key(Path(settings.HOME) / "keys", "identity-totp")[:16]
