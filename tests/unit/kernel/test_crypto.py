import contextlib
import ctypes
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yiwang.kernel.crypto import (
    CiphertextForged,
    FileKeys,
    KeyPair,
    PublicKey,
    SelfTestFailed,
    libcrypto,
    self_test,
    sm2,
    sm3,
    sm4,
    vectors,
)
from yiwang.kernel.crypto.keys import KeyExists, KeyExposed, KeyIdMistyped, KeyUnknown
from yiwang.kernel.crypto.libcrypto import LibcryptoMissing, LibcryptoRefused
from yiwang.kernel.errors import Invalid, YiwangError

PAIR = KeyPair.from_raw(vectors.PRIVATE)


def test_the_machine_agrees_with_the_standards():
    self_test()


def test_a_self_test_that_fails_names_what_failed(monkeypatch):
    monkeypatch.setattr(vectors, "SM3_OF_ABC", bytes(32))
    with pytest.raises(SelfTestFailed, match="SM3"):
        self_test()


def test_sm3_gives_the_second_example_of_the_standard():
    expected = "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"
    assert sm3(b"abcd" * 16).hex() == expected


def test_the_standards_signature_verifies_raw_and_in_der():
    assert PAIR.public.verify(vectors.SIGNED, vectors.SIGNATURE)
    assert PAIR.public.verify(vectors.SIGNED, sm2.der_signature(vectors.SIGNATURE))


def test_a_signature_binds_message_key_and_signer():
    signature = PAIR.sign(b"yes", signer=b"ALICE123@YAHOO.COM")
    assert PAIR.public.verify(b"yes", signature, signer=b"ALICE123@YAHOO.COM")
    assert not PAIR.public.verify(b"yes", signature)
    assert not PAIR.public.verify(b"no", signature, signer=b"ALICE123@YAHOO.COM")
    assert not KeyPair.generate().public.verify(b"yes", signature, signer=b"ALICE123@YAHOO.COM")


def test_two_signatures_over_one_message_use_different_nonces():
    assert PAIR.sign(b"same") != PAIR.sign(b"same")


@given(st.binary(max_size=200), st.integers(0, 511))
@settings(max_examples=50, deadline=None)
def test_every_signature_verifies_and_no_changed_bit_does(message, bit):
    signature = PAIR.sign(message)
    assert PAIR.public.verify(message, signature)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8
    assert not PAIR.public.verify(message, bytes(changed))


@pytest.mark.parametrize("signature", [b"", b"x", bytes(64), b"\xff" * 64, b"0" * 71])
def test_rubbish_is_no_signature(signature):
    assert not PAIR.public.verify(b"message", signature)


@given(st.binary(min_size=64, max_size=64))
def test_a_signature_survives_the_way_through_der(raw):
    assert sm2.raw_signature(sm2.der_signature(raw)) == raw


@given(st.binary(max_size=80))
def test_rubbish_der_is_refused_with_our_error(der):
    with contextlib.suppress(sm2.SignatureUnreadable):
        assert len(sm2.raw_signature(der)) == 64


@given(st.binary(min_size=1, max_size=300))
@settings(max_examples=30, deadline=None)
def test_what_is_encrypted_is_decrypted(plaintext):
    assert PAIR.decrypt(PAIR.public.encrypt(plaintext)) == plaintext


def test_a_changed_ciphertext_and_a_wrong_key_are_refused():
    ciphertext = bytearray(PAIR.public.encrypt("泗阳".encode()))
    with pytest.raises(LibcryptoRefused):
        KeyPair.generate().decrypt(bytes(ciphertext))
    ciphertext[-1] ^= 1
    with pytest.raises(LibcryptoRefused):
        PAIR.decrypt(bytes(ciphertext))
    with pytest.raises(Invalid):
        PAIR.public.encrypt(b"")


def test_keys_survive_the_way_through_pem_and_raw():
    pair = KeyPair.generate()
    assert KeyPair.from_pem(pair.pem()).public == pair.public
    assert PublicKey.from_pem(pair.public.pem()) == pair.public
    assert PublicKey(pair.public.raw).verify(b"m", pair.sign(b"m"))


def test_a_private_key_never_shows_itself():
    assert vectors.PRIVATE.hex() not in repr(PAIR).lower()


