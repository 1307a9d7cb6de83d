"""What changed about granted data since a moment, for the system that holds the grant's key."""

from datetime import datetime

import msgspec
from django.http import HttpRequest, HttpResponse

from yiwang.apps.exchange import public as exchange
from yiwang.faces.api.describe import described
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid
from yiwang.web.routes import PUBLIC, route


class SinceMistyped(Invalid):
    """``since`` is no instant with its offset."""

    code = "api.since_mistyped"


class Since(msgspec.Struct, frozen=True, kw_only=True):
    """From when: an instant with offset, exclusive; everything when left out."""

    since: str = ""


class ChangeOut(msgspec.Struct, frozen=True, kw_only=True):
    """One change: a correction names the caller's own calls that held the wrong value."""

    number: int
    kind: str
    table: str
    column: str
    reference: str
    calls: list[str]
    text: str
    at: datetime


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """Changes, oldest first; ask again with ``until`` as ``since``."""

    changes: list[ChangeOut]
    until: str


@described(
    summary="自某时起所用数据的更正与更新（凭授权密钥）",
    tag="共享",
    query=Since,
    answer=Changes,
    errors=(exchange.KeyNotInForce, SinceMistyped),
    security=("key",),
)
def changes(request: HttpRequest) -> HttpResponse:
    """No personal value is told: whoever called knows from its own call whom it was about."""
    text = request.GET.get("since", "")
    found = exchange.changes_since(
        request.headers.get("Authorization", "").removeprefix("Bearer "),
        since=_instant(text),
        at=system_clock(),
    )
    names = ("number", "kind", "table", "column", "reference", "text", "at")
    answer = Changes(
        changes=[
            ChangeOut(**{name: getattr(one, name) for name in names}, calls=list(one.calls))
            for one in found
        ],
        until=found[-1].at.isoformat() if found else text,
    )
    return HttpResponse(msgspec.json.encode(answer), content_type="application/json")


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise _mistyped() from error
    if found.tzinfo is None:
        raise _mistyped()
    return found


def _mistyped() -> SinceMistyped:
    return SinceMistyped("since 不是带时区的时间。", hint="写成 2026-11-02T09:00:00+08:00。")


routes = [route("sharing/v1/changes", changes, right=PUBLIC, name="changes")]
