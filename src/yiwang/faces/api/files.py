"""A whole file by machine: every table about one person or firm that the caller holds a grant on.

Each table goes through the gate by its own grant and key: right, purpose, quota, mask and record
are the gate's, so this address can show nothing that a call to the gate would not.
"""

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from urllib.parse import unquote

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.faces.api.describe import described
from yiwang.faces.api.gate import GateHeaders
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid, NotAllowed
from yiwang.kernel.identifiers import gbt11643, uscc
from yiwang.web.routes import PUBLIC, route

MOST_KEYS, LARGEST = 60, 16_384


class FileRequestMalformed(Invalid):
    """The body is not the JSON of a file request: kind, number and the keys of the grants."""

    code = "api.file_request_malformed"
    status = 400


class FileRefused(NotAllowed):
    """No key opens any table about this subject; ``refused`` says why, key by key."""

    code = "api.file_refused"


class FileRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose file, and the keys of the grants to open it by; numbers stay out of addresses."""

    kind: Literal["person", "firm"]
    number: Annotated[str, msgspec.Meta(max_length=40)]
    keys: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=MOST_KEYS)]


class FileSection(msgspec.Struct, frozen=True, kw_only=True):
    """What one table holds; ``call`` and ``receipt`` are the record of this very look."""

    table: str
    title: str
    organ: str
    columns: dict[str, str]
    masked: tuple[str, ...]
    rows: list[dict[str, Any]]
    call: str
    receipt: str


class FileRefusal(msgspec.Struct, frozen=True, kw_only=True):
    """A key that opened nothing, by its place in the request, and why."""

    key: int
    table: str
    reason: str
    detail: str
    call: str = ""


class FileOut(msgspec.Struct, frozen=True, kw_only=True):
    """The file: a section for each table that a key opened, refusals for the others."""

    kind: str
    sections: list[FileSection]
    refused: list[FileRefusal]


@csrf_exempt
@require_POST
@described(
    summary="一人一档、一企一档：按持有的授权取回某一主体的全部数据",
    tag="共享",
    method="post",
    description="逐表经共享网关：每把密钥对应一项授权，用途须与授权一致；每次调用先留痕后答复。",
    headers=GateHeaders,
    body=FileRequest,
    answer=FileOut,
    errors=(FileRequestMalformed, FileRefused),
    security=(),
)
def whole_file(request: HttpRequest) -> HttpResponse:
    """Every table about the subject that the given keys open, each through the gate."""
    asked = _asked(request)
    purpose = unquote(request.headers.get("X-Purpose", ""))
    case = request.headers.get("X-Case", "")
    found: list[FileSection | FileRefusal] = list(_opened(asked, purpose, case))
    answer = FileOut(
        kind=asked.kind,
        sections=[one for one in found if isinstance(one, FileSection)],
        refused=[one for one in found if isinstance(one, FileRefusal)],
    )
    if not answer.sections:
        raise FileRefused(
            "所给的密钥没有一把能打开这一主体的数据。",
            hint="核对密钥、用途和办件编号；每项拒绝的原因见 refused。",
            refused=[msgspec.to_builtins(one) for one in answer.refused],
        )
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json")


def _asked(request: HttpRequest) -> FileRequest:
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        raise FileRequestMalformed("请求正文超过 16 KB。", hint=f"一次最多 {MOST_KEYS} 把密钥。")
    try:
        asked = msgspec.json.decode(request.body, type=FileRequest)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise FileRequestMalformed(
            "请求正文不是 kind、number、keys 组成的 JSON。", hint="格式见接口文档。"
        ) from error
    number = asked.number.strip().upper()
    if asked.kind == "person":
        number = gbt11643.check(number).text
    else:
        uscc.check(number)
    return msgspec.structs.replace(asked, number=number)


def _opened(asked: FileRequest, purpose: str, case: str) -> Iterator[FileSection | FileRefusal]:
    tables = {one.ref: one for one in catalog.tables_about(asked.kind)}
    for place, key in enumerate(asked.keys):
        opens = exchange.opened_by(key)
        table = tables.get(opens.table if opens else "")
        if opens is not None and (table is None or table.subject_column not in opens.lookup):
            detail = "这项授权的数据表不按此类主体查询。"
            yield FileRefusal(key=place, table=opens.table, reason="other_subject", detail=detail)
            continue
        call = exchange.Call(
            key=key,
            table=opens.table if opens else "",
            where={table.subject_column: asked.number} if table else {},
            columns=opens.columns if opens else (),
            purpose=purpose,
            case=case,
        )
        yield _section(call, table, place)


def _section(
    call: exchange.Call, table: catalog.AboutTable | None, place: int
) -> FileSection | FileRefusal:
    try:
        answer = exchange.answer(call, at=system_clock())
    except exchange.CallRefused as refusal:
        return FileRefusal(
            key=place,
            table=call.table,
            reason=str(refusal.data.get("reason", "")),
            detail=refusal.message,
            call=str(refusal.data.get("call", "")),
        )
    assert table is not None  # without its grant the gate refuses
    titles = {column.name: column.title for column in table.columns}
    return FileSection(
        table=answer.table,
        title=table.title,
        organ=table.organ,
        columns={name: titles.get(name, name) for name in answer.columns},
        masked=answer.masked,
        rows=answer.rows,
        call=answer.call,
        receipt=answer.receipt,
    )


routes = [route("files/v1/file", whole_file, right=PUBLIC, name="whole_file")]
