"""Readings by HTTP: a device with its token posts one JSON object a line."""

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from yiwang.apps.sensing import public as sensing
from yiwang.faces.api.describe import described
from yiwang.kernel.errors import Invalid
from yiwang.packkit.current import current_library
from yiwang.web.routes import PUBLIC, route

LARGEST_BODY = 4 * 1024 * 1024
"""Bytes: about forty thousand readings."""


class BodyTooLarge(Invalid):
    """More was posted at once than the intake takes."""

    code = "api.body_too_large"
    status = 413


class TakenIn(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the lines: each is in exactly one of the counts."""

    accepted: int
    late: int
    duplicate: int
    quarantined: dict[str, int]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One reading: when it was observed (with offset) and the value in the stream's unit."""

    at: str
    value: float


@csrf_exempt
@require_POST
@described(
    summary="设备上报读数（每行一个 JSON）",
    tag="感知",
    method="post",
    body=Line,
    answer=TakenIn,
    errors=(sensing.DeviceNotRecognized, BodyTooLarge),
    security=("key",),
)
def readings(request: HttpRequest) -> HttpResponse:
    """Take the lines in as the token's device; the token says who speaks, not the body."""
    device = sensing.device_of(request.headers.get("Authorization", "").removeprefix("Bearer "))
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        raise BodyTooLarge("一次上报的数据超过 4 MB。", hint="请分批上报。")
    lines = [line for line in request.body.split(b"\n") if line.strip()]
    taken = sensing.intake(
        [sensing.Message(device, line) for line in lines],
        library=current_library(settings.PACKS, settings.PLACE, settings.HOME),
        at=timezone.now(),
    )
    answer = TakenIn(
        accepted=taken.accepted,
        late=taken.late,
        duplicate=taken.duplicate,
        quarantined=dict(taken.quarantined),
    )
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json")


routes = [route("sensing/v1/readings", readings, right=PUBLIC, name="readings")]
