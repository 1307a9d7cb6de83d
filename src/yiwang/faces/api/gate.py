"""What the sharing gateway takes and answers, for the OpenAPI document (it is no Django route)."""

from typing import Annotated, Any

import msgspec

from yiwang.apps.exchange import public as exchange
from yiwang.faces.api import describe, gate_files, gate_requests, gateway
from yiwang.faces.api.describe import Described
from yiwang.kernel.errors import YiwangError


class GateQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Beside these, each lookup column of the table by its name (``id_number=…``)."""

    columns: Annotated[str, msgspec.Meta(description="逗号分隔的授权字段；不写为全部")] = ""
    filter: Annotated[str, msgspec.Meta(description="按页读取时的条件，只用不脱敏的字段")] = ""
    sort: Annotated[str, msgspec.Meta(description="逗号分隔的字段，-字段 为降序")] = ""
    limit: Annotated[int, msgspec.Meta(description="最多返回几行")] = 100
    offset: Annotated[int, msgspec.Meta(description="跳过几行")] = 0
    format: Annotated[str, msgspec.Meta(description="json 或 csv")] = "json"


class FileQuery(msgspec.Struct, frozen=True, kw_only=True):
    """What a file holds and in which form."""

    columns: Annotated[str, msgspec.Meta(description="逗号分隔的字段；不写为全部")] = ""
    filter: Annotated[str, msgspec.Meta(description="条件，只用不脱敏的字段")] = ""
    format: Annotated[str, msgspec.Meta(description="json、csv、arrow 或 parquet")] = "json"


class ChangesQuery(FileQuery, frozen=True, kw_only=True):
    """A file of what is new since a snapshot."""

    since: Annotated[str, msgspec.Meta(description="上次文件的 X-Snapshot")]


class GateHeaders(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """Who asks, what for, in which case."""

    x_purpose: Annotated[str, msgspec.Meta(description="用途，须与授权一致")]
    x_case: Annotated[str, msgspec.Meta(description="办件编号，授权要求时必填")] = ""
    x_system: Annotated[str, msgspec.Meta(description="使用系统，授权限定时须一致")] = ""
    idempotency_key: Annotated[str, msgspec.Meta(description="重试标识：再答复，不重复计数")] = ""


REFUSALS: tuple[type[YiwangError], ...] = (
    gate_requests.RequestMalformed,
    gate_requests.RequestTooLarge,
    gateway.RequestTooSlow,
    gate_files.TooManyFiles,
    gate_requests.NoSuchAddress,
    exchange.CallRefused,
)


def _operation(path: str, name: str, summary: str, description: str, **more: Any) -> Described:
    return describe.outside(
        path,
        name=name,
        summary=summary,
        tag="共享网关",
        description=description,
        headers=GateHeaders,
        errors=REFUSALS,
        security=("key",),
        **more,
    )


GATE = (
    _operation(
        "/gate/v1/{table}",
        "gate",
        "经共享网关按授权查询一张表（包.表）",
        "每次调用先留痕后答复；字段按分级遮盖，答复附调用编号。来源无应答而授权允许旧答复时，"
        'stale 与 X-Stale 注明时间。批量查询用 POST，正文如 {"keys": ["…"]}。',
        query=GateQuery,
        answer=exchange.Answer,
    ),
    _operation(
        "/gate/v1/{table}/file",
        "gate_file",
        "按授权取整张表的文件",
        "分段传输，带水印；X-Snapshot 是文件所依据的快照。授权在传输中撤回即中断。",
        query=FileQuery,
    ),
    _operation(
        "/gate/v1/{table}/changes",
        "gate_changes",
        "按授权取某个快照以来的变化",
        "列 _change 说明是新增（added）、变更（changed）还是删除（removed）。",
        query=ChangesQuery,
    ),
)
