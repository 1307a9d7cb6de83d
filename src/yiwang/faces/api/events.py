"""Incidents from other systems as CloudEvents 1.0 over HTTP: structured, binary and in batches.

The key says who speaks. ``source`` and ``id`` name an event: the same again changes nothing.
"""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from yiwang.apps.casework import public as casework
from yiwang.faces.api.describe import described
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid
from yiwang.web.routes import PUBLIC, route

LARGEST = 4 * 1024 * 1024
MOST = 1000
TYPE = "yiwang.incident.reported"
BATCH, STRUCTURED = "application/cloudevents-batch+json", "application/cloudevents+json"

Short = Annotated[str, msgspec.Meta(max_length=120)]
Lon = Annotated[float, msgspec.Meta(ge=-180, le=180)]
Lat = Annotated[float, msgspec.Meta(ge=-90, le=90)]


class EventUnreadable(Invalid):
    """The body is no CloudEvent of the type that is taken in, or too many of them."""

    code = "api.event_unreadable"


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """``data`` of an event: what was seen."""

    kind: Short
    summary: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    object: Short = ""
    lon: Lon | None = None
    lat: Lat | None = None
    division: Annotated[str, msgspec.Meta(pattern=r"^\d{0,15}$")] = ""
    address: Annotated[str, msgspec.Meta(max_length=200)] = ""
    facts: dict[Short, str | float | bool | None] = msgspec.field(default_factory=dict)
    contact: dict[Short, Short] = msgspec.field(default_factory=dict)


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """A CloudEvent; attributes that are not named here are passed over, as the standard asks."""

    specversion: str
    id: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    source: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    type: str
    data: Sighting
    time: datetime | None = None
    datacontenttype: str = "application/json"


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an event."""

    id: str
    incident: str
    is_new: bool
    is_known: bool
    """It had been sent before and changed nothing."""


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """The outcomes, in the order of the events."""

    events: list[Outcome]


@csrf_exempt
@require_http_methods(["POST", "OPTIONS"])
@described(
    summary="其他系统上报事件（CloudEvents，单条或批量）",
    tag="事件",
    method="post",
    body=Event,
    answer=Taken,
    errors=(
        casework.IntakeKeyUnknown,
        casework.KindNotForKey,
        casework.IncidentKindUnknown,
        EventUnreadable,
    ),
    security=("key",),
)
def events(request: HttpRequest) -> HttpResponse:
    """Take events in, all or none; OPTIONS answers the standard's handshake."""
    if request.method == "OPTIONS":
        return _handshake(request)
    reporter = casework.reporter_of(
        request.headers.get("Authorization", "").removeprefix("Bearer ")
    )
    found = _events(request)
    for one in found:
        reporter.require(one.data.kind)
    now = system_clock()
    told = casework.report_signals(
        signals=[_signal(one, reporter.name, now) for one in found], actor=reporter.name, at=now
    )
    outcomes = [
        Outcome(id=one.id, incident=what.number, is_new=what.is_new, is_known=what.is_known)
        for one, what in zip(found, told, strict=True)
    ]
    return HttpResponse(
        msgspec.json.encode(Taken(events=outcomes)), content_type="application/json"
    )


def _handshake(request: HttpRequest) -> HttpResponse:
    """CloudEvents HTTP webhook: who asks may send; the key decides about each report."""
    answer = HttpResponse(status=200)
    answer.headers["Allow"] = "POST, OPTIONS"
    if origin := request.headers.get("WebHook-Request-Origin", ""):
        answer.headers["WebHook-Allowed-Origin"] = "".join(c for c in origin if " " < c <= "~")[
            :200
        ]
        answer.headers["WebHook-Allowed-Rate"] = "600"
    return answer


def _events(request: HttpRequest) -> list[Event]:
    if int(request.headers.get("Content-Length") or 0) > LARGEST:
        raise EventUnreadable("一次上报超过 4 MB。", hint="请分批上报。")
    kind = request.content_type
    try:
        if kind == BATCH:
            found = msgspec.json.decode(request.body, type=list[Event])
        elif kind == STRUCTURED:
            found = [msgspec.json.decode(request.body, type=Event)]
        else:
            found = [_binary(request)]
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise EventUnreadable(
            f"不是可接收的 CloudEvents 事件：{error}。", hint="格式见接口说明中的“事件”。"
        ) from error
    wrong = [one.id for one in found if one.specversion != "1.0" or one.type != TYPE]
    if wrong or not found or len(found) > MOST:
        raise EventUnreadable(
            f"事件的 specversion 应为 1.0、type 应为 {TYPE}，一次 1 至 {MOST} 条。",
            hint="检查后整批重发。",
        )
    return found


def _binary(request: HttpRequest) -> Event:
    """The attributes stand in headers, the data in the body."""
    attributes: dict[str, Any] = {
        name: request.headers[f"ce-{name}"]
        for name in ("specversion", "id", "source", "type", "time")
        if f"ce-{name}" in request.headers
    }
    attributes["data"] = msgspec.json.decode(request.body)
    return msgspec.convert(attributes, Event)


def _signal(one: Event, name: str, now: datetime) -> casework.NewSignal:
    data = one.data
    at = one.time if one.time is not None and one.time.tzinfo and one.time <= now else None
    return casework.NewSignal(
        kind=data.kind,
        source=name,
        summary=data.summary,
        object=data.object,
        lon=data.lon,
        lat=data.lat,
        division=data.division,
        facts=data.facts,
        address=data.address,
        channel="events",
        origin=f"{one.source}#{one.id}"[-120:],
        contact=data.contact,
        seen_at=at,
    )


routes = [route("events/v1", events, right=PUBLIC, name="events")]
