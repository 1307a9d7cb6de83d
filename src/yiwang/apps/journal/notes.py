"""Signed checkpoints in the form that witnesses of other logs read (C2SP signed note).

yiwang.siyang/journal
2048
n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=
at 2026-11-22T03:00:00+00:00
hash sha256

— yiwang.siyang/journal Ky6sAVx…
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from yiwang.kernel.crypto import KeyProvider, PublicKey
from yiwang.kernel.errors import Invalid

ED25519 = 0x01
SM2 = 0xF5  # no number is registered for SM2 signatures; 0xf0–0xff are free for private use


class CheckpointRefused(Invalid):
    """A checkpoint is malformed or its signature does not fit the public key."""

    code = "journal.checkpoint_refused"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a log at one instant."""

    origin: str
    size: int
    root: bytes
    at: datetime
    algorithm: str
    note: str = ""
    """The signed text."""

    def text(self) -> str:
        """The text that is signed."""
        root = base64.b64encode(self.root).decode()
        return (
            f"{self.origin}\n{self.size}\n{root}\nat {self.at.isoformat()}\nhash {self.algorithm}\n"
        )


class Signer(Protocol):
    """Whatever signs checkpoints: a key in a file now, a key provider or an HSM later."""

    @property
    def kind(self) -> int:
        """Which kind of signature: ``ED25519`` or ``SM2``."""
        ...

    def public(self) -> bytes:
        """The public key's bytes."""
        ...

    def sign(self, content: bytes) -> bytes:
        """The signature over ``content``."""
        ...


@dataclass(frozen=True)
class Ed25519Signer:
    """Signs with an Ed25519 private key."""

    key: Ed25519PrivateKey
    kind: int = ED25519

    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.key.public_key().public_bytes_raw()

    def sign(self, content: bytes) -> bytes:
        """An Ed25519 signature, 64 bytes."""
        return self.key.sign(content)


@dataclass(frozen=True)
class Sm2Signer:
    """Signs with an SM2 key that a key provider (a file store, an HSM) holds."""

    keys: KeyProvider
    key_id: str
    kind: int = SM2

    def public(self) -> bytes:
        """The 65 bytes of the public key."""
        return self.keys.public_key(self.key_id).raw

    def sign(self, content: bytes) -> bytes:
        """An SM2 signature, 64 bytes."""
        return self.keys.sign(self.key_id, content)


def verifier_key(origin: str, *, kind: int, public: bytes) -> str:
    """The public key as one line: ``origin+key id+base64``."""
    typed = bytes([kind]) + public
    return f"{origin}+{_key_id(origin, typed).hex()}+{base64.b64encode(typed).decode()}"


def signed(checkpoint: Checkpoint, signer: Signer) -> str:
    """The checkpoint's note with its signature."""
    text = checkpoint.text()
    key_id = _key_id(checkpoint.origin, bytes([signer.kind]) + signer.public())
    signature = base64.b64encode(key_id + signer.sign(text.encode())).decode()
    return f"{text}\n— {checkpoint.origin} {signature}\n"


def opened(note: str, *, public_key: str) -> Checkpoint:
    """The checkpoint of a note whose signature fits ``public_key`` (a verifier key line)."""
    text, _, signatures = note.partition("\n\n")
    checkpoint = _parsed(text + "\n", note)
    origin, _, rest = public_key.strip().partition("+")
    key_id, _, typed = rest.partition("+")
    for line in signatures.split("\n")[:-1]:
        mark, _, named = line.partition(" ")
        name, _, encoded = named.partition(" ")
        blob = _decoded(encoded)
        if (mark, name, blob[:4].hex()) != ("—", origin, key_id):
            continue
        if _fits(_decoded(typed), blob[4:], text + "\n"):
            return checkpoint
    raise CheckpointRefused(
        f"检查点（{checkpoint.size} 条）的签名与所给公钥不符。",
        hint="请向日志的主管单位核对公钥；公钥无误时，此检查点不可信。",
        size=checkpoint.size,
    )


def _fits(typed: bytes, signature: bytes, text: str) -> bool:
    if typed[:1] == bytes([SM2]):
        return PublicKey(typed[1:]).verify(text.encode(), signature)
    if typed[:1] != bytes([ED25519]):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(typed[1:]).verify(signature, text.encode())
    except InvalidSignature:
        return False
    return True


def _decoded(text: str) -> bytes:
    """Base64 in its one canonical form; anything else is nothing."""
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        return b""
    return content if base64.b64encode(content).decode() == text else b""


def _key_id(origin: str, typed: bytes) -> bytes:
    return hashlib.sha256(origin.encode() + b"\n" + typed).digest()[:4]


def _parsed(text: str, note: str) -> Checkpoint:
    try:
        origin, size, root, at, algorithm = text.splitlines()
        return Checkpoint(
            origin=origin,
            size=int(size),
            root=base64.b64decode(root, validate=True),
            at=datetime.fromisoformat(at.removeprefix("at ")),
            algorithm=algorithm.removeprefix("hash "),
            note=note,
        )
    except ValueError as error:
        raise CheckpointRefused(
            "检查点的格式不对。", hint="检查点应为五行正文、一个空行和签名行。"
        ) from error
