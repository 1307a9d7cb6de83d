"""Who is asking, and whether they may: set ``request.actor``, let in only who holds the right.

A page says its right where it is routed (``web.routes.route``); a page that says none is closed
to everybody. What is logged about a request names the page, never what was asked for.
"""

import logging
import time
from collections.abc import Callable
from importlib import import_module
from urllib.parse import urlencode

from django.apps import apps
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.boot.running.counting import count_request
from yiwang.boot.work import register_work
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import NotAllowed
from yiwang.web import names
from yiwang.web.problems import problem_answer, wants_json
from yiwang.web.routes import OFFICER, PUBLIC, SIGNED_IN

log = logging.getLogger("yiwang.request")

_OPEN_WHEN_DUE = {"office:account", "office:password", "portal:sign_out"}

Answer = Callable[[HttpRequest], HttpResponseBase]


class NotSignedIn(NotAllowed):
    """The page needs an account."""

    code = "boot.not_signed_in"
    status = 401


class RightUndeclared(NotAllowed):
    """The page does not say which right it needs, so nobody may open it."""

    code = "boot.right_undeclared"


class Access:
    """Middleware: the actor of each request, the right of each page, no copy of signed pages."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response
        identity.register_rights(all_rights())
        journal.register_events(_of_all_doors("EVENTS"))
        identity.register_divisions(names.library().divisions)
        register_work()

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        at = system_clock()
        request.actor = identity.actor_of(request.session, at=at)
        response = self.get_response(request)
        if request.actor is not None:
            response.headers["Cache-Control"] = "no-store"
        _log(request, response, time.perf_counter() - began)
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: object
    ) -> HttpResponseBase | None:
        """None lets the request through; anything else is the answer instead of the page."""
        right = getattr(view, "right", None)
        actor: identity.Actor | None = request.actor
        if right == PUBLIC:
            return None
        if not right:
            return problem_answer(request, _undeclared())
        if actor is None:
            return _ask_to_sign_in(request)
        if request.session.get(identity.PASSWORD_IS_DUE) and _name(request) not in _OPEN_WHEN_DUE:
            return HttpResponseRedirect(reverse("office:account"))
        if right == SIGNED_IN:
            return None
        if right == OFFICER:
            is_officer = isinstance(actor, identity.Officer)
            return None if is_officer else problem_answer(request, _for_officers())
        try:
            identity.require(actor, right)
        except NotAllowed as error:
            return problem_answer(request, error)
        return None


def all_rights() -> dict[str, str]:
    """Every right that an app's door declares, with its Chinese title."""
    return _of_all_doors("RIGHTS")


def _of_all_doors(what: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for app in apps.get_app_configs():
        if app.name.startswith("yiwang.apps."):
            found |= getattr(import_module(f"{app.name}.public"), what, {})
    return found


def _ask_to_sign_in(request: HttpRequest) -> HttpResponseBase:
    address = f"{reverse('portal:sign_in')}?{urlencode({'next': request.get_full_path()})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": reverse("portal:sign_in")})
    if request.method in ("GET", "HEAD") and not wants_json(request):
        return HttpResponseRedirect(address)
    return problem_answer(request, NotSignedIn("尚未登录。", hint="请登录后再试。"))


def _for_officers() -> NotAllowed:
    return NotAllowed("此页面供工作人员使用。", hint="请从门户办事、查看自己的办件。")


def _undeclared() -> RightUndeclared:
    return RightUndeclared("此页面没有声明所需权利，因此不开放。", hint="请告诉系统管理员。")


def _name(request: HttpRequest) -> str:
    return request.resolver_match.view_name if request.resolver_match else ""


def _log(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    match = request.resolver_match
    actor: identity.Actor | None = request.actor
    route = f"/{match.route}" if match else "-"
    count_request(route, str(request.method), response.status_code, seconds)
    log.info(
        "%s /%s %d %.0f ms %s",
        request.method,
        match.route if match else "-",
        response.status_code,
        seconds * 1000,
        actor.username if actor else "-",
    )
