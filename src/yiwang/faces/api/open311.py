"""Open311 GeoReport v2: services, their definitions, requests and tokens, as JSON and XML.

Reading is open to anybody and says neither who reported nor what they wrote; filing needs the
key of a system (``api_key``). Beyond the standard: ``page`` and ``page_size`` (as many cities
have them), ``signal_token`` in the answer to a report, places rounded to about a hundred metres.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.faces.api.describe import described
from yiwang.faces.api.open311_words import (
    REFUSALS,
    Filing,
    Reading,
    ServiceDefinition,
    definition_of,
    service_of,
)
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid, NotFound, YiwangError
from yiwang.web.routes import PUBLIC, route
from yiwang.web.shell import place

MEDIA_NOT_FETCHED = (
    "media_url 的文件没有取：本平台不访问来件给出的地址（那等于让外人指使平台访问内网）；"
    "地址已记入事件，由经办人核实。"
)
SPAN = timedelta(days=90)
MOST = 200


class FormatUnknown(NotFound):
    """Answers come as ``json`` or ``xml``."""

    code = "api.format_unknown"


class ServiceUnknown(NotFound):
    """No service has this code."""

    code = "api.service_unknown"


class RequestMistyped(Invalid):
    """A parameter of the request cannot be read."""

    code = "api.request_mistyped"


def _answered(view: Any) -> Any:
    """The view's value in the format of the address; a refusal in the standard's own shape."""

    def answer(request: HttpRequest, form: str, **parts: str) -> HttpResponse:
        if form not in ("json", "xml"):
            error = FormatUnknown("只有 json 和 xml 两种格式。", hint="把地址写成 .json 或 .xml。")
            return _written("json", "errors", "error", [_fault(error)], error.status)
        try:
            names, found, status = view(request, **parts)
        except YiwangError as refusal:
            return _written(form, "errors", "error", [_fault(refusal)], refusal.status)
        return _written(form, names[0], names[1], found, status)

    answer.__doc__, answer.__name__ = view.__doc__, view.__name__
    return answer


def _fault(error: YiwangError) -> dict[str, Any]:
    return {"code": error.status, "description": f"{error.message}{error.hint}"}


def _written(form: str, whole: str, part: str, found: Any, status: int) -> HttpResponse:
    if form == "json":
        body = msgspec.json.encode(found)
        return HttpResponse(body, content_type="application/json; charset=utf-8", status=status)
    root = _tree(whole, found, part)
    text = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return HttpResponse(text, content_type="text/xml; charset=utf-8", status=status)


def _tree(name: str, value: Any, part: str = "value") -> ElementTree.Element:
    node = ElementTree.Element(name)
    if isinstance(value, Mapping):
        for key, one in value.items():
            node.append(_tree(key, one, PARTS.get(key, "value")))
    elif isinstance(value, list | tuple):
        node.extend(_tree(part, one) for one in value)
    elif value is not None:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        node.text = "".join(one for one in text if one in "\t\n\r" or one >= " ")
    return node


PARTS = {"attributes": "attribute", "values": "value", "endpoints": "endpoint", "formats": "format"}


@described(summary="Open311：服务清单所在（discovery）", tag="Open311")
@_answered
def discovery(request: HttpRequest) -> tuple[tuple[str, str], Any, int]:
    """Where the endpoint is, and in which formats it answers."""
    endpoint = {
        "specification": "http://wiki.open311.org/GeoReport_v2",
        "url": request.build_absolute_uri("/api/open311/v2"),
        "changeset": "2026-11-29T00:00:00+08:00",
        "type": "production",
        "formats": ["text/xml", "application/json"],
    }
    found = {
        "changeset": "2026-11-29T00:00:00+08:00",
        "contact": place().title,
        "key_service": "由网格管理员在“上报密钥”页面发放。",
        "endpoints": [endpoint],
    }
    return ("discovery", "value"), found, 200


@described(summary="Open311：可上报的服务", tag="Open311")
@_answered
def services(request: HttpRequest) -> tuple[tuple[str, str], Any, int]:
    """The kinds of incident that residents may report."""
    found = [service_of(one.ref, one.content) for one in casework.public_kinds()]
    return ("services", "service"), found, 200


@described(
    summary="Open311：一项服务要填什么", tag="Open311", answer=ServiceDefinition, errors=REFUSALS
)
@_answered
def service(request: HttpRequest, code: str) -> tuple[tuple[str, str], Any, int]:
    """What is asked of who reports it."""
    for one in casework.public_kinds():
        if one.ref == code:
            return ("service_definition", "value"), definition_of(one.ref, one.content), 200
    raise ServiceUnknown(f"没有服务“{code[:80]}”。", hint="服务清单在 services.json。")


@csrf_exempt
@described(
    summary="Open311：查询或（POST，凭密钥）上报",
    tag="Open311",
    query=Reading,
    errors=REFUSALS,
)
@_answered
def requests(request: HttpRequest) -> tuple[tuple[str, str], Any, int]:
    """Read the requests of a span of at most 90 days, or file one."""
    if request.method == "POST":
        return ("service_requests", "request"), [_filed(request)], 201
    reading = _reading(request)
    found = casework.public_reports(**reading)
    return ("service_requests", "request"), [request_of(one) for one in found], 200


@described(summary="Open311：一件上报", tag="Open311", errors=REFUSALS)
@_answered
def one_request(request: HttpRequest, number: str) -> tuple[tuple[str, str], Any, int]:
    """One request by its number."""
    found = casework.public_reports(numbers=[number])
    if not found:
        raise casework.ReportUnknown("没有这件上报。", hint="请核对编号。")
    return ("service_requests", "request"), [request_of(one) for one in found], 200


@described(summary="Open311：由凭证找编号", tag="Open311", errors=REFUSALS)
@_answered
def token(request: HttpRequest, token: str) -> tuple[tuple[str, str], Any, int]:
    """The number of the request that a report counts with now."""
    found = casework.report_of_token(token)
    line = {"service_request_id": found.number, "token": token}
    return ("service_requests", "request"), [line], 200


def request_of(one: casework.PublicReport) -> dict[str, Any]:
    """A request in the standard's words."""
    return {
        "service_request_id": one.number,
        "status": "open" if one.is_open else "closed",
        "status_notes": one.notes,
        "service_name": one.kind_title,
        "service_code": one.kind,
        "description": "",
        "agency_responsible": identity.organ(one.organ).title,
        "service_notice": "",
        "requested_datetime": _instant(one.opened_at),
        "updated_datetime": _instant(one.ended_at or one.opened_at),
        "expected_datetime": _instant(one.due_at),
        "address": "",
        "address_id": "",
        "zipcode": "",
        "lat": one.lat,
        "long": one.lon,
        "media_url": "",
    }


