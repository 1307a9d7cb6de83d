"""Acting for another: the letters one gave and holds, and whose matters the form is about now."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid
from yiwang.web.routes import SIGNED_IN, route

KEPT = "acting_for"


def acting(request: HttpRequest) -> identity.Actor:
    """Who applies: whom the reader acts for under a letter in force, else the reader."""
    actor: identity.Actor = request.actor
    kept = request.session.get(KEPT)
    if not kept:
        return actor
    try:
        return services.acting_for(int(kept), actor=actor, at=system_clock())
    except (services.NoProxy, services.NotForYou):
        del request.session[KEPT]
        return actor


@require_http_methods(["GET", "POST"])
def proxies(request: HttpRequest) -> HttpResponse:
    """Letters of authority: those I gave, those I hold, and a new one."""
    errors: dict[str, str] = {}
    at = system_clock()
    if request.method == "POST":
        days = request.POST.get("days", "")
        try:
            services.give_proxy(
                agent=request.POST.get("agent", ""),
                reason=request.POST.get("reason", ""),
                days=int(days) if days.isdigit() else 0,
                actor=request.actor,
                at=at,
            )
        except Invalid as refusal:
            errors = {"agent": f"{refusal.message}{refusal.hint}"}
        else:
            messages.success(request, _t("已授权。您随时可以收回。"))
            return redirect("portal:proxies")
    shown = {
        "given": services.proxies_given(actor=request.actor, at=at),
        "held": services.proxies_held(actor=request.actor, at=at),
        "errors": errors,
        "form": request.POST,
        "acting_as": request.session.get(KEPT),
    }
    return render(request, "portal/proxies.html", shown, status=422 if errors else 200)


@require_POST
def end(request: HttpRequest, proxy: int) -> HttpResponse:
    """Take a letter back."""
    services.end_proxy(proxy, actor=request.actor, at=system_clock())
    messages.success(request, _t("授权已收回。"))
    return redirect("portal:proxies")


@require_POST
def begin(request: HttpRequest, proxy: int) -> HttpResponse:
    """From now on the forms are about whom the reader acts for."""
    services.begin_acting(proxy, actor=request.actor, at=system_clock())
    request.session[KEPT] = proxy
    return redirect("portal:items")


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """The forms are about the reader again."""
    request.session.pop(KEPT, None)
    messages.success(request, _t("代办已结束。"))
    return redirect("portal:proxies")


routes = [
    route(
        "my/proxies/",
        proxies,
        right=SIGNED_IN,
        name="proxies",
        menu=_("授权代办"),
        icon="person",
        for_applicants=True,
    ),
    route("my/proxies/leave/", leave, right=SIGNED_IN, name="leave_acting"),
    route("my/proxies/<int:proxy>/end/", end, right=SIGNED_IN, name="end_proxy"),
    route("my/proxies/<int:proxy>/begin/", begin, right=SIGNED_IN, name="begin_acting"),
]
