"""Pages of grading: what discovery proposes with its evidence, and what organs decided."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from yiwang.apps.catalog import public as catalog
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid
from yiwang.packkit.current import current_library
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, whole, wish

PROPOSALS = (
    Column(title=_("字段")),
    Column(title=_("提供机构")),
    Column(title=_("识别为")),
    Column(title=_("证据")),
    Column(title=_("建议")),
    Column(title=_("状态")),
)
DECISIONS = (
    Column(title=_("时间")),
    Column(title=_("字段")),
    Column(title=_("级别")),
    Column(title=_("理由和依据")),
    Column(title=_("决定人")),
)
STATES = {"waiting": _("待定"), "accepted": _("已采纳"), "refused": _("不采纳")}


def grading(request: HttpRequest) -> HttpResponse:
    """Every proposal, waiting ones first, and the decisions in force."""
    asked = wish(request, PROPOSALS)
    state = request.GET.get("state", "")
    found = catalog.grade_proposals(
        officer=request.actor,
        state=state if state in STATES else "",
        offset=asked.offset,
        limit=asked.per_page + 1,
    )
    return render(
        request,
        "steward/grading.html",
        {
            "proposals": listing(request, PROPOSALS, found, wish=asked),
            "decisions": whole(
                DECISIONS, catalog.grade_decisions(officer=request.actor), id="decisions"
            ),
            "state": state,
            "states": STATES.items(),
        },
    )


def proposal(request: HttpRequest, number: int) -> HttpResponse:
    """Accept or refuse one proposal, with a reason."""
    error = None
    if request.method == "POST":
        try:
            catalog.decide_proposal(
                number,
                accept=request.POST.get("accept") == "yes",
                reason=request.POST.get("reason", ""),
                officer=request.actor,
                library=current_library(settings.PACKS, settings.PLACE, settings.HOME),
                at=system_clock(),
            )
        except Invalid as refused:
            error = refused
        else:
            messages.success(request, _now("已决定；页面、接口和文件从现在起按新的级别脱敏。"))
            return redirect("steward:grading")
    found = catalog.grade_proposals(officer=request.actor, limit=10_000)
    shown = next((one for one in found if one.number == number), None)
    if shown is None:
        raise catalog.ColumnUnknown("没有这条分级建议。", hint="请从分级建议清单进入。")
    given = {"proposal": shown, "given": request.POST, "error": error}
    return render(
        request, "steward/grade_proposal.html", given, status=error.status if error else 200
    )


routes = [
    route(
        "grading/",
        grading,
        right="catalog.see",
        name="grading",
        menu=_("分类分级"),
        icon="lock",
    ),
    route("grading/<int:number>/", proposal, right="catalog.grade", name="grade_proposal"),
]
