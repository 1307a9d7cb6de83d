"""The addresses of the service: one for every resource path, and one for arrays."""

import base64
import re
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from yiwang.apps.identity import public as identity
from yiwang.apps.sensing import public as sensing
from yiwang.faces.api.describe import described
from yiwang.faces.api.sensorthings import patching
from yiwang.faces.api.sensorthings.creating import Creating, Writer
from yiwang.faces.api.sensorthings.graph import Graph, graph
from yiwang.faces.api.sensorthings.options import options_of, steps_of, unquoted
from yiwang.faces.api.sensorthings.reading import answer, follow
from yiwang.faces.api.sensorthings.refusals import (
    EntityFixed,
    EntityUnknown,
    KeyNeeded,
    NotOffered,
    RequestMalformed,
    malformed,
)
from yiwang.faces.api.sensorthings.telling import Telling
from yiwang.packkit import Library
from yiwang.packkit.current import current_library
from yiwang.web.routes import PUBLIC, route

BASE = "/api/sensorthings/v1.1"
LARGEST_BODY = 4 * 1024 * 1024
ERRORS = (RequestMalformed, EntityUnknown, EntityFixed, KeyNeeded, NotOffered)


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """Query options as the standard names them, each once."""

    filter: str | None = msgspec.field(default=None, name="$filter")
    orderby: str | None = msgspec.field(default=None, name="$orderby")
    select: str | None = msgspec.field(default=None, name="$select")
    expand: str | None = msgspec.field(default=None, name="$expand")
    top: int | None = msgspec.field(default=None, name="$top")
    skip: int | None = msgspec.field(default=None, name="$skip")
    count: bool | None = msgspec.field(default=None, name="$count")
    result_format: str | None = msgspec.field(default=None, name="$resultFormat")


@described(
    summary="SensorThings 服务根目录",
    tag="感知",
    answer=dict[str, Any],
    errors=ERRORS,
    security=("key",),
)
def root(request: HttpRequest) -> HttpResponse:
    """The sets of the service and the parts of the standard that it keeps."""
    return _read(request, "")


@csrf_exempt
@described(
    summary="SensorThings 资源路径（读取、创建、修改、删除）",
    tag="感知",
    answer=dict[str, Any],
    query=Options,
    errors=ERRORS,
    security=("key",),
)
def resource(request: HttpRequest, path: str) -> HttpResponse:
    """Read what a path leads to; POST, PATCH and DELETE what a client described."""
    if request.method == "GET":
        return _read(request, path)
    library = _library()
    creating = Creating(
        graph=lambda: graph(library),
        root=_root(request),
        writer=_writer(request),
        library=library,
        at=timezone.now(),
    )
    if request.method == "POST":
        body = _body(request)
        if path.strip("/") == "CreateObservations":
            return _json(creating.arrays(body), status=201)
        made = creating.create(steps_of(path), _object(body))
        telling = Telling(graph(library), root=_root(request))
        found = _json(telling.tell(made, options_of({})), status=201)
        found.headers["Location"] = telling.link(made)
        return found
    if request.method not in ("PATCH", "PUT", "DELETE"):
        return HttpResponseNotAllowed(("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"))
    walk, rest = follow(steps_of(path), Telling(graph(library), root=_root(request)))
    if rest or walk.entity is None:
        raise malformed("只能修改或删除一个实体。", "如 Things('T1')。")
    if request.method == "DELETE":
        creating.remove(walk.entity)
        return HttpResponse(status=200)
    body = _body(request)
    if request.method == "PATCH" and request.content_type == patching.MEDIA_TYPE:
        body = patching.patched(walk.entity.properties, body)
    creating.change(walk.entity, _object(body))
    telling = Telling(graph(library), root=_root(request))
    return _json(telling.tell(telling.walk(walk.kind, walk.entity.id), options_of({})))


def _read(request: HttpRequest, path: str) -> HttpResponse:
    _require_reader(request)
    query = request.META.get("QUERY_STRING", "")
    options = options_of(unquoted(query))
    address = f"{_root(request)}/{path}" + (f"?{query}" if query else "")
    found = answer(path, options, _graph(), root=_root(request), address=address)
    if found.text is not None:
        return HttpResponse(found.text, content_type="text/plain; charset=utf-8")
    return _json(found.content)


def _require_reader(request: HttpRequest) -> None:
    """A signed-in officer who may see devices, or a key."""
    actor = getattr(request, "actor", None)
    if isinstance(actor, identity.Officer) and identity.may(actor, "sensing.see"):
        return
    if sensing.key_of(_secret(request)) is None:
        raise KeyNeeded(
            "读取感知数据需要密钥。", hint="在 Authorization: Bearer 中给出单位的感知接口密钥。"
        )


def _writer(request: HttpRequest) -> Writer:
    """A key or a device's token; a browser's session writes nothing here."""
    secret = _secret(request)
    key = sensing.key_of(secret)
    if key is not None:
        return Writer(key=key)
    try:
        return Writer(device=sensing.device_of(secret))
    except sensing.DeviceNotRecognized:
        raise KeyNeeded(
            "写入需要密钥或设备令牌。", hint="在 Authorization: Bearer 中给出。"
        ) from None


def _secret(request: HttpRequest) -> str:
    """A key or token: as a bearer's, or as the password of clients that know names only."""
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return given.strip()
    try:
        pair = base64.b64decode(given.strip(), validate=True).decode()
    except (ValueError, UnicodeDecodeError):
        return ""
    return pair.partition(":")[2]


def _body(request: HttpRequest) -> Any:
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        raise malformed("提交的内容超过 4 MB。", "请分批提交。")
    try:
        return msgspec.json.decode(request.body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise malformed("提交的内容不是 JSON。", "检查引号、逗号和编码（UTF-8）。") from None


def _object(body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise malformed("实体是一个 JSON 对象。")
    return body


def _json(content: Any, *, status: int = 200) -> HttpResponse:
    return HttpResponse(
        msgspec.json.encode(content), content_type="application/json", status=status
    )


def _root(request: HttpRequest) -> str:
    return re.sub(r"/+$", "", request.build_absolute_uri(BASE))


def _library() -> Library:
    return current_library(settings.PACKS, settings.PLACE, settings.HOME)


def _graph() -> Graph:
    return graph(_library())


routes = [
    route("sensorthings/v1.1", root, right=PUBLIC, name="sensorthings"),
    route("sensorthings/v1.1/<path:path>", resource, right=PUBLIC, name="sensorthings_resource"),
]
