"""Projects: declare one for a system of one's own organ, follow it, see what it repeats."""

from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.boards import public as boards
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.catalog import organ_titles
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, YiwangError
from yiwang.kernel.numbers import number_in
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

PROJECTS = (
    Column(title=_("项目")),
    Column(title=_("申报单位")),
    Column(title=_("类型")),
    Column(title=_("费用（元）"), is_number=True),
    Column(title=_("比基线节省"), is_number=True),
    Column(title=_("环节")),
    Column(title=_("期限")),
)
ASSETS = (
    Column(title=_("资产编号")),
    Column(title=_("项目")),
    Column(title=_("使用单位")),
    Column(title=_("原值（元）"), is_number=True),
    Column(title=_("登记日期")),
)
KINDS = (("新建", _("新建")), ("改建", _("改建")), ("运维", _("运维")))


def project_list(request: HttpRequest) -> HttpResponse:
    """年度清单: every project with its stage and money; a form for systems of one's own."""
    actor, year = request.actor, request.GET.get("year", "")
    found = boards.projects(actor=actor, at=system_clock())
    years = sorted({one.year for one in found}, reverse=True)
    shown = [one for one in found if year in ("", str(one.year))]
    may_declare = identity.may(actor, "case.open", organ=getattr(actor, "organ", ""))
    return render(
        request,
        "steward/projects.html",
        {
            "listing": whole(PROJECTS, shown),
            "years": years,
            "year": year,
            "sums": boards.project_sums(shown),
            "systems": _own_systems(actor) if may_declare else [],
            "kinds": KINDS,
            "organ_titles": organ_titles(),
        },
    )


def _own_systems(actor: identity.Actor) -> list[tuple[str, str]]:
    organ = getattr(actor, "organ", "")
    found = catalog.list_entries("system", actor=actor, organ=organ, state="published", limit=500)
    return [(one.number, f"{one.title}（{one.number}）") for one in found]


@require_POST
def declare(request: HttpRequest) -> HttpResponse:
    """Declare a project for a system; it waits at its own organ until the conditions are met."""
    asked = request.POST
    try:
        number = boards.declare_project(
            boards.Project(
                system=asked.get("system", ""),
                kind=asked.get("kind", ""),
                title=asked.get("title", ""),
                budget=_amount(asked.get("budget", "")),
                baseline=_amount(asked.get("baseline", "")),
                baseline_rule=asked.get("baseline_rule", ""),
            ),
            officer=request.actor,
            at=system_clock(),
        )
    except YiwangError as refused:
        messages.error(request, f"{refused} {refused.hint}")
        return redirect("steward:projects")
    messages.success(request, _t("已建立申报：%s。补齐条件后提交审核。") % number)
    return redirect("steward:project", number)


@require_POST
def amend(request: HttpRequest, number: str) -> HttpResponse:
    """Another budget, before the project is handed in or after it was sent back."""
    try:
        boards.amend_project(
            number=number,
            budget=_amount(request.POST.get("budget", "")),
            reason=request.POST.get("reason", ""),
            officer=request.actor,
            at=system_clock(),
        )
    except (Conflict, Invalid) as refused:
        messages.error(request, f"{refused} {refused.hint}")
    else:
        messages.success(request, _t("预算已改，原来的数留在办件记录里。"))
    return redirect("steward:project", number)


def _amount(text: str) -> Decimal:
    try:
        return number_in(text.replace(",", ""))
    except ValueError:
        raise boards.ProjectMalformed("金额不是数。", hint="只填数字，单位为元。") from None


def project(request: HttpRequest, number: str) -> HttpResponse:
    """One project: stage, the conditions of the three refusals, and like systems."""
    at = system_clock()
    return render(
        request,
        "steward/project.html",
        {
            "project": boards.project(number, actor=request.actor, at=at),
            "gates": boards.project_gates(number, actor=request.actor, at=at),
            "payments": boards.project_payments(number, actor=request.actor, at=at),
            "like": boards.like_systems_of(number, actor=request.actor, at=at),
            "organ_titles": organ_titles(),
        },
    )


def assets(request: HttpRequest) -> HttpResponse:
    """资产登记: what acceptance registered, each from its case, and what the register holds."""
    found = boards.project_assets(actor=request.actor, at=system_clock())
    return render(
        request,
        "steward/project_assets.html",
        {"listing": whole(ASSETS, found), "organ_titles": organ_titles()},
    )


routes = [
    route(
        "projects/",
        project_list,
        right="case.see",
        name="projects",
        menu=_("信息化项目"),
        icon="layers",
    ),
    route("projects/declare/", declare, right="case.open", name="declare_project"),
    route("projects/assets/", assets, right="case.see", name="project_assets"),
    route("projects/<str:number>/amend/", amend, right="case.see", name="amend_project"),
    route("projects/<str:number>/", project, right="case.see", name="project"),
]
