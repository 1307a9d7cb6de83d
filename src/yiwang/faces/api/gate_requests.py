"""Reading a request of the gate: nothing is guessed, and what is too large is not read at all."""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

import msgspec

from yiwang.apps.exchange import public as exchange
from yiwang.kernel.errors import Invalid, NotFound

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PREFIX = "/gate/v1/"
MOST_HEADERS, MOST_HEADER_BYTES, MOST_QUERY_BYTES, MOST_FIELDS = 64, 16_384, 4_096, 32
MOST_BODY_BYTES = 65_536
RESERVED = ("columns", "limit", "offset", "format", "filter", "sort", "since")
FORMATS = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "arrow": "application/vnd.apache.arrow.stream",
    "parquet": "application/vnd.apache.parquet",
}
_ACCEPTED = {kind.partition(";")[0]: name for name, kind in FORMATS.items()}
_ONCE = frozenset(
    "authorization x-purpose x-case x-system host content-length transfer-encoding content-type "
    "signature signature-input content-digest idempotency-key".split()
)
_OPERATIONS = ("file", "changes")


class RequestTooLarge(Invalid):
    """The request line, its headers or its body are larger than the gate reads."""

    code = "api.request_too_large"
    status = 413


class RequestMalformed(Invalid):
    """The request cannot be read without guessing."""

    code = "api.request_malformed"
    status = 400


class MethodNotAllowed(Invalid):
    """The gate is read with GET, or with POST where the conditions stand in the body."""

    code = "api.method_not_allowed"
    status = 405


class NoSuchAddress(NotFound):
    """Nothing stands at this address of the gate."""

    code = "api.no_such_address"


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a POST asks for: conditions that had better not stand in an address."""

    where: dict[str, str] = {}
    keys: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    filter: str = ""
    sort: tuple[str, ...] = ()
    limit: int = 100
    offset: int = 0
    format: str = ""
    since: str = ""


_body_decoder = msgspec.json.Decoder(Body)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it was understood."""

    call: exchange.Call
    format: str
    signed: Any

    @property
    def is_file(self) -> bool:
        """Whether many rows are asked for, part by part."""
        return self.call.form in ("file", "changes")


def body_expected(scope: Scope) -> int:
    """How many bytes of body the request announces; more than the gate reads is refused."""
    if scope["method"] not in ("GET", "POST"):
        raise MethodNotAllowed("网关只接受 GET 和 POST 请求。", hint="请改用 GET。")
    headers = _headers(scope)
    announced = headers.get("content-length", "0")
    if "transfer-encoding" in headers or not announced.isdigit() or len(announced) > 9:
        raise RequestTooLarge("请求正文须注明长度。", hint="请用 Content-Length，不要分块。")
    if int(announced) > (MOST_BODY_BYTES if scope["method"] == "POST" else 0):
        raise RequestTooLarge(
            "请求正文过大，或 GET 带了正文。",
            hint="查询条件写在地址中；批量条件用 POST，不超过 64 KB。",
        )
    return int(announced)


def read(scope: Scope, body: bytes = b"") -> Asked:
    """The call that a request makes, or a refusal of the request."""
    headers = _headers(scope)
    table, form = _address(scope["path"])
    query = _query(scope)
    given = _given(query) if scope["method"] == "GET" else _posted(query, headers, body)
    scheme, _, key = headers.get("authorization", "").partition(" ")
    signed = _signature(scope, headers, body) if "signature-input" in headers else None
    if signed is None and scheme.lower() != "bearer":
        key = ""
    call = exchange.Call(
        key=signed.keyid if signed else key.strip(),
        table=table,
        where=given.where,
        columns=given.columns,
        purpose=_declared(headers.get("x-purpose", "")),
        case=_plain(headers.get("x-case", "")),
        limit=given.limit,
        offset=given.offset,
        form=form,  # type: ignore[arg-type] # one of the operations
        keys=given.keys,
        filter=given.filter,
        sort=given.sort,
        since=_since(given, form),
        system=_declared(headers.get("x-system", "")),
        retry=_retry(headers),
        size=len(scope["query_string"]) + len(body) + scope["yiwang.headers_size"],
    )
    return Asked(call, _format(given.format, headers, form), signed)


def _signature(scope: Scope, headers: Mapping[str, str], body: bytes) -> Any:
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    path, query = raw_path.decode("latin-1"), scope["query_string"].decode("latin-1")
    return exchange.read_signature(
        exchange.SignableRequest(scope["method"], path, query, headers, body)
    )


def _address(path: str) -> tuple[str, str]:
    if not path.startswith(PREFIX) or len(path) > 200:
        raise NoSuchAddress("网关没有这个地址。", hint="地址形如 /gate/v1/包.表。")
    table, _, rest = path.removeprefix(PREFIX).partition("/")
    if not table or (rest and rest not in _OPERATIONS):
        raise NoSuchAddress("网关没有这个地址。", hint="地址形如 /gate/v1/包.表。")
    return table, rest


