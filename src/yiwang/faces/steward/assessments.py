"""Assessments: score organs, see the ranking, open a sheet, appeal, correct, print the bulletin."""

from decimal import Decimal

from django.conf import settings
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
from yiwang.kernel.errors import YiwangError
from yiwang.kernel.numbers import number_in
from yiwang.packkit import Library
from yiwang.packkit.current import current_library
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

RUNS = (
    Column(title=_("评估")),
    Column(title=_("评估期")),
    Column(title=_("参评机构"), is_number=True),
    Column(title=_("评分时间")),
)
BEST = 3
"""How many of each kind the bulletin names as models (标杆单位)."""


def _library() -> Library:
    return current_library(settings.PACKS, settings.PLACE, settings.HOME)


def assessment_list(request: HttpRequest) -> HttpResponse:
    """Every scoring; a form to score a new period."""
    declared = _library().assessments()
    return render(
        request,
        "steward/assessments.html",
        {
            "listing": whole(RUNS, boards.assessment_runs()),
            "declared": [(ref, one.title) for ref, one in declared.items()],
            "may_assess": identity.may(request.actor, "boards.assess"),
            "year": system_clock().year,
        },
    )


@require_POST
def assess(request: HttpRequest) -> HttpResponse:
    """Score every organ over the latest values."""
    try:
        number = boards.assess(
            request.POST.get("assessment", ""),
            period=request.POST.get("period", ""),
            officer=request.actor,
            at=system_clock(),
            lake=catalog.lake(),
            library=_library(),
        )
    except YiwangError as refused:
        messages.error(request, f"{refused} {refused.hint}")
        return redirect("steward:assessments")
    return redirect("steward:assessment", number)


def assessment(request: HttpRequest, number: int) -> HttpResponse:
    """The ranking of one run, each kind of organ for itself."""
    run = boards.assessment_run(number)
    return render(
        request,
        "steward/assessment.html",
        {
            "run": run,
            "tops": [part for part in run.definition.parts.values() if not part.under],
            "kinds": _by_kind(number),
            "unsettled": boards.appeals_to_settle(actor=request.actor, run=number),
            "organ_titles": organ_titles(),
            "own": getattr(request.actor, "organ", ""),
            "may_assess": identity.may(request.actor, "boards.assess"),
        },
    )


def _by_kind(number: int) -> dict[str, list[boards.OrganLine]]:
    found: dict[str, list[boards.OrganLine]] = {}
    for line in boards.ranking(number):
        found.setdefault(line.kind, []).append(line)
    return found


def sheet(request: HttpRequest, number: int, organ: str) -> HttpResponse:
    """An organ's sheet: every part with the indicator behind it; appeals."""
    view = boards.organ_sheet(number, organ, actor=request.actor)
    return render(
        request,
        "steward/assessment_sheet.html",
        {
            "sheet": view,
            "organ_titles": organ_titles(),
            "leaves": [
                (line.id, line.title)
                for line in view.lines
                if line.indicator and line.score is not None
            ],
            "titles": {line.id: line.title for line in view.lines},
            "may_appeal": identity.may(request.actor, "boards.appeal", organ=organ),
            "may_assess": identity.may(request.actor, "boards.assess"),
        },
    )


@require_POST
def appeal(request: HttpRequest, number: int, organ: str) -> HttpResponse:
    """Appeal against a part, or correct it after the appeal was upheld."""
    asked, at = request.POST, system_clock()
    try:
        if asked.get("act") == "settle":
            boards.settle_appeal(
                case=asked.get("case", ""),
                right_points=_points(asked.get("points", "")),
                officer=request.actor,
                at=at,
            )
            messages.success(request, _t("已更正，名次已重排。"))
        else:
            case = boards.appeal(
                run=number,
                organ=organ,
                part=asked.get("part", ""),
                reason=asked.get("reason", ""),
                officer=request.actor,
                at=at,
            )
            messages.success(request, _t("申诉已提交：%s") % case)
    except YiwangError as refused:
        messages.error(request, f"{refused} {refused.hint}")
    return redirect("steward:assessment_sheet", number, organ)


def _points(text: str) -> Decimal:
    try:
        return number_in(text)
    except ValueError:
        raise boards.AppealMalformed("得分不是数。", hint="填写0到100之间的数。") from None


def bulletin(request: HttpRequest, number: int) -> HttpResponse:
    """评估通报 in print: the models, the ranking, the targets, the tasks that are late."""
    library, now = _library(), system_clock()
    kinds = _by_kind(number)
    return render(
        request,
        "steward/assessment_bulletin.html",
        {
            "run": boards.assessment_run(number),
            "kinds": kinds,
            "models": {
                kind: [one for one in lines if one.rank and one.rank <= BEST]
                for kind, lines in kinds.items()
            },
            "targets": [line for line in boards.targets(library) if line.is_ours],
            "late": boards.late_tasks(library=library, at=now),
            "organ_titles": organ_titles(),
            "place": library.place.title,
            "now": now,
        },
    )


routes = [
    route(
        "assessments/",
        assessment_list,
        right="boards.see",
        name="assessments",
        menu=_("考核评估"),
        icon="chart",
    ),
    route("assessments/take/", assess, right="boards.assess", name="assess"),
    route("assessments/<int:number>/", assessment, right="boards.see", name="assessment"),
    route(
        "assessments/<int:number>/bulletin/",
        bulletin,
        right="boards.see",
        name="assessment_bulletin",
    ),
    route(
        "assessments/<int:number>/<str:organ>/",
        sheet,
        right="boards.see",
        name="assessment_sheet",
    ),
    route(
        "assessments/<int:number>/<str:organ>/appeal/",
        appeal,
        right="boards.see",
        name="assessment_appeal",
    ),
]
