"""签名请求: HTTP message signatures (RFC 9421) as the gate reads them, pure.

One form is understood, and all of it is required: the method, the path, the query, the digest of a
body if there is one (RFC 9530), the declared purpose and case, the time of signing and a number
used once. Whatever is not covered could be changed on the way, so a signature that leaves one of
them out is malformed. Keys are Ed25519 or SM2 (with SM3 and the default signer id).
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from yiwang.apps.exchange.gate import Proof
from yiwang.kernel.crypto import PublicKey
from yiwang.kernel.errors import Invalid

WINDOW = timedelta(minutes=5)
"""How far the caller's clock may be off, and how long a number used once is remembered."""
ALGORITHMS = {"ed25519": "ed25519", "sm2": "sm2-sm3"}
_DERIVED = {"@method", "@path", "@query", "@authority"}
_ALWAYS = {"@method", "@path", "@query"}
_SIGNED_HEADERS = ("x-purpose", "x-case", "x-system", "idempotency-key", "content-digest")
_INPUT = re.compile(r'([a-z][a-z0-9_-]{0,30})=\(((?:"[a-z0-9@-]+"(?: |(?=\))))+)\)((?:;[^,]*)?)')
_PARAMETER = re.compile(
    r';(created|expires)=(\d{1,12})|;(nonce|keyid|alg|tag)="([A-Za-z0-9_./+=:-]{1,128})"'
)
_SIGNATURE = re.compile(r"([a-z][a-z0-9_-]{0,30})=:([A-Za-z0-9+/]+={0,2}):")
_DIGEST = re.compile(r"sha-256=:([A-Za-z0-9+/]+={0,2}):")


class PublicKeyUnreadable(Invalid):
    """What was entered is neither an Ed25519 nor an SM2 public key in PEM."""

    code = "exchange.public_key_unreadable"


@dataclass(frozen=True)
class Request:
    """The parts of a request that can be signed; ``headers`` have lower-case names."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Signed:
    """A signature as it was read; ``base`` is the text that must have been signed."""

    keyid: str
    nonce: str
    created: datetime
    expires: datetime | None
    algorithm: str
    base: bytes
    signature: bytes

    @property
    def until(self) -> datetime:
        """When its number may be forgotten: the signature is too old by then."""
        return self.created + 2 * WINDOW


@dataclass(frozen=True)
class Malformed:
    """A signature that cannot be read, with the key it names if it names one."""

    keyid: str = ""


def read(request: Request) -> Signed | Malformed | None:
    """The signature of a request; None when it has none."""
    given = request.headers.get("signature-input", ""), request.headers.get("signature", "")
    if given == ("", ""):
        return None
    announced, carried = _INPUT.fullmatch(given[0]), _SIGNATURE.fullmatch(given[1])
    if not announced or not carried or announced[1] != carried[1]:
        return Malformed()
    parameters = _parameters(announced[3])
    if parameters is None or not {"created", "nonce", "keyid"} <= parameters.keys():
        return Malformed()
    names = announced[2].replace('"', "").split()
    base = _base(request, names, f"({announced[2]}){announced[3]}")
    if base is None or not _covers(request, names) or len(parameters["nonce"]) > 64:
        return Malformed(parameters["keyid"])
    try:
        return Signed(
            keyid=parameters["keyid"],
            nonce=parameters["nonce"],
            created=_instant(parameters["created"]),
            expires=_instant(parameters["expires"]) if "expires" in parameters else None,
            algorithm=parameters.get("alg", ""),
            base=base,
            signature=base64.b64decode(carried[2]),
        )
    except (ValueError, OverflowError, OSError):  # an instant of no year, or no base64
        return Malformed(parameters["keyid"])


def examine(signed: Signed | Malformed, *, kind: str, public: str, at: datetime) -> Proof:
    """Whether the key behind ``public`` made this signature, within the window around ``at``."""
    if isinstance(signed, Malformed) or kind not in ALGORITHMS:
        return Proof("signed", "malformed")
    if signed.algorithm not in ("", ALGORITHMS[kind]):
        return Proof("signed", "malformed")
    late = signed.expires is not None and at >= signed.expires
    if late or abs(at - signed.created) > WINDOW:
        return Proof("signed", "expired")
    if not _fits(kind, public, signed):
        return Proof("signed", "forged")
    return Proof("signed")


def kind_of(public: str) -> str:
    """Which kind of key a PEM text holds, or ``PublicKeyUnreadable``."""
    try:
        if isinstance(load_pem_public_key(public.encode()), Ed25519PublicKey):
            return "ed25519"
    except Exception:  # noqa: S110 - cryptography knows no SM2: the other reader decides
        pass
    try:
        PublicKey.from_pem(public)
    except Exception as error:
        raise PublicKeyUnreadable(
            "公钥无法识别。",
            hint="请提供 Ed25519 或 SM2 公钥的 PEM（-----BEGIN PUBLIC KEY-----）。",
        ) from error
    return "sm2"


def base_of(request: Request, names: list[str], parameters: str) -> bytes:
    """The text to sign, for a caller: ``parameters`` begin with ``;created=…``."""
    listed = " ".join(f'"{name}"' for name in names)
    base = _base(request, names, f"({listed}){parameters}")
    assert base is not None
    return base


def content_digest(body: bytes) -> str:
    """The header ``Content-Digest`` of a body."""
    return f"sha-256=:{base64.b64encode(hashlib.sha256(body).digest()).decode()}:"


def _instant(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)


def _fits(kind: str, public: str, signed: Signed) -> bool:
    if kind == "sm2":
        return PublicKey.from_pem(public).verify(signed.base, signed.signature)
    key = load_pem_public_key(public.encode())
    assert isinstance(key, Ed25519PublicKey)
    try:
        key.verify(signed.signature, signed.base)
    except InvalidSignature:
        return False
    return True


def _parameters(text: str) -> dict[str, str] | None:
    found = {one[1] or one[3]: one[2] or one[4] for one in _PARAMETER.finditer(text)}
    whole = "".join(one[0] for one in _PARAMETER.finditer(text))
    return found if whole == text and text.count(";") == len(found) else None


def _covers(request: Request, names: list[str]) -> bool:
    """Everything that says what is asked, by whom and what for, is under the signature."""
    sent = {name for name in _SIGNED_HEADERS if name in request.headers}
    if len(set(names)) != len(names) or not (_ALWAYS | sent) <= set(names):
        return False
    if not request.body:
        return "content-digest" not in request.headers
    digest = _DIGEST.fullmatch(request.headers.get("content-digest", ""))
    return bool(digest) and content_digest(request.body) == request.headers["content-digest"]


def _base(request: Request, names: list[str], parameters: str) -> bytes | None:
    lines = []
    for name in names:
        value = _component(request, name)
        if value is None:
            return None
        lines.append(f'"{name}": {value}')
    lines.append(f'"@signature-params": {parameters}')
    return "\n".join(lines).encode()


def _component(request: Request, name: str) -> str | None:
    if name not in _DERIVED:
        value = None if name.startswith("@") else request.headers.get(name)
        return value.strip() if value is not None else None
    if name == "@query":
        return f"?{request.query}"
    if name == "@authority":
        return request.headers.get("host", "").lower()
    return request.method if name == "@method" else request.path
