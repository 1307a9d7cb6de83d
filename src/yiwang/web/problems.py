"""An error as a page that helps, or as problem details (RFC 9457) for machines."""

import logging
from collections.abc import Callable
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseNotAllowed
from django.shortcuts import render
from django.utils.translation import gettext as _

from yiwang.kernel.errors import YiwangError
from yiwang.kernel.ids import new_id

log = logging.getLogger("yiwang.web")

MACHINE_PREFIXES = ("/api/", "/gate/")
CODES = {400: "bad_request", 403: "not_allowed", 404: "not_found", 405: "wrong_method"}
PROBLEM_TYPE = "application/problem+json"

Answer = Callable[[HttpRequest], HttpResponseBase]


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One error as RFC 9457 writes it; ``code`` and ``hint`` are ours."""

    type: str
    title: str
    status: int
    code: str
    hint: str = ""
    instance: str = ""
    data: dict[str, Any] = msgspec.field(default_factory=dict)


class Problems:
    """Middleware: a :class:`YiwangError` raised in a view becomes an answer that helps.

    So does Django's empty refusal of a method.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            refusal = wrong_method(request)
            refusal.headers["Allow"] = response.headers["Allow"]
            return refusal
        return response

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        return problem_answer(request, exception) if isinstance(exception, YiwangError) else None


def problem_answer(request: HttpRequest, error: YiwangError) -> HttpResponse:
    """The answer to a refused request: JSON under ``/api/`` or when asked for, else a page."""
    return _answer(
        request,
        Problem(
            type=f"/api/docs/problems/#{error.code}",
            title=error.message,
            status=error.status,
            code=error.code,
            hint=error.hint,
            instance=request.path,
            data=error.data,
        ),
    )


def wants_json(request: HttpRequest) -> bool:
    """Whether a machine asks."""
    if request.path.startswith("/api/docs"):
        return False
    return request.path.startswith(MACHINE_PREFIXES) or request.accepts("text/html") is False


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404: nothing stands at this address."""
    return _plain(request, 404, _("这个地址没有页面。"), _("检查地址是否完整，或从首页重新进入。"))


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler403: Django itself refused."""
    return _plain(
        request, 403, _("您没有打开这个页面的权限。"), _("如因工作需要，请向本单位管理员申请。")
    )


def wrong_method(request: HttpRequest) -> HttpResponse:
    """405: the address takes forms, or only answers to reading."""
    return _plain(
        request,
        405,
        _("这个地址不能直接打开。"),
        _("请从上一页的按钮或链接进入。"),
    )


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler400: the request cannot be read."""
    return _plain(request, 400, _("请求内容无法识别。"), _("返回上一页，刷新后重新提交。"))


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW: the form is older than the session, or comes from elsewhere."""
    return _plain(
        request,
        403,
        _("页面停留时间过长，为保护您的账户，这次提交没有生效。"),
        _("返回上一页，刷新后重新提交。"),
    )


def broken(request: HttpRequest) -> HttpResponse:
    """handler500: our own mistake; the number finds it in the log."""
    number = new_id()
    log.exception("answered 500, number %s, path %s", number, request.path)
    return _plain(
        request,
        500,
        _("系统出现故障，这次操作没有完成。"),
        _("请稍后再试；如仍未恢复，请把编号 %(number)s 告诉管理员。") % {"number": number},
    )


def _plain(request: HttpRequest, status: int, title: str, hint: str) -> HttpResponse:
    code = CODES.get(status, "broken")
    return _answer(
        request,
        Problem(
            type=f"/api/docs/problems/#web.{code}",
            title=title,
            status=status,
            code=f"web.{code}",
            hint=hint,
            instance=request.path,
        ),
    )


def _answer(request: HttpRequest, problem: Problem) -> HttpResponse:
    if wants_json(request):
        body = msgspec.json.encode(problem, enc_hook=str)
        return HttpResponse(body, content_type=PROBLEM_TYPE, status=problem.status)
    return render(request, "error.html", {"problem": problem}, status=problem.status)
