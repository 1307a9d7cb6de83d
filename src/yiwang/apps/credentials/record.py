"""The record of a licence as bytes that can be signed, and the token in its QR code. Pure.

A token is ``1.<number>.<signature>``: the issuer's SM2 signature over the number and the record's
digest, so it can neither be guessed nor moved to another licence. ``2.<code>.<signature>`` is a
personal or enterprise code: short-lived, bound to a purpose and a verifier.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from yiwang.kernel.crypto import sm3
from yiwang.kernel.errors import Invalid


class TokenAltered(Invalid):
    """The token was not made by the issuer, or was changed on its way."""

    code = "credentials.token_altered"


@dataclass(frozen=True)
class Token:
    """A token taken apart; nothing in it is believed before its signature is checked."""

    number: str
    signature: bytes


def canonical(
    *,
    kind: str,
    title: str,
    organ: str,
    number: str,
    holder: str,
    fields: Mapping[str, Any],
    issued_at: datetime,
    valid_until: date | None,
    basis: str,
) -> str:
    """The record as text: sorted keys, no spaces, UTF-8 (RFC 8785 for what stands in it)."""
    record = {
        "basis": basis,
        "fields": {name: str(value) for name, value in fields.items()},
        "holder": holder,
        "issued_at": issued_at.isoformat(),
        "kind": kind,
        "number": number,
        "organ": organ,
        "title": title,
        "valid_until": valid_until.isoformat() if valid_until else None,
    }
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(record: str) -> str:
    """The SM3 digest of a record, as hexadecimal text."""
    return sm3(record.encode()).hex()


def token_message(number: str, record_digest: str) -> bytes:
    """What the signature in a token is made over."""
    return f"yiwang-license-1|{number}|{record_digest}".encode()


def token(number: str, signature: bytes) -> str:
    """The text of the QR code's last part."""
    return _written("1", number, signature)


def code_message(code: str, purpose: str, holder: str, verifier: str, made_at: str) -> bytes:
    """What the signature of a personal or enterprise code is made over."""
    return f"yiwang-code-2|{code}|{purpose}|{holder}|{verifier}|{made_at}".encode()


def code_token(code: str, signature: bytes) -> str:
    """The text of a personal or enterprise code: it names the code, never its holder."""
    return _written("2", code, signature)


def read_token(text: str) -> Token:
    """A licence's token taken apart, or ``TokenAltered``."""
    return _taken_apart("1", text)


def read_code_token(text: str) -> Token:
    """A personal or enterprise code's token taken apart, or ``TokenAltered``."""
    return _taken_apart("2", text)


def _written(form: str, number: str, signature: bytes) -> str:
    return f"{form}.{number}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


def _taken_apart(wanted: str, text: str) -> Token:
    form, _, rest = text.strip().partition(".")
    number, _, signature = rest.partition(".")
    try:
        raw = base64.b64decode(signature + "=" * (-len(signature) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    # A changed last character may stand for the same bytes; only the written form is a token.
    if form != wanted or len(raw) != 64 or _written(form, number, raw) != text.strip():
        raise TokenAltered(
            "二维码内容不完整或已被改动，不能作为证明。",
            hint="请让持有人重新出示，或改用证照编号核验。",
        )
    return Token(number, raw)
