"""Rows by HTTP: a department's system pushes changed rows of its feed with a key."""

import msgspec
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.faces.api.describe import described
from yiwang.kernel.errors import Invalid
from yiwang.web.routes import PUBLIC, route

LARGEST_PUSH = 32 * 1024 * 1024
"""Bytes: some two hundred thousand rows."""


class PushTooLarge(Invalid):
    """More rows were pushed at once than one delivery may hold."""

    code = "api.push_too_large"
    status = 413


class Pushed(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a delivery: ``read`` = ``accepted`` + ``rejected`` once it is loaded."""

    run: str
    state: str
    read: int = 0
    accepted: int = 0
    rejected: int = 0
    reasons: tuple[str, ...] = ()


class Delivery(msgspec.Struct, frozen=True, kw_only=True, rename={"name": "Idempotency-Key"}):
    """The delivery's own name: the same again is the same load."""

    name: str


def _key(request: HttpRequest) -> str:
    return request.headers.get("Authorization", "").removeprefix("Bearer ")


def _answer(load: catalog.LoadView, status: int) -> HttpResponse:
    told = Pushed(
        run=load.run,
        state=load.state,
        read=load.read,
        accepted=load.accepted,
        rejected=load.rejected,
        reasons=load.reasons,
    )
    return HttpResponse(msgspec.json.encode(told), content_type="application/json", status=status)


@csrf_exempt
@require_POST
@described(
    summary="推送归集数据（CSV，或 JSON 对象的列表）",
    tag="归集",
    method="post",
    headers=Delivery,
    body=list[dict[str, str]],
    answer=Pushed,
    errors=(
        catalog.PushKeyUnknown,
        catalog.DeliveryUnnamed,
        catalog.DeliveryDiffers,
        catalog.RowsUnreadable,
        PushTooLarge,
    ),
    security=("key",),
)
def push(request: HttpRequest, ref: str) -> HttpResponse:
    """Keep the rows and have them loaded; answers 202 at once, the same again answers the same."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST_PUSH:
        raise PushTooLarge("一次推送的数据超过 32 MB。", hint="请分批推送，每批用自己的编号。")
    load = catalog.push_rows(
        ref,
        key=_key(request),
        delivery=request.headers.get("Idempotency-Key", ""),
        body=request.body,
        is_json=request.content_type == "application/json",
        at=timezone.now(),
    )
    return _answer(load, 202)


@described(
    summary="推送的数据办得怎样了",
    tag="归集",
    answer=Pushed,
    errors=(catalog.PushKeyUnknown, catalog.LoadUnknown),
    security=("key",),
)
def pushed(request: HttpRequest, ref: str, run: str) -> HttpResponse:
    """The counts of a delivery once it is loaded, or why it waits."""
    return _answer(catalog.pushed_load(ref, key=_key(request), run=run), 200)


routes = [
    route("feeds/<str:ref>/rows", push, right=PUBLIC, name="push_rows"),
    route("feeds/<str:ref>/loads/<str:run>", pushed, right=PUBLIC, name="pushed_load"),
]
