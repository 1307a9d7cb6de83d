"""The start-up self-test: the examples printed in the standards must come out."""

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from yiwang.kernel.crypto.digest import sm3
from yiwang.kernel.crypto.sm2 import KeyPair
from yiwang.kernel.errors import Unavailable

# GB/T 32918.5-2017 (GM/T 0003.5-2012): A.2 signature, C.2 encryption, on the recommended curve.
PRIVATE = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
PUBLIC = bytes.fromhex(
    "04"
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
SIGNED = b"message digest"
SIGNATURE = bytes.fromhex(
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
ENCRYPTED = b"encryption standard"
CIPHERTEXT = bytes.fromhex(
    "307C"
    "022004EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73"
    "0221"
    "00E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0"
    "0420"
    "59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766"
    "0413"
    "21886CA989CA9C7D58087307CA93092D651EFA"
)
# GB/T 32905-2016 A.1 and GB/T 32907-2016 A.1.
SM3_OF_ABC = bytes.fromhex("66C7F0F462EEEDD9D1F2D46BDC10E4E24167C4875CF2F7A2297DA02B8F4BA8E0")
SM4_BLOCK = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
SM4_OF_BLOCK = bytes.fromhex("681EDF34D206965E86B3E94F536E4246")


class SelfTestFailed(Unavailable):
    """A crypto primitive gives another result than the standard; nothing may be signed."""

    code = "kernel.self_test_failed"


def self_test() -> None:
    """Return if SM2, SM3 and SM4 agree with the standards' examples, else ``SelfTestFailed``."""
    pair = KeyPair.from_raw(PRIVATE)
    encryptor = Cipher(algorithms.SM4(SM4_BLOCK), modes.ECB()).encryptor()  # noqa: S305 the vector
    changed = bytes([*SIGNATURE[:-1], SIGNATURE[-1] ^ 1])
    results = {
        "SM3": sm3(b"abc") == SM3_OF_ABC,
        "SM4": encryptor.update(SM4_BLOCK) + encryptor.finalize() == SM4_OF_BLOCK,
        "SM2 公钥": pair.public.raw == PUBLIC,
        "SM2 验签": pair.public.verify(SIGNED, SIGNATURE),
        "SM2 拒绝伪造": not pair.public.verify(SIGNED, changed),
        "SM2 签名": pair.public.verify(SIGNED, pair.sign(SIGNED)),
        "SM2 解密": pair.decrypt(CIPHERTEXT) == ENCRYPTED,
    }
    failed = [name for name, passed in results.items() if not passed]
    if failed:
        raise SelfTestFailed(
            f"密码自检未通过：{'、'.join(failed)}。",
            hint="停止使用本机签名，检查 libcrypto 与 cryptography 的版本和来源。",
            failed=failed,
        )
