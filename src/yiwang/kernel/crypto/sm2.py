"""SM2 (GB/T 32918): key pairs, signatures with the signer's id, encryption C1C3C2.

The digest e = SM3(Z ‖ message), where Z binds id and public key, is computed here; the elliptic
curve arithmetic, nonces and hash checks are libcrypto's.
"""

import base64
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

from yiwang.kernel.crypto import libcrypto
from yiwang.kernel.crypto.digest import sm3
from yiwang.kernel.errors import Invalid

SIGNER = b"1234567812345678"
"""The id that GM/T 0009 prescribes where parties agreed on no other."""

_CURVE = bytes.fromhex(
    "FFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFC"  # a
    "28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93"  # b
    "32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7"  # x of G
    "BC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0"  # y of G
)
_ALGORITHM = bytes.fromhex("301306072a8648ce3d020106082a811ccf5501822d")
_SPKI_HEAD = bytes.fromhex("3059") + _ALGORITHM + bytes.fromhex("034200")
_PKCS8_HEAD = bytes.fromhex("308187020100") + _ALGORITHM + bytes.fromhex("046d306b0201010420")
_PKCS8_POINT = bytes.fromhex("a144034200")
_SCALAR_ONLY_HEAD = bytes.fromhex("3041020100") + _ALGORITHM + bytes.fromhex("042730250201010420")


class KeyUnreadable(Invalid):
    """Not an SM2 key in a form we read (PEM or raw bytes)."""

    code = "kernel.key_unreadable"


class SignatureUnreadable(Invalid):
    """Neither 64 bytes r‖s nor a DER sequence of two integers."""

    code = "kernel.signature_unreadable"


@dataclass(frozen=True)
class PublicKey:
    """SM2 公钥: ``raw`` is ``04‖x‖y``, 65 bytes."""

    raw: bytes
    _key: libcrypto.Key = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if len(self.raw) != 65 or self.raw[0] != 4:
            raise _unreadable("公钥应为 65 字节，以 04 开头")
        object.__setattr__(self, "_key", libcrypto.public_key(_SPKI_HEAD + self.raw))

    @classmethod
    def from_pem(cls, text: str) -> Self:
        """From ``-----BEGIN PUBLIC KEY-----``."""
        return cls(libcrypto.public_key(_from_pem(text, "PUBLIC KEY")).public_point())

    def pem(self) -> str:
        """``-----BEGIN PUBLIC KEY-----`` (SubjectPublicKeyInfo)."""
        return _pem(_SPKI_HEAD + self.raw, "PUBLIC KEY")

    def verify(self, message: bytes, signature: bytes, *, signer: bytes = SIGNER) -> bool:
        """Whether ``signature`` (r‖s or DER) was made over ``message`` with this key and id."""
        try:
            der = signature if len(signature) != 64 else der_signature(signature)
        except SignatureUnreadable:
            return False
        return libcrypto.verify_digest(self._key, self._digest(message, signer), der)

    def encrypt(self, plaintext: bytes) -> bytes:
        """ASN.1 ciphertext in the order C1, C3, C2; ``plaintext`` must not be empty."""
        if not plaintext:
            raise Invalid("没有可加密的内容。", hint="SM2 不能加密空内容。")
        return libcrypto.encrypt(self._key, plaintext)

    def _digest(self, message: bytes, signer: bytes) -> bytes:
        z = self._default_z if signer == SIGNER else self._z(signer)
        return sm3(z + message)

    @cached_property
    def _default_z(self) -> bytes:
        return self._z(SIGNER)

    def _z(self, signer: bytes) -> bytes:
        return sm3((len(signer) * 8).to_bytes(2, "big") + signer + _CURVE + self.raw[1:])


