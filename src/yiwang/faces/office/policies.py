"""Pages of policies: run one over the population, see who is found and why, open confirmations."""

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.services import public as services
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import local_date, system_clock
from yiwang.kernel.errors import Conflict
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, whole, wish

RUNS = (
    Column(title=_("运行")),
    Column(title=_("判断日")),
    Column(title=_("判断人数"), is_number=True),
    Column(title=_("符合"), is_number=True),
    Column(title=_("不符合"), is_number=True),
    Column(title=_("无法判断"), is_number=True),
    Column(title=_("每月合计（元）"), is_number=True),
    Column(title=_("认定办件"), is_number=True),
    Column(title=_("已认定"), is_number=True),
)
CANDIDATES = (
    Column(title=_("姓名")),
    Column(title=_("出生年…末四位")),
    Column(title=_("辖区")),
    Column(title=_("结论")),
    Column(title=_("结果或缺少的数据")),
    Column(title=_("认定办件")),
)


def policies(request: HttpRequest) -> HttpResponse:
    """The policies of this organ with their last run."""
    found = services.policies(officer=officer_of(request))
    return render(request, "office/policies.html", {"policies": found})


def policy(request: HttpRequest, ref: str) -> HttpResponse:
    """A policy's runs, and the form to run it."""
    officer = officer_of(request)
    runs = services.policy_runs(ref, officer=officer)
    titles = {one.ref: one.title for one in services.policies(officer=officer)}
    return render(
        request,
        "office/policy.html",
        {
            "ref": ref,
            "title": titles.get(ref, ref),
            "runs": whole(RUNS, runs),
            "today": local_date(system_clock()).isoformat(),
            "may_run": "services.run" in officer.rights,
        },
    )


@require_POST
def run(request: HttpRequest, ref: str) -> HttpResponse:
    """Judge the whole population."""
    at = system_clock()
    try:
        as_of = date.fromisoformat(request.POST.get("as_of", ""))
    except ValueError:
        as_of = local_date(at)
    try:
        made = services.run_policy(ref, as_of=as_of, at=at, officer=officer_of(request))
    except Conflict as refusal:
        messages.error(request, str(refusal))
        return redirect("office:policy", ref)
    messages.success(request, _t("已判断 %(n)s 人。") % {"n": f"{made.judged:,}"})
    return redirect("office:policy_run", made.id)


def policy_run(request: HttpRequest, number: int) -> HttpResponse:
    """A run: counts, parameters, and the candidates with their reasons."""
    officer, asked = officer_of(request), wish(request, CANDIDATES)
    verdict = request.GET.get("verdict", "")
    verdict = verdict if verdict in ("yes", "unknown") else ""
    view = services.policy_run(number, officer=officer)
    found = services.candidates(
        number, officer=officer, verdict=verdict, offset=asked.offset, limit=asked.per_page + 1
    )
    return render(
        request,
        "office/policy_run.html",
        {
            "run": view,
            "candidates": listing(request, CANDIDATES, found, wish=asked),
            "verdict": verdict,
            "division_name": casework.division_name,
            "mask": _birth_and_end,
            "may_run": "services.run" in officer.rights,
        },
    )


def _birth_and_end(number: str) -> str:
    """Enough to tell two people of one name apart in a list: ``1938…0379``."""
    return f"{number[6:10]}…{number[-4:]}"


@require_POST
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """Open one confirmation for each entitled candidate who has none."""
    numbers = services.open_confirmations(number, officer=officer_of(request), at=system_clock())
    messages.success(request, _t("已发出 %(n)s 件村（社区）认定。") % {"n": f"{len(numbers):,}"})
    return redirect("office:policy_run", number)


def candidate(request: HttpRequest, number: int, candidate: int) -> HttpResponse:
    """Why one person is entitled or cannot be judged, condition by condition."""
    officer = officer_of(request)
    found = services.candidate(number, candidate, officer=officer)
    told = services.explain_candidate(number, found.subject, officer=officer, at=system_clock())
    return render(
        request,
        "office/candidate.html",
        {
            "run": services.policy_run(number, officer=officer),
            "candidate": found,
            "told": told,
            "division": casework.division_name(found.division),
        },
    )


routes = [
    route(
        "policies/", policies, right="services.see", name="policies", menu=_("政策"), icon="star"
    ),
    route("policies/runs/<int:number>/", policy_run, right="services.see", name="policy_run"),
    route("policies/runs/<int:number>/confirm/", confirm, right="services.run", name="confirm"),
    route(
        "policies/runs/<int:number>/candidates/<int:candidate>/",
        candidate,
        right="services.see",
        name="candidate",
    ),
    route("policies/<str:ref>/", policy, right="services.see", name="policy"),
    route("policies/<str:ref>/run/", run, right="services.run", name="run_policy"),
]