def _filed(request: HttpRequest) -> dict[str, Any]:
    form = request.POST
    reporter = casework.reporter_of(form.get("api_key", "") or request.GET.get("api_key", ""))
    filing = Filing.read(form)
    known = {one.ref: one.content for one in casework.public_kinds()}
    if filing.code not in known:
        raise ServiceUnknown(f"没有服务“{filing.code[:80]}”。", hint="服务清单在 services.json。")
    reporter.require(filing.code)
    filing.require(known[filing.code])
    (told,) = casework.report_signals(
        signals=[filing.signal(reporter.name)], actor=reporter.name, at=system_clock()
    )
    notices = [] if told.is_new else ["与已有事件相近，已并入，不重复立案。"]
    if filing.media:
        notices.append(MEDIA_NOT_FETCHED)
    return {
        "service_request_id": told.number,
        "service_notice": "".join(notices),
        "account_id": "",
        "signal_token": told.token,
    }


def _reading(request: HttpRequest) -> dict[str, Any]:
    asked = request.GET
    numbers = _several(asked.get("service_request_id", ""))[:50]
    since, until = _when(asked.get("start_date", "")), _when(asked.get("end_date", ""))
    if not numbers:
        until = until or (since + SPAN if since else system_clock())
        since = max(since, until - SPAN) if since else until - SPAN
    status = asked.get("status", "")
    if set(_several(status)) - {"open", "closed"}:
        raise RequestMistyped("status 只能是 open 或 closed。", hint="两种都要时用逗号分开或不写。")
    size = min(_count(asked.get("page_size", ""), 50), MOST)
    return {
        "numbers": numbers,
        "kinds": _several(asked.get("service_code", "")),
        "since": since,
        "until": until,
        "is_open": {"open": True, "closed": False}.get(status),
        "offset": (_count(asked.get("page", ""), 1) - 1) * size,
        "limit": size,
    }


def _several(text: str) -> Sequence[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _count(text: str, default: int) -> int:
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and 0 < len(text) < 6) or int(text) < 1:
        raise RequestMistyped("page、page_size 是正整数。", hint="例如 page=2&page_size=50。")
    return int(text)


def _when(text: str) -> datetime | None:
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not 1970 <= found.year <= 9000:
        raise RequestMistyped(
            "日期不是带时区的 ISO 8601 时间。", hint="例如 2026-11-02T09:00:00+08:00。"
        )
    return found


def _instant(at: datetime | None) -> str:
    return at.isoformat(timespec="seconds") if at else ""


routes = [
    route("open311/v2/discovery.<str:form>", discovery, right=PUBLIC, name="open311_discovery"),
    route("open311/v2/services.<str:form>", services, right=PUBLIC, name="open311_services"),
    route(
        "open311/v2/services/<str:code>.<str:form>", service, right=PUBLIC, name="open311_service"
    ),
    route("open311/v2/requests.<str:form>", requests, right=PUBLIC, name="open311_requests"),
    route(
        "open311/v2/requests/<str:number>.<str:form>",
        one_request,
        right=PUBLIC,
        name="open311_request",
    ),
    route("open311/v2/tokens/<str:token>.<str:form>", token, right=PUBLIC, name="open311_token"),
]
