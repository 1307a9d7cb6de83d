"""Vital signs (城市运行体征): how the place is, sign by sign, each open down to its rows."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.boards import public as boards
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import system_clock
from yiwang.web import names
from yiwang.web.routes import route

TONES = {
    "green": _("正常"),
    "yellow": _("接近目标"),
    "red": _("越界"),
    "grey": _("无法判断"),
    "": _("不设目标"),
}


def vitals_list(request: HttpRequest) -> HttpResponse:
    """The first tree of the place."""
    if ref := main_tree():
        return redirect("oversight:vitals", ref)
    return render(request, "oversight/vitals.html", {"tree": None, "trees": {}})


def main_tree() -> str:
    """The tree with most signs: the place's own, whatever packs it stands in; "" without any."""
    trees = names.library().vitals()
    return max(trees, key=lambda ref: len(trees[ref].signs), default="")


def vitals_page(request: HttpRequest, ref: str) -> HttpResponse:
    """One tree: every sign with its band, trend, owner and the moment of its value."""
    tree = boards.vitals(ref, library=names.library(), at=system_clock())
    only = request.GET.get("only", "")
    return render(
        request,
        "oversight/vitals.html",
        {
            "tree": tree,
            "trees": names.library().vitals(),
            "counts": tree.counts,
            "tones": TONES,
            "told": boards.sign_cases(),
            "only": only if only in ("red", "yellow", "grey", "stale") else "",
            "may_drill": identity.may(request.actor, "boards.drill"),
        },
    )


routes = [
    route(
        "vitals/",
        vitals_list,
        right="boards.see",
        name="vitals_list",
        menu=_("运行体征"),
        icon="gauge",
    ),
    route("vitals/<str:ref>/", vitals_page, right="boards.see", name="vitals"),
]
