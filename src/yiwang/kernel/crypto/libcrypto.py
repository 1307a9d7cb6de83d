"""The system's libcrypto 3 through ctypes: the few calls that SM2 needs, and nothing else."""

import ctypes
import ctypes.util
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import POINTER, byref, c_char_p, c_int, c_long, c_size_t, c_uint, c_void_p
from functools import cache

from yiwang.kernel.errors import Invalid, Unavailable

_NAMES = ("libcrypto.so.3", "libcrypto.3.dylib", "libcrypto-3-x64.dll")
_SIGNATURES: dict[str, tuple[object, list[object]]] = {
    "OPENSSL_version_major": (c_uint, []),
    "ERR_clear_error": (None, []),
    "EVP_PKEY_CTX_new_from_name": (c_void_p, [c_void_p, c_char_p, c_char_p]),
    "EVP_PKEY_CTX_new_from_pkey": (c_void_p, [c_void_p, c_void_p, c_char_p]),
    "EVP_PKEY_CTX_free": (None, [c_void_p]),
    "EVP_PKEY_free": (None, [c_void_p]),
    "EVP_PKEY_is_a": (c_int, [c_void_p, c_char_p]),
    "EVP_PKEY_keygen_init": (c_int, [c_void_p]),
    "EVP_PKEY_generate": (c_int, [c_void_p, POINTER(c_void_p)]),
    "EVP_PKEY_sign_init": (c_int, [c_void_p]),
    "EVP_PKEY_sign": (c_int, [c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t]),
    "EVP_PKEY_verify_init": (c_int, [c_void_p]),
    "EVP_PKEY_verify": (c_int, [c_void_p, c_char_p, c_size_t, c_char_p, c_size_t]),
    "EVP_PKEY_encrypt_init": (c_int, [c_void_p]),
    "EVP_PKEY_encrypt": (c_int, [c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t]),
    "EVP_PKEY_decrypt_init": (c_int, [c_void_p]),
    "EVP_PKEY_decrypt": (c_int, [c_void_p, c_char_p, POINTER(c_size_t), c_char_p, c_size_t]),
    "EVP_PKEY_get_octet_string_param": (
        c_int,
        [c_void_p, c_char_p, c_char_p, c_size_t, POINTER(c_size_t)],
    ),
    "EVP_PKEY_get_bn_param": (c_int, [c_void_p, c_char_p, POINTER(c_void_p)]),
    "BN_bn2binpad": (c_int, [c_void_p, c_char_p, c_int]),
    "BN_clear_free": (None, [c_void_p]),
    "d2i_AutoPrivateKey": (c_void_p, [c_void_p, POINTER(c_char_p), c_long]),
    "d2i_PUBKEY": (c_void_p, [c_void_p, POINTER(c_char_p), c_long]),
}


class LibcryptoMissing(Unavailable):
    """No libcrypto of major version 3 is on this machine."""

    code = "kernel.libcrypto_missing"


class LibcryptoRefused(Invalid):
    """libcrypto refused a key, a signature or a ciphertext."""

    code = "kernel.libcrypto_refused"


@cache
def library() -> ctypes.CDLL:
    """libcrypto 3 with the signatures of our calls; looked for once."""
    found = _load()
    if found is None:
        raise LibcryptoMissing(
            "找不到 OpenSSL 3 的 libcrypto，无法使用 SM2。",
            hint="Debian/Ubuntu：apt-get install libssl3；"
            "openEuler/麒麟：dnf install openssl-libs；macOS：brew install openssl@3。",
        )
    for name, (result, arguments) in _SIGNATURES.items():
        function = getattr(found, name)
        function.restype, function.argtypes = result, arguments
    return found


def _load() -> ctypes.CDLL | None:
    for name in (*_NAMES, ctypes.util.find_library("crypto")):
        try:
            candidate = ctypes.CDLL(name) if name else None
            if candidate and candidate.OPENSSL_version_major() == 3:
                return candidate
        except (OSError, AttributeError):
            continue
    return None


