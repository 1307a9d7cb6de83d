"""The sharing gate over HTTP: `GET /gate/v1/pack.table?id_number=…&columns=a,b`.

A plain ASGI function without a framework; run it alone (`uvicorn yiwang.faces.api.gateway:app`)
or beside Django in `demo`. It only reads the request, hands it to `exchange.answer` in a small
pool of threads (the ORM is synchronous), and writes JSON, CSV or problem details.

Headers: `Authorization: Bearer <key>`, `X-Purpose` (UTF-8, percent-encoded or raw), `X-Case`.
"""

import asyncio
import csv
import io
import logging
import os
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec
from django.db import connections

from yiwang.apps.exchange import public as exchange
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid, NotFound, YiwangError
from yiwang.kernel.ids import new_id

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PREFIX = "/gate/v1/"
MOST_HEADERS, MOST_HEADER_BYTES, MOST_QUERY_BYTES, MOST_FIELDS = 64, 16_384, 4_096, 32
RESERVED = ("columns", "limit", "offset", "format")
_ONCE = ("authorization", "x-purpose", "x-case")

log = logging.getLogger("yiwang.gate")
_pool = ThreadPoolExecutor(
    max_workers=int(os.environ.get("YIWANG_GATE_THREADS", "8")), thread_name_prefix="gate"
)


class RequestTooLarge(Invalid):
    """The request line, its headers or its body are larger than the gate reads."""

    code = "api.request_too_large"
    status = 413


class RequestMalformed(Invalid):
    """The request cannot be read without guessing."""

    code = "api.request_malformed"
    status = 400


class MethodNotAllowed(Invalid):
    """The gate is read with GET only."""

    code = "api.method_not_allowed"
    status = 405


class NoSuchAddress(NotFound):
    """Nothing stands at this address of the gate."""

    code = "api.no_such_address"


async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request of the gate."""
    try:
        call, wants_csv = read(scope)
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(_pool, _answered, call)
        body, kind = (as_csv(answer), "text/csv; charset=utf-8") if wants_csv else as_json(answer)
        await _send(send, 200, kind, body, call=answer.call)
    except YiwangError as error:
        await _send_problem(send, scope, error)
    except Exception:
        number = new_id()
        log.exception("gate broken, number %s", number)
        broken = YiwangError(
            "网关出现故障，本次未答复。", hint="请稍后重试；如仍未恢复，请报告编号。", number=number
        )
        await _send_problem(send, scope, broken, status=500)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The gate as a server of its own; any other address is a problem, not a page."""
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    await gateway(scope, receive, send)


def _answered(call: exchange.Call) -> exchange.Answer:
    try:
        return exchange.answer(call, at=system_clock())
    except YiwangError:
        raise
    except Exception:
        connections.close_all()  # a broken connection must not serve the next call
        raise


def read(scope: Scope) -> tuple[exchange.Call, bool]:
    """The call that a request makes and whether CSV is wanted, or a refusal of the request."""
    if scope["method"] != "GET":
        raise MethodNotAllowed("网关只接受 GET 请求。", hint="请改用 GET。")
    headers = _headers(scope)
    path: str = scope["path"]
    table = path.removeprefix(PREFIX)
    if not path.startswith(PREFIX) or not table or "/" in table or len(path) > 200:
        raise NoSuchAddress("网关没有这个地址。", hint="地址形如 /gate/v1/包.表。")
    query = _query(scope)
    scheme, _, key = headers.get("authorization", "").partition(" ")
    call = exchange.Call(
        key=key.strip() if scheme.lower() == "bearer" else "",
        table=table,
        where={name: value for name, value in query.items() if name not in RESERVED},
        columns=tuple(name for name in query.get("columns", "").split(",") if name),
        purpose=unquote(headers.get("x-purpose", "")).strip(),
        case=unquote(headers.get("x-case", "")).strip(),
        limit=_number(query, "limit", 100),
        offset=_number(query, "offset", 0),
    )
    return call, _wants_csv(query, headers)


def _headers(scope: Scope) -> dict[str, str]:
    raw: Sequence[tuple[bytes, bytes]] = scope["headers"]
    if len(raw) > MOST_HEADERS or sum(len(n) + len(v) for n, v in raw) > MOST_HEADER_BYTES:
        raise RequestTooLarge("请求头过多或过大。", hint="请求头合计不超过 16 KB、64 项。")
    headers: dict[str, str] = {}
    for name_bytes, value in raw:
        name = name_bytes.decode("latin-1").lower()
        if name in headers and name in _ONCE:
            raise RequestMalformed(f"请求头 {name} 重复。", hint="每项只写一次。")
        try:
            headers[name] = value.decode("utf-8")
        except UnicodeDecodeError:
            if name in _ONCE:
                raise RequestMalformed(
                    f"请求头 {name} 不是 UTF-8。", hint="中文请用 UTF-8 百分号编码。"
                ) from None
    if headers.get("content-length", "0") != "0" or "transfer-encoding" in headers:
        raise RequestTooLarge("网关不接受请求正文。", hint="查询条件写在地址中。")
    return headers


def _query(scope: Scope) -> dict[str, str]:
    raw: bytes = scope["query_string"]
    if len(raw) > MOST_QUERY_BYTES:
        raise RequestTooLarge("查询条件过长。", hint="地址中的条件合计不超过 4 KB。")
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise RequestMalformed(
            "查询条件无法识别。", hint="请用 UTF-8 百分号编码，形如 id_number=…&columns=a,b。"
        ) from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise RequestMalformed("查询条件重复。", hint="每个条件只写一次。")
    return dict(pairs)


def _number(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise RequestMalformed(f"{name} 应为非负整数。", hint=f"例如 {name}={default}。")
    return int(text)


def _wants_csv(query: dict[str, str], headers: dict[str, str]) -> bool:
    wanted = query.get("format", "")
    if wanted not in ("", "json", "csv"):
        raise RequestMalformed("format 只能是 json 或 csv。", hint="例如 format=csv。")
    return wanted == "csv" or (not wanted and headers.get("accept", "").startswith("text/csv"))


def as_json(answer: exchange.Answer) -> tuple[bytes, str]:
    """The answer as JSON; decimals stay text, so that no digit is lost."""
    return msgspec.json.encode(answer), "application/json"


def as_csv(answer: exchange.Answer) -> bytes:
    """The rows as CSV (RFC 4180) with a header line."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(answer.columns)
    for row in answer.rows:
        writer.writerow(["" if row[name] is None else row[name] for name in answer.columns])
    return sheet.getvalue().encode()


async def _send_problem(
    send: Send, scope: Scope, error: YiwangError, *, status: int | None = None
) -> None:
    call = str(error.data.get("call", ""))
    problem = {
        "type": f"/api/docs/problems/#{error.code}",
        "title": error.message,
        "status": status or error.status,
        "code": error.code,
        "hint": error.hint,
        "instance": str(scope["path"])[:200] if not call else f"/steward/calls/{call}/",
        "data": error.data,
    }
    body = msgspec.json.encode(problem, enc_hook=str)
    await _send(send, status or error.status, "application/problem+json", body, call=call)


async def _send(send: Send, status: int, kind: str, body: bytes, *, call: str = "") -> None:
    headers = [
        (b"content-type", kind.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if call:
        headers.append((b"x-call", call.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
