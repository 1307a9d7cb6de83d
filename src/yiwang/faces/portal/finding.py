"""Pages of finding one's way: items by word, stage of life or question; the kiosk's list."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.kernel.clock import system_clock
from yiwang.web.applying import ANSWER
from yiwang.web.routes import PUBLIC, route

NATURES = {
    "license": _("行政许可"),
    "registration": _("登记"),
    "payment": _("行政给付"),
    "confirmation": _("行政确认"),
    "public_service": _("公共服务"),
    "other": _("其他"),
}


def items(request: HttpRequest) -> HttpResponse:
    """What may be asked for: one-things first, then items; by word or stage of life."""
    query, stage = request.GET.get("query", "")[:100], request.GET.get("stage", "")[:20]
    return render(
        request,
        "portal/items.html",
        {
            "items": services.items(query=query, stage=stage),
            "bundles": services.bundles(query=query, stage=stage),
            "guides": services.guides(query=query) if not stage else [],
            "persons": services.stages("person"),
            "firms": services.stages("firm"),
            "query": query,
            "stage": stage,
            "natures": NATURES,
            "organs": _organs(),
        },
    )


def guide(request: HttpRequest, ref: str) -> HttpResponse:
    """Questions that narrow to the situation; nothing is kept, no account is needed."""
    answers = {
        name.removeprefix(ANSWER): value[:200]
        for name, value in request.GET.items()
        if name.startswith(ANSWER)
    }
    shown = services.guide_page(ref, answers=answers, at=system_clock())
    return render(request, "portal/guide.html", {"shown": shown, "organs": _organs()})


def kiosk(request: HttpRequest) -> HttpResponse:
    """自助机: what can be done here, by the same source as everywhere, in large targets."""
    return render(
        request,
        "portal/kiosk.html",
        {"items": services.items(channel="kiosk"), "organs": _organs()},
    )


def _organs() -> dict[str, str]:
    return {one.id: one.title for one in identity.organs()}


routes = [
    route("items/", items, right=PUBLIC, name="items", menu=_("办事"), icon="page"),
    route("guides/<str:ref>/", guide, right=PUBLIC, name="guide", under="items"),
    route("kiosk/", kiosk, right=PUBLIC, name="kiosk"),
]