class Key:
    """An EVP_PKEY on curve SM2; freed with the object. Safe to share between threads."""

    def __init__(self, pointer: int | None) -> None:
        if not pointer:
            library().ERR_clear_error()
            raise _refused("密钥无法解析")
        self.pointer = pointer
        weakref.finalize(self, library().EVP_PKEY_free, pointer).atexit = False
        if library().EVP_PKEY_is_a(pointer, b"SM2") != 1:
            raise _refused("不是 SM2 密钥")

    @contextmanager
    def context(self) -> Iterator[int]:
        """A fresh operation context; contexts must not be shared between threads."""
        context = library().EVP_PKEY_CTX_new_from_pkey(None, self.pointer, None)
        try:
            yield context
        finally:
            library().EVP_PKEY_CTX_free(context)

    def public_point(self) -> bytes:
        """``04 || x || y``, 65 bytes."""
        room, written = ctypes.create_string_buffer(65), c_size_t()
        call = library().EVP_PKEY_get_octet_string_param
        _demand(call(self.pointer, b"pub", room, 65, byref(written)), "读不出公钥")
        return room.raw[: written.value]

    def private_scalar(self) -> bytes:
        """The private number, 32 bytes."""
        number, room = c_void_p(), ctypes.create_string_buffer(32)
        call = library().EVP_PKEY_get_bn_param
        _demand(call(self.pointer, b"priv", byref(number)), "读不出私钥")
        library().BN_bn2binpad(number, room, 32)
        library().BN_clear_free(number)
        return room.raw


def generate() -> Key:
    """A new key pair from libcrypto's own random source."""
    context = library().EVP_PKEY_CTX_new_from_name(None, b"SM2", None)
    try:
        made = c_void_p()
        _demand(library().EVP_PKEY_keygen_init(context), "无法生成密钥")
        _demand(library().EVP_PKEY_generate(context, byref(made)), "无法生成密钥")
        return Key(made.value)
    finally:
        library().EVP_PKEY_CTX_free(context)


def private_key(der: bytes) -> Key:
    """From PKCS#8 or SEC 1, DER."""
    return Key(library().d2i_AutoPrivateKey(None, byref(c_char_p(der)), len(der)))


def public_key(der: bytes) -> Key:
    """From SubjectPublicKeyInfo, DER; a point off the curve is refused."""
    return Key(library().d2i_PUBKEY(None, byref(c_char_p(der)), len(der)))


def sign_digest(key: Key, digest: bytes) -> bytes:
    """The DER signature of a 32-byte SM2 digest."""
    return _produce(key, "sign", digest, room=80)


def verify_digest(key: Key, digest: bytes, signature: bytes) -> bool:
    """Whether a DER signature fits a 32-byte SM2 digest."""
    with key.context() as context:
        _demand(library().EVP_PKEY_verify_init(context), "无法验签")
        answer: int = library().EVP_PKEY_verify(
            context, signature, len(signature), digest, len(digest)
        )
        library().ERR_clear_error()
        return answer == 1


def encrypt(key: Key, plaintext: bytes) -> bytes:
    """The ASN.1 sequence x, y, C3, C2 of GM/T 0009."""
    return _produce(key, "encrypt", plaintext, room=len(plaintext) + 160)


def decrypt(key: Key, ciphertext: bytes) -> bytes:
    """The plaintext, its hash C3 checked; ``LibcryptoRefused`` if anything is wrong."""
    return _produce(key, "decrypt", ciphertext, room=len(ciphertext) + 32)


def _produce(key: Key, act: str, given: bytes, *, room: int) -> bytes:
    with key.context() as context:
        _demand(getattr(library(), f"EVP_PKEY_{act}_init")(context), f"SM2 {act} 无法开始")
        made, length = ctypes.create_string_buffer(room), c_size_t(room)
        call = getattr(library(), f"EVP_PKEY_{act}")
        _demand(call(context, made, byref(length), given, len(given)), f"SM2 {act} 失败")
        return made.raw[: length.value]


def _demand(answer: int, what: str) -> None:
    if answer != 1:
        library().ERR_clear_error()
        raise _refused(what)


def _refused(what: str) -> LibcryptoRefused:
    return LibcryptoRefused(f"libcrypto 拒绝：{what}。", hint="核对密钥、签名或密文是否完整。")
