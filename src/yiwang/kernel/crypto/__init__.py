"""National cryptography: SM2, SM3, SM4, and keys that are used without being seen.

SM2 comes from the system's libcrypto, SM3 and SM4 from ``cryptography``. ``self_test`` proves all
three with the standards' vectors and belongs into every start.
"""

from yiwang.kernel.crypto.digest import sm3
from yiwang.kernel.crypto.keys import FileKeys, KeyProvider
from yiwang.kernel.crypto.sm2 import KeyPair, PublicKey
from yiwang.kernel.crypto.sm4 import CiphertextForged
from yiwang.kernel.crypto.vectors import SelfTestFailed, self_test

__all__ = [
    "CiphertextForged",
    "FileKeys",
    "KeyPair",
    "KeyProvider",
    "PublicKey",
    "SelfTestFailed",
    "self_test",
    "sm3",
]
