"""Signing in and out, for citizens, firms and officers alike."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import system_clock
from yiwang.web.routes import PUBLIC, route


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form; after signing in, on to the page that was asked for."""
    given = request.POST
    error: identity.NotAllowed | None = None
    if request.method == "POST":
        try:
            actor = identity.sign_in(
                session=request.session,
                username=given.get("username", "").strip(),
                password=given.get("password", ""),
                code=given.get("code", ""),
                at=system_clock(),
            )
        except identity.NotAllowed as refusal:
            error = refusal
        else:
            return HttpResponseRedirect(_onward(given.get("next", ""), actor))
    shown = {
        "error": error,
        "code_error": error if isinstance(error, identity.CodeNeeded) else None,
        "username": given.get("username", ""),
        "next": given.get("next", request.GET.get("next", "")),
    }
    return render(request, "portal/sign_in.html", shown, status=error.status if error else 200)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    identity.sign_out(session=request.session, at=system_clock())
    return HttpResponseRedirect(reverse("portal:home"))


def _onward(wanted: str, actor: identity.Actor) -> str:
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("office:home" if isinstance(actor, identity.Officer) else "portal:home")


routes = [
    route("sign-in/", sign_in, right=PUBLIC, name="sign_in"),
    route("sign-out/", sign_out, right=PUBLIC, name="sign_out"),
]
