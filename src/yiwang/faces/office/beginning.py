"""发起办件: what an officer begins by hand, for the flows that packs let their posts begin."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid
from yiwang.web.routes import route


def beginnings(request: HttpRequest) -> HttpResponse:
    """Every flow that this officer may begin."""
    found = casework.beginnings(officer=officer_of(request))
    return render(request, "office/beginnings.html", {"beginnings": found})


@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, flow: str) -> HttpResponse:
    """What it is about, what for, and which organs take part; then the case itself."""
    officer, at, form = officer_of(request), system_clock(), request.POST
    asked = casework.beginning(flow, officer=officer, at=at)
    error = ""
    if request.method == "POST":
        try:
            opened = casework.begin_case(
                flow=flow,
                about=form.get("about", ""),
                purpose=form.get("purpose", ""),
                parties={name: form.get(f"party-{name}", "") for name, _title in asked.parties},
                officer=officer,
                at=at,
            )
        except Invalid as refused:
            error = f"{refused.message}{refused.hint}"
        else:
            return redirect("office:case", opened.number)
    shown = {
        "beginning": asked,
        "organs": [(one.id, one.title) for one in identity.organs()],
        "form": form,
        "error": error,
    }
    return render(request, "office/begin.html", shown, status=422 if error else 200)


routes = [
    route(
        "cases/new/",
        beginnings,
        right="case.open",
        name="beginnings",
        menu=_("发起办件"),
        icon="edit",
    ),
    route("cases/new/<str:flow>/", begin, right="case.open", name="begin"),
]
