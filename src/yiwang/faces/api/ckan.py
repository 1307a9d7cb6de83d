"""CKAN's Action API 3, reading only: good for CKAN clients and harvesters, errors as CKAN's.

`/api/3/action/<name>` and `/api/action/<name>`, by GET or by POST of JSON. A key for a conditional
dataset comes in `Authorization`. How deletions are carried: docs/how-to/harvest-from-yiwang.md.
"""

import logging
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from yiwang.apps.exchange import public as exchange
from yiwang.faces.api.ckan_actions import ACTIONS, Ask
from yiwang.faces.api.ckan_query import QueryUnreadable
from yiwang.faces.api.describe import described
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid, NotAllowed, NotFound, YiwangError
from yiwang.web.routes import PUBLIC, route

log = logging.getLogger("yiwang.ckan")
LARGEST_BODY = 64 * 1024
_REFUSED = {"datastore_search_sql": "SQL is not taken from outside; use datastore_search."}


class CkanBodyRefused(Invalid):
    """The body of a request is too large, or no JSON object."""

    code = "api.ckan_body_refused"
    status = 400


class Envelope(msgspec.Struct, frozen=True, kw_only=True):
    """What every action answers."""

    help: str
    success: bool
    result: Any


ERRORS = (exchange.ReleaseUnknown, exchange.OpenKeyRefused, QueryUnreadable, CkanBodyRefused)


@csrf_exempt
@require_http_methods(["GET", "POST", "HEAD"])
@described(
    summary="CKAN Action API 3（只读）",
    tag="开放数据",
    description="动作名见“开放数据接口”页；参数与 CKAN 相同，错误也按 CKAN 的格式返回。",
    answer=Envelope,
    errors=ERRORS,
)
def action(request: HttpRequest, action: str) -> HttpResponse:
    """Answer one action."""
    site = request.build_absolute_uri("/").rstrip("/")
    link = f"{site}/api/3/action/help_show?name={action[:60]}"
    try:
        params = _params(request)
        if action == "help_show":
            return _sent(200, _helped(str(params.get("name", "")), link))
        if action in _REFUSED:
            return _sent(403, _error(link, "Authorization Error", _REFUSED[action]))
        found = ACTIONS.get(action)
        if found is None:
            return _sent(400, f"Bad request - Action name not known: {action[:60]}")
        key = request.headers.get("Authorization", "").removeprefix("Bearer ").strip()
        result = found(Ask(params, system_clock(), site, key))
        return _sent(200, {"help": link, "success": True, "result": result})
    except CkanBodyRefused as error:
        return _sent(400, f"Bad request - JSON Error: {error}")
    except YiwangError as error:
        return _sent(*_as_ckan(error, link))


def _params(request: HttpRequest) -> dict[str, Any]:
    query = {
        name: values[0] if len(values) == 1 else values for name, values in request.GET.lists()
    }
    if request.method != "POST":
        return query
    if int(request.headers.get("Content-Length") or 0) > LARGEST_BODY:
        raise CkanBodyRefused("请求正文超过 64 KB。", hint="请缩小条件。")
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("application/x-www-form-urlencoded", "multipart/form-data"):
        form = {n: v[0] if len(v) == 1 else v for n, v in request.POST.lists()}
        if len(form) == 1 and list(form.values()) in ([""], ["1"]):  # CKAN takes JSON here too
            return query | _decoded(next(iter(form)).encode())
        return query | form
    return query | (_decoded(request.body) if request.body.strip() else {})


def _decoded(body: bytes) -> dict[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise CkanBodyRefused("正文不是有效的 JSON。", hint="请检查引号与编码。") from None
    if not isinstance(found, dict):
        raise CkanBodyRefused("正文应为 JSON 对象。", hint='例如 {"id": "…"}。')
    return found


def _as_ckan(error: YiwangError, link: str) -> tuple[int, Any]:
    message = f"{error.message}{error.hint and f'（{error.hint}）'}"
    if isinstance(error, NotFound):
        return 404, _error(link, "Not Found Error", f"Not found: {message}")
    if isinstance(error, NotAllowed):
        status = error.status if error.status == 429 else 403
        return status, _error(link, "Authorization Error", f"Access denied: {message}")
    if isinstance(error, QueryUnreadable | exchange.SortUnknown):
        return 409, _error(link, "Search Query Error", message)
    if isinstance(error, Invalid):
        detail = {"__type": "Validation Error", "message": message, error.code: [message]}
        return 409, {"help": link, "success": False, "error": detail}
    return error.status, _error(link, "Internal Server Error", message)


def _error(link: str, kind: str, message: str) -> dict[str, Any]:
    return {"help": link, "success": False, "error": {"__type": kind, "message": message}}


def _helped(name: str, link: str) -> Any:
    found = ACTIONS.get(name)
    if found is None:
        return _error(link, "Not Found Error", f"Not found: {name[:60]}")
    return {"help": link, "success": True, "result": found.__doc__}


def _sent(status: int, content: Any) -> HttpResponse:
    return HttpResponse(
        msgspec.json.encode(content, enc_hook=str),
        content_type="application/json;charset=utf-8",
        status=status,
        headers={"Access-Control-Allow-Origin": "*"},
    )


routes = [
    route("3/action/<str:action>", action, right=PUBLIC, name="ckan_action"),
    route("action/<str:action>", action, right=PUBLIC, name="ckan_action_unversioned"),
]