def _headers(scope: Scope) -> dict[str, str]:
    if "yiwang.headers" in scope:
        found: dict[str, str] = scope["yiwang.headers"]
        return found
    raw: Sequence[tuple[bytes, bytes]] = scope["headers"]
    size = sum([len(name) + len(value) + 4 for name, value in raw])
    if len(raw) > MOST_HEADERS or size > MOST_HEADER_BYTES:
        raise RequestTooLarge("请求头过多或过大。", hint="请求头合计不超过 16 KB、64 项。")
    headers: dict[str, str] = {}
    for name_bytes, value in raw:
        name = _header_name(name_bytes)
        if name in headers and name in _ONCE:
            raise RequestMalformed(f"请求头 {name} 重复。", hint="每项只写一次。")
        try:
            headers[name] = value.decode("utf-8")
        except UnicodeDecodeError:
            if name in _ONCE:
                raise RequestMalformed(
                    f"请求头 {name} 不是 UTF-8。", hint="中文请用 UTF-8 百分号编码。"
                ) from None
    scope["yiwang.headers"], scope["yiwang.headers_size"] = headers, size
    return headers


@lru_cache(512)
def _header_name(name: bytes) -> str:
    return name.decode("latin-1").lower()


def _query(scope: Scope) -> dict[str, str]:
    raw: bytes = scope["query_string"]
    if len(raw) > MOST_QUERY_BYTES:
        raise RequestTooLarge("查询条件过长。", hint="地址中的条件合计不超过 4 KB。")
    try:
        text = raw.decode("ascii")
        pairs = _pairs(text) if text else []
    except ValueError:  # a wrong encoding among them
        raise RequestMalformed(
            "查询条件无法识别。", hint="请用 UTF-8 百分号编码，形如 id_number=…&columns=a,b。"
        ) from None
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RequestMalformed("查询条件重复。", hint="每个条件只写一次。")
    return found


def _pairs(text: str) -> list[tuple[str, str]]:
    parts = [part.partition("=") for part in text.split("&")]
    if len(parts) > MOST_FIELDS or not all(equals for _, equals, _ in parts):
        raise ValueError
    if "%" not in text and "+" not in text:
        return [(name, value) for name, _, value in parts]
    return [
        (_decoded(name), _decoded_list(value) if name in ("columns", "sort") else _decoded(value))
        for name, _, value in parts
    ]


def _decoded(text: str) -> str:
    """A part of a query without its percent signs; what is no UTF-8 is a ``ValueError``."""
    if "%" not in text and "+" not in text:
        return text
    return unquote(text.replace("+", " "), errors="strict")


_decoded_list = lru_cache(512)(_decoded)
"""Lists of columns, of which there are few; values of conditions are never remembered."""


def _plain(text: str) -> str:
    return (unquote(text) if "%" in text else text).strip()


_declared = lru_cache(512)(_plain)
"""Purposes and systems, of which there are few."""


def _given(query: Mapping[str, str]) -> Body:
    return Body(
        where={name: value for name, value in query.items() if name not in RESERVED},
        columns=_listed(query, "columns"),
        filter=query.get("filter", ""),
        sort=_listed(query, "sort"),
        limit=_number(query, "limit", 100),
        offset=_number(query, "offset", 0),
        format=query.get("format", ""),
        since=query.get("since", ""),
    )


def _posted(query: Mapping[str, str], headers: Mapping[str, str], body: bytes) -> Body:
    if query:
        raise RequestMalformed("POST 的条件应写在正文中。", hint="请去掉地址中的查询条件。")
    if headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise RequestMalformed("正文应为 JSON。", hint="Content-Type: application/json。")
    try:
        given = _body_decoder.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise RequestMalformed(
            "正文不是可识别的 JSON。", hint='形如 {"keys": ["…"], "columns": ["name"]}。'
        ) from None
    if not (0 <= given.limit < 10**9 and 0 <= given.offset < 10**9):
        raise RequestMalformed("limit 与 offset 应为非负整数。", hint="例如 100 与 0。")
    return given


def _listed(query: Mapping[str, str], name: str) -> tuple[str, ...]:
    text = query.get(name)
    return tuple([one for one in text.split(",") if one]) if text else ()


def _number(query: Mapping[str, str], name: str, default: int) -> int:
    text = query.get(name)
    if text is None:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise RequestMalformed(f"{name} 应为非负整数。", hint=f"例如 {name}={default}。")
    return int(text)


def _since(given: Body, form: str) -> str:
    if form == "changes" and not given.since:
        raise RequestMalformed(
            "缺少参数 since。", hint="since 是上次文件的 X-Snapshot；还没有文件的，请先取 /file。"
        )
    return given.since


def _retry(headers: Mapping[str, str]) -> str:
    token = headers.get("idempotency-key", "").strip().strip('"')
    if len(token) > 80 or not token.isprintable():
        raise RequestMalformed("Idempotency-Key 过长。", hint="不超过 80 个可见字符，如 UUID。")
    return token


def _format(wanted: str, headers: Mapping[str, str], form: str) -> str:
    if not wanted:
        wanted = _ACCEPTED.get(headers.get("accept", "").partition(";")[0], "json")
    known = FORMATS if form else ("json", "csv")
    if wanted not in known:
        raise RequestMalformed(
            f"format 只能是 {'、'.join(known)}。",
            hint="arrow 与 parquet 请用 /file 或 /changes。",
        )
    return wanted
