"""One's own account: password, one-time codes, the organ one acts in."""

from collections.abc import Callable

import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import YiwangError
from yiwang.web.routes import SIGNED_IN, route


def account(request: HttpRequest) -> HttpResponse:
    """What the account is, and what its holder can change."""
    return _page(request)


@sensitive_post_parameters()
@require_POST
def password(request: HttpRequest) -> HttpResponse:
    """Change the password; signing in anew is needed afterwards."""
    old, new = request.POST.get("old", ""), request.POST.get("new", "")
    if new != request.POST.get("again", ""):
        return _page(request, {"again": _("两次输入的新口令不一致。")})
    now = system_clock()
    try:
        identity.change_password(actor=request.actor, old=old, new=new, at=now)
    except YiwangError as error:
        field = "old" if error.code == "identity.password_wrong" else "new"
        return _page(request, {field: str(error)})
    request.session.flush()
    messages.success(request, _("口令已更改，请用新口令登录。"))
    return HttpResponseRedirect(reverse("portal:sign_in"))


@sensitive_post_parameters()
@require_POST
def totp(request: HttpRequest) -> HttpResponse:
    """Begin, confirm or end the use of one-time codes."""
    actor, given, now = request.actor, request.POST, system_clock()
    steps: dict[str, Callable[[], None]] = {
        "begin": lambda: identity.begin_totp(actor=actor),
        "confirm": lambda: identity.confirm_totp(actor=actor, code=given.get("code", ""), at=now),
        "end": lambda: identity.end_totp(
            actor=actor, password=given.get("password", ""), code=given.get("code", ""), at=now
        ),
    }
    step = given.get("step", "")
    if step in steps:
        try:
            steps[step]()
        except YiwangError as error:
            return _page(request, {"code": str(error)})
        if step == "confirm":
            messages.success(request, _("动态口令已启用，下次登录时需要它。"))
    return HttpResponseRedirect(reverse("office:account"))


@require_POST
def act_in(request: HttpRequest) -> HttpResponse:
    """Go on in another organ where a post is held."""
    identity.act_in(session=request.session, organ=request.POST.get("organ", ""), at=system_clock())
    return HttpResponseRedirect(reverse("office:home"))


def _page(request: HttpRequest, errors: dict[str, str] | None = None) -> HttpResponse:
    actor: identity.Actor = request.actor
    address = identity.totp_address(actor)
    shown = {
        "account": identity.account(actor.username, at=system_clock()),
        "actor": actor,
        "errors": errors or {},
        "is_due": bool(request.session.get(identity.PASSWORD_IS_DUE)),
        "qr": segno.make(address, micro=False).svg_inline(omitsize=True) if address else "",
    }
    return render(request, "office/account.html", shown, status=422 if errors else 200)


routes = [
    route("account/", account, right=SIGNED_IN, name="account"),
    route("account/password/", password, right=SIGNED_IN, name="password"),
    route("account/totp/", totp, right=SIGNED_IN, name="totp"),
    route("account/organ/", act_in, right=SIGNED_IN, name="act_in"),
]
