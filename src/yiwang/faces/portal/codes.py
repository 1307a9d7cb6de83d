"""Personal and enterprise codes: shown by their holder, read by a firm; where their links lead."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from yiwang.apps.credentials import public as credentials
from yiwang.apps.identity import public as identity
from yiwang.faces.portal.services import applicant_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import YiwangError
from yiwang.packkit.kinds.citizens import Code
from yiwang.web import names
from yiwang.web.routes import PUBLIC, SIGNED_IN, address, route
from yiwang.web.scanning import scan as read_form

SHOWS = {
    "name": _("姓名或名称"),
    "masked_name": _("遮盖后的姓名"),
    "number": _("号码"),
    "masked_number": _("遮盖后的号码"),
}


@dataclass(frozen=True)
class Choice:
    """A purpose as its holder reads it."""

    ref: str
    content: Code

    @property
    def shows(self) -> list[str | Promise]:
        """Everything that the verifier will be told."""
        kinds = [credentials.license_kind(one).title for one in self.content.licenses]
        return [*(SHOWS[one] for one in self.content.shows), *kinds]


@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Choose what for and for whom; then the code, good once and for a moment."""
    actor, at = applicant_of(request), system_clock()
    form = request.POST if request.method == "POST" else request.GET
    found = credentials.purposes_for(actor)
    ref = form.get("purpose", "")
    shown = {
        "brand": names.library().place.names.get("code", ""),
        "purposes": [(one, content.title) for one, content in found.items()],
        "choice": Choice(ref, found[ref]) if ref in found else None,
        "organs": [(one.id, one.title) for one in identity.organs()],
        "verifier": form.get("verifier", "")[:64],
        "readings": credentials.readings_of(actor),
        "verifier_title": verifier_title,
        "made": None,
        "error": "",
    }
    if request.method == "GET":
        return render(request, "portal/code.html", shown)
    try:
        made = credentials.make_code(
            purpose=ref, verifier=str(shown["verifier"]), actor=actor, at=at
        )
    except YiwangError as refusal:
        shown["error"] = str(refusal)
        return render(request, "portal/code.html", shown, status=refusal.status)
    shown["made"] = made
    shown["picture"] = _picture(request, made)
    response = render(request, "portal/code.html", shown)
    # When its time is over the page goes back to the choice, without a script.
    again = f"{reverse('portal:code')}?purpose={ref}&verifier={made.verifier}"
    response.headers["Refresh"] = f"{made.seconds}; url={again}"
    return response


def _picture(request: HttpRequest, made: credentials.CodeView) -> str:
    before = request.build_absolute_uri(reverse("portal:scanned", args=["_"]))
    return credentials.code_svg(made.token, address=before.removesuffix("_/"))


def scanned(request: HttpRequest, token: str) -> HttpResponse:
    """Where a code's link leads: to the reader's own page, or to an explanation."""
    if isinstance(request.actor, identity.Officer):
        return redirect(f"{address('office:scan')}?code={token}")
    if isinstance(request.actor, identity.Applicant) and request.actor.kind == "firm":
        return redirect(f"{reverse('portal:scan')}?code={token}")
    return render(request, "portal/scanned.html", {})


@require_http_methods(["GET", "POST"])
def scan(request: HttpRequest) -> HttpResponse:
    """A firm reads a code that was shown to it (社会场景)."""
    actor, at = applicant_of(request), system_clock()
    found = credentials.purposes_of(actor) if actor.kind == "firm" else {}
    done = read_form(
        request,
        [(ref, one.title) for ref, one in found.items()],
        read=lambda text, purpose: credentials.read_code(
            text, purpose=purpose, verifier=actor, at=at
        ),
    )
    shown = {"scan": done, "own": actor.subject, "is_firm": actor.kind == "firm"}
    return render(request, "portal/scan.html", shown, status=done.status)


def verifier_title(verifier: str) -> str:
    """An organ's title; a firm stands by its credit code."""
    return {one.id: one.title for one in identity.organs()}.get(verifier, verifier)


routes = [
    route(
        "my/code/",
        code,
        right=SIGNED_IN,
        name="code",
        menu=_("亮码"),
        icon="grid",
        for_applicants=True,
    ),
    route("my/scan/", scan, right=SIGNED_IN, name="scan", under="code"),
    route("scan/<str:token>/", scanned, right=PUBLIC, name="scanned"),
]
