"""Why somebody may, or may not: the rights of an account explained in sentences."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import system_clock
from yiwang.web.routes import SIGNED_IN, route


def access(request: HttpRequest) -> HttpResponse:
    """One's own rights; for the audit administrator, anybody's."""
    asked = {name: request.GET.get(name, "").strip() for name in ("right", "organ", "division")}
    username = request.GET.get("username", "").strip()
    actor: identity.Actor = request.actor
    if username and username != actor.username:
        identity.require(actor, "identity.explain")
        actor = identity.officer(username, at=system_clock())
    rights = identity.known_rights()
    held = sorted(getattr(actor, "rights", ()))
    shown = {
        "subject": actor,
        "asked": asked | {"username": username},
        "rights": sorted(rights.items()),
        "held": [(right, rights.get(right, right)) for right in held],
        "organs": [(organ.id, organ.title) for organ in identity.organs()],
        "explanation": identity.explain(actor, **asked) if asked["right"] else None,
        "may_explain": identity.may(request.actor, "identity.explain"),
    }
    return render(request, "office/access.html", shown)


routes = [
    route("access/", access, right=SIGNED_IN, name="access", menu=_("权限说明"), icon="lock"),
]
