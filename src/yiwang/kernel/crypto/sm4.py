"""SM4 (GB/T 32907): GCM for what we keep, CBC for what others demand."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.padding import PKCS7

from yiwang.kernel.errors import Invalid

_NONCE, _TAG, _BLOCK = 12, 16, 16


class CiphertextForged(Invalid):
    """Decryption failed: another key, or the text was changed on the way."""

    code = "kernel.ciphertext_forged"


def gcm_encrypt(key: bytes, plaintext: bytes, *, bound_to: bytes = b"") -> bytes:
    """Nonce (12 bytes), ciphertext, tag (16); ``bound_to`` must be given again to decrypt."""
    nonce = os.urandom(_NONCE)
    encryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    encryptor.authenticate_additional_data(bound_to)
    return nonce + encryptor.update(plaintext) + encryptor.finalize() + encryptor.tag


def gcm_decrypt(key: bytes, sealed: bytes, *, bound_to: bytes = b"") -> bytes:
    """The plaintext of ``gcm_encrypt``, or ``CiphertextForged``."""
    if len(sealed) < _NONCE + _TAG:
        raise _forged()
    nonce, body, tag = sealed[:_NONCE], sealed[_NONCE:-_TAG], sealed[-_TAG:]
    decryptor = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    decryptor.authenticate_additional_data(bound_to)
    try:
        return decryptor.update(body) + decryptor.finalize()
    except InvalidTag as error:
        raise _forged() from error


def cbc_encrypt(key: bytes, plaintext: bytes) -> bytes:
    """IV (16 bytes) and ciphertext with PKCS#7 padding. Nothing guards it against change."""
    iv = os.urandom(_BLOCK)
    padder = PKCS7(8 * _BLOCK).padder()
    encryptor = Cipher(algorithms.SM4(key), modes.CBC(iv)).encryptor()
    padded = padder.update(plaintext) + padder.finalize()
    return iv + encryptor.update(padded) + encryptor.finalize()


def cbc_decrypt(key: bytes, sealed: bytes) -> bytes:
    """The plaintext of ``cbc_encrypt``, or ``CiphertextForged`` if the padding is wrong."""
    iv, body = sealed[:_BLOCK], sealed[_BLOCK:]
    if not body or len(body) % _BLOCK:
        raise _forged()
    decryptor = Cipher(algorithms.SM4(key), modes.CBC(iv)).decryptor()
    unpadder = PKCS7(8 * _BLOCK).unpadder()
    try:
        return unpadder.update(decryptor.update(body) + decryptor.finalize()) + unpadder.finalize()
    except ValueError as error:
        raise _forged() from error


def _forged() -> CiphertextForged:
    return CiphertextForged("密文无法解密：密钥不符或内容被改动。", hint="核对密钥编号与密文来源。")