@pytest.mark.parametrize(
    "read",
    [
        lambda: PublicKey(bytes(65)),
        lambda: PublicKey(b"\x04" + bytes(64)),  # a point off the curve
        lambda: PublicKey.from_pem("not a key"),
        lambda: KeyPair.from_pem(PAIR.public.pem()),
        lambda: KeyPair.from_pem("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"),
        lambda: KeyPair.from_raw(b"short"),
    ],
)
def test_what_is_no_sm2_key_is_refused_with_our_error(read):
    with pytest.raises(YiwangError):
        read()


def test_a_key_on_another_curve_is_refused():
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import (
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    other = ec.generate_private_key(ec.SECP256R1())
    pem = other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    with pytest.raises(LibcryptoRefused, match="不是 SM2"):
        KeyPair.from_pem(pem)


def test_many_threads_share_one_key():
    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(lambda n: PAIR.sign(b"%d" % n), range(200)))
    assert all(PAIR.public.verify(b"%d" % n, made) for n, made in enumerate(signatures))


def test_a_machine_without_libcrypto_is_told_what_to_install(monkeypatch):
    def refuse(name):
        raise OSError(name)

    libcrypto.library.cache_clear()
    monkeypatch.setattr(ctypes, "CDLL", refuse)
    try:
        with pytest.raises(LibcryptoMissing, match="apt-get install libssl3"):
            libcrypto.library()
    finally:
        monkeypatch.undo()
        libcrypto.library.cache_clear()


def test_sm4_gcm_refuses_a_changed_text_another_key_and_another_binding():
    key = bytes(range(16))
    sealed = sm4.gcm_encrypt(key, "王秀英".encode(), bound_to=b"row 7")
    assert sm4.gcm_decrypt(key, sealed, bound_to=b"row 7") == "王秀英".encode()
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    for key_, text, bound in (
        (key, changed, b"row 7"),
        (bytes(16), sealed, b"row 7"),
        (key, sealed, b"row 8"),
        (key, sealed[:20], b"row 7"),
    ):
        with pytest.raises(CiphertextForged):
            sm4.gcm_decrypt(key_, text, bound_to=bound)


@given(st.binary(max_size=100))
def test_sm4_cbc_gives_back_what_it_was_given(plaintext):
    key = bytes(range(16))
    assert sm4.cbc_decrypt(key, sm4.cbc_encrypt(key, plaintext)) == plaintext


def test_a_torn_sm4_cbc_text_is_refused():
    sealed = sm4.cbc_encrypt(bytes(16), b"text")
    for torn in (sealed[:16], sealed[:-1], b""):
        with pytest.raises(CiphertextForged):
            sm4.cbc_decrypt(bytes(16), torn)


def test_a_file_key_signs_and_only_its_owner_may_read_it(tmp_path):
    keys = FileKeys(tmp_path / "keys")
    public = keys.create("journal")
    signature = keys.sign("journal", b"head")
    assert public.verify(b"head", signature)
    assert keys.verify("journal", b"head", signature)
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    assert (tmp_path / "keys/journal.pem").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["journal.pem"]
    assert FileKeys(tmp_path / "keys").public_key("journal") == public
    assert keys.key_ids() == ("journal",)


def test_a_key_is_never_overwritten(tmp_path):
    keys = FileKeys(tmp_path)
    public = keys.create("seal")
    with pytest.raises(KeyExists):
        keys.create("seal")
    assert keys.ensure("seal") == public


def test_a_race_for_a_new_key_has_one_winner(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: FileKeys(tmp_path).ensure("one").raw, range(16)))
    assert len(made) == 1


def test_a_key_file_that_others_may_read_is_not_used(tmp_path):
    FileKeys(tmp_path).create("seal")
    (tmp_path / "seal.pem").chmod(0o644)
    with pytest.raises(KeyExposed, match="chmod 600"):
        FileKeys(tmp_path).sign("seal", b"m")


def test_an_unknown_key_and_a_path_in_an_id_are_refused(tmp_path):
    with pytest.raises(KeyUnknown):
        FileKeys(tmp_path).sign("nobody", b"m")
    for key_id in ("../seal", "a/b", "", ".hidden", "A"):
        with pytest.raises(KeyIdMistyped):
            FileKeys(tmp_path).create(key_id)
