"""Pages of grading: what discovery proposes with its evidence, what organs decide and end."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid
from yiwang.packkit import Library
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
            "sampling": catalog.grade_sampling(officer=request.actor),
            "jobs": jobs.jobs(kind=catalog.DISCOVER, state="open", limit=5),
            "may_ask": identity.may(request.actor, "catalog.grade")
            or identity.may(request.actor, "catalog.scan"),
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
                library=_library(),
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


def _library() -> Library:
    return current_library(settings.PACKS, settings.PLACE, settings.HOME)


def raise_grade(request: HttpRequest, ref: str, name: str) -> HttpResponse:
    """Raise the grade of one column by decision, with reason and clause."""
    found = catalog.dataset(ref)
    column = next((one for one in found.column_views if one.name == name), None)
    if column is None:
        raise catalog.ColumnUnknown("目录中没有这个字段。", hint="请从数据目录进入。", table=ref)
    error, given = None, request.POST
    if request.method == "POST":
        grade = given.get("grade", "")
        try:
            catalog.raise_grade(
                ref,
                column=name,
                grade=int(grade) if grade.isdecimal() else 0,
                category=given.get("category", "").strip()[:60],
                clause=given.get("clause", "").strip()[:200],
                reason=given.get("reason", ""),
                officer=request.actor,
                library=_library(),
                at=system_clock(),
            )
        except Invalid as refused:
            error = refused
        else:
            messages.success(request, _now("已调高；页面、接口和文件从现在起按新的级别脱敏。"))
            return redirect("steward:dataset", ref)
    shown = {
        "dataset": found,
        "column": column,
        "grades": [(n, f"{n} 级") for n in range(column.grade + 1, 5)],
        "categories": [(one, one) for one in catalog.grade_categories()],
        "may_raise": identity.may(request.actor, "catalog.grade", organ=found.organ),
        "given": given,
        "error": error,
    }
    return render(request, "steward/raise_grade.html", shown, status=error.status if error else 200)


@require_POST
def end_decision(request: HttpRequest, number: int) -> HttpResponse:
    """End a decision, with a reason."""
    catalog.end_decision(
        number,
        reason=request.POST.get("reason", ""),
        officer=request.actor,
        library=_library(),
        at=system_clock(),
    )
    messages.success(request, _now("已撤销；级别从现在起按场景包和其余决定。"))
    return redirect("steward:grading")


@require_POST
def ask_discovery(request: HttpRequest) -> HttpResponse:
    """Have feeds sampled in the background."""
    catalog.ask_for_discovery(officer=request.actor, at=system_clock())
    messages.success(request, _now("已安排抽样，完成后刷新本页。"))
    return redirect("steward:grading")


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
    route("grading/sample/", ask_discovery, right="catalog.see", name="ask_discovery"),
    route(
        "grading/decisions/<int:number>/end/",
        end_decision,
        right="catalog.grade",
        name="end_grade_decision",
    ),
    route(
        "datasets/<str:ref>/columns/<str:name>/grade/",
        raise_grade,
        right="catalog.grade",
        name="raise_grade",
        under="datasets",
    ),
]