@dataclass(frozen=True)
class KeyPair:
    """SM2 密钥对; its ``repr`` shows the public half only."""

    public: PublicKey
    _key: libcrypto.Key = field(repr=False, compare=False)

    @classmethod
    def generate(cls) -> Self:
        """A new key pair."""
        return cls._of(libcrypto.generate())

    @classmethod
    def from_raw(cls, scalar: bytes) -> Self:
        """From the 32-byte private number; the public key is computed."""
        if len(scalar) != 32:
            raise _unreadable("私钥应为 32 字节")
        return cls._of(libcrypto.private_key(_SCALAR_ONLY_HEAD + scalar))

    @classmethod
    def from_pem(cls, text: str) -> Self:
        """From ``-----BEGIN PRIVATE KEY-----`` (PKCS#8, unencrypted)."""
        return cls._of(libcrypto.private_key(_from_pem(text, "PRIVATE KEY")))

    def pem(self) -> str:
        """``-----BEGIN PRIVATE KEY-----``: the secret itself; only a key store may ask for it."""
        scalar = self._key.private_scalar()
        return _pem(_PKCS8_HEAD + scalar + _PKCS8_POINT + self.public.raw, "PRIVATE KEY")

    def sign(self, message: bytes, *, signer: bytes = SIGNER) -> bytes:
        """The signature r‖s, 64 bytes."""
        digest = self.public._digest(message, signer)
        return raw_signature(libcrypto.sign_digest(self._key, digest))

    def decrypt(self, ciphertext: bytes) -> bytes:
        """The plaintext of ``PublicKey.encrypt``; a changed ciphertext is refused."""
        return libcrypto.decrypt(self._key, ciphertext)

    @classmethod
    def _of(cls, key: libcrypto.Key) -> Self:
        return cls(PublicKey(key.public_point()), key)


def der_signature(raw: bytes) -> bytes:
    """DER ``SEQUENCE {r, s}`` of r‖s (64 bytes)."""
    if len(raw) != 64:
        raise _bad_signature()
    body = b"".join(_der_integer(raw[start : start + 32]) for start in (0, 32))
    return bytes([0x30, len(body)]) + body


def raw_signature(der: bytes) -> bytes:
    """r‖s (64 bytes) of DER ``SEQUENCE {r, s}``."""
    if len(der) < 8 or der[0] != 0x30 or der[1] != len(der) - 2:
        raise _bad_signature()
    r, rest = _take_integer(der[2:])
    s, rest = _take_integer(rest)
    if rest:
        raise _bad_signature()
    return r + s


def _der_integer(number: bytes) -> bytes:
    digits = number.lstrip(b"\0") or b"\0"
    if digits[0] & 0x80:
        digits = b"\0" + digits
    return bytes([2, len(digits)]) + digits


def _take_integer(der: bytes) -> tuple[bytes, bytes]:
    if len(der) < 3 or der[0] != 2 or not 0 < der[1] <= min(33, len(der) - 2):
        raise _bad_signature()
    end = 2 + der[1]
    digits = der[2:end].lstrip(b"\0")
    if len(digits) > 32 or der[2] & 0x80:
        raise _bad_signature()
    return digits.rjust(32, b"\0"), der[end:]


def _pem(der: bytes, label: str) -> str:
    body = base64.b64encode(der).decode()
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def _from_pem(text: str, label: str) -> bytes:
    match = re.search(rf"-----BEGIN {label}-----([A-Za-z0-9+/=\s]+)-----END {label}-----", text)
    if not match:
        raise _unreadable(f"没有 {label} 段")
    try:
        return base64.b64decode("".join(match[1].split()), validate=True)
    except ValueError as error:
        raise _unreadable("Base64 内容损坏") from error


def _unreadable(why: str) -> KeyUnreadable:
    return KeyUnreadable(f"SM2 密钥无法读取：{why}。", hint="提供 PEM（PKCS#8）或原始字节。")


def _bad_signature() -> SignatureUnreadable:
    return SignatureUnreadable("签名格式不对。", hint="应为 64 字节 r‖s 或 DER 序列。")
