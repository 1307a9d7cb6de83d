"""What the sharing gateway takes and answers, for the OpenAPI document (it is no Django route)."""

from typing import Annotated

import msgspec

from yiwang.apps.exchange import public as exchange
from yiwang.faces.api import describe, gateway
from yiwang.kernel.errors import YiwangError


class GateQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Beside these, each lookup column of the table by its name (``id_number=…``)."""

    columns: Annotated[str, msgspec.Meta(description="逗号分隔的字段，须在授权之内")]
    limit: Annotated[int, msgspec.Meta(description="最多返回几行")] = 100
    offset: Annotated[int, msgspec.Meta(description="跳过几行")] = 0
    format: Annotated[str, msgspec.Meta(description="json 或 csv")] = "json"


class GateHeaders(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    """Who asks, what for, in which case."""

    x_purpose: Annotated[str, msgspec.Meta(description="用途，须与授权一致")]
    x_case: Annotated[str, msgspec.Meta(description="办件编号，授权要求时必填")] = ""


REFUSALS: tuple[type[YiwangError], ...] = (
    gateway.RequestMalformed,
    gateway.RequestTooLarge,
    gateway.NoSuchAddress,
    exchange.CallRefused,
)

GATE = describe.outside(
    "/gate/v1/{table}",
    name="gate",
    summary="经共享网关按授权查询一张表（包.表）",
    tag="共享网关",
    description="每次调用先留痕后答复；字段按分级遮盖，答复附调用编号。",
    query=GateQuery,
    headers=GateHeaders,
    answer=exchange.Answer,
    errors=REFUSALS,
    security=("key",),
)
