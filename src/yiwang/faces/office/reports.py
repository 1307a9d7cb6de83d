"""Reports of the grassroots: what is to be filled in, one division's row, rows added up."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.web.acts import LONGEST
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

WAITING = (
    Column(title=_("报表")),
    Column(title=_("下发机构")),
    Column(title=_("期次")),
    Column(title=_("待填"), is_number=True),
    Column(title=_("截止")),
)
ROUNDS = (
    Column(title=_("报表")),
    Column(title=_("下发机构")),
    Column(title=_("期次")),
    Column(title=_("要填的栏目"), is_number=True),
    Column(title=_("已报")),
    Column(title=_("截止")),
)
ORGANS = (
    Column(title=_("机构")),
    Column(title=_("报表"), is_number=True),
    Column(title=_("其中免填"), is_number=True),
    Column(title=_("格子"), is_number=True),
    Column(title=_("取数的格子"), is_number=True),
    Column(title=_("取数率"), is_number=True),
    Column(title=_("拦下的栏目"), is_number=True),
)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PREFIX = "answer-"


def listed(request: HttpRequest) -> HttpResponse:
    """What this officer has to fill in, then every round they may see added up."""
    officer, at = officer_of(request), system_clock()
    waiting = forms.reports_waiting(officer=officer)
    rounds = forms.rounds(actor=officer)
    return render(
        request,
        "office/reports.html",
        {
            "waiting": whole(WAITING, waiting, id="waiting"),
            "rounds": whole(ROUNDS, rounds, id="rounds"),
            "at": at,
            "fills": identity.may(officer, "forms.fill"),
            "designs": identity.may(officer, "forms.design"),
            "watches": identity.may(officer, "forms.watch"),
        },
    )


def summed(request: HttpRequest, number: int) -> HttpResponse:
    """A round added up below a division, each line opening one level further down."""
    officer = officer_of(request)
    below = request.GET.get("below", "")[:20]
    shown = forms.report_round(number, actor=officer, below=below)
    columns = (
        Column(title=_("区划")),
        Column(title=_("已报")),
        *(Column(title=one, is_number=True) for one in shown.titles.values()),
    )
    return render(
        request,
        "office/report_round.html",
        {
            "shown": shown,
            "round": shown.round,
            "totals": whole(columns, [*shown.totals, shown.whole] if shown.totals else []),
            "fills": shown.own is not None,
            "returns": forms.workbook_returns(number, officer=officer),
        },
    )


@require_http_methods(["GET", "POST"])
def row(request: HttpRequest, number: int, division: str) -> HttpResponse:
    """One division's row: known values with their source, and inputs for the rest."""
    officer = officer_of(request)
    errors: dict[str, str] = {}
    if forms.is_roster(number, actor=officer):
        return redirect("office:roster", number, division)
    if request.method == "POST":
        try:
            _fill(request, number, division, officer)
        except forms.AnswersRefused as refusal:
            errors = refusal.fields
        except Conflict as refusal:
            messages.error(request, str(refusal))
            return redirect("office:report_row", number, division)
        else:
            messages.success(request, _t("已保存，汇总表即时更新。"))
            return redirect("office:report_round", number)
    shown = forms.report_row(number, division, actor=officer)
    given = _answers(request) if errors else {}
    return render(
        request,
        "office/report_row.html",
        {
            "shown": shown,
            "round": shown.round,
            "known": [one for one in shown.cells if one.source],
            "asked": [one for one in shown.cells if not one.source],
            "given": given,
            "errors": {f"{PREFIX}{name}": text for name, text in errors.items()},
            "prefix": PREFIX,
            "objects": identity.may(officer, "catalog.object"),
        },
        status=422 if errors else 200,
    )


def _fill(request: HttpRequest, number: int, division: str, officer: identity.Officer) -> None:
    forms.fill_row(
        number=number,
        division=division,
        answers=_answers(request),
        version=_version(request),
        officer=officer,
        at=system_clock(),
    )


def workbook(request: HttpRequest, number: int) -> HttpResponse:
    """The officer's rows as a workbook to fill in without a network."""
    title, content = forms.round_workbook(number=number, officer=officer_of(request))
    answer = _workbook(content, f"report-{number}")
    answer.headers["X-Report-Title"] = title.encode("ascii", "ignore").decode()
    return answer


def _workbook(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


@require_POST
def upload(request: HttpRequest, number: int) -> HttpResponse:
    """A workbook comes back: each line saved, unchanged, or refused with its reason."""
    file = request.FILES.get("workbook")
    if file is None:
        messages.error(request, _t("请选择填好的工作簿。"))
        return redirect("office:report_round", number)
    try:
        taken = forms.fill_from_workbook(
            number=number,
            name=str(file.name),
            content=file.read(LONGEST + 1),
            officer=officer_of(request),
            at=system_clock(),
        )
    except (Invalid, Conflict) as refusal:
        messages.error(request, str(refusal))
        return redirect("office:report_round", number)
    return redirect("office:report_return", taken.id)


def returned(request: HttpRequest, number: int) -> HttpResponse:
    """How a workbook that the officer brought was taken in; what was not written stays here."""
    taken = forms.workbook_return(number, officer=officer_of(request))
    return render(request, "office/report_taken.html", {"taken": taken})


def refused(request: HttpRequest, number: int) -> HttpResponse:
    """The lines that were not written, with the reason, to be put right and brought again."""
    content = forms.refused_workbook(number, officer=officer_of(request))
    return _workbook(content, f"report-refused-{number}")


def reduction(request: HttpRequest) -> HttpResponse:
    """减负成效: cells nobody had to fill in, organ by organ, and reports that overlap."""
    lines = forms.reduction()
    cells, known = sum(one.cells for one in lines), sum(one.known for one in lines)
    return render(
        request,
        "office/report_reduction.html",
        {
            "lines": whole(ORGANS, lines),
            "cells": cells,
            "known": known,
            "reports": sum(one.reports for one in lines),
            "standing": sum(one.standing for one in lines),
            "refused": sum(one.refused for one in lines),
            "overlaps": forms.overlaps(actor=officer_of(request)),
        },
    )


def _answers(request: HttpRequest) -> dict[str, str]:
    return {
        name.removeprefix(PREFIX): str(value)
        for name, value in request.POST.items()
        if name.startswith(PREFIX)
    }


def _version(request: HttpRequest) -> int:
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


routes = [
    route("reports/", listed, right="forms.see", name="reports", menu=_("报表填报"), icon="edit"),
    route("reports/reduction/", reduction, right="forms.watch", name="report_reduction"),
    route("reports/returns/<int:number>/", returned, right="forms.fill", name="report_return"),
    route(
        "reports/returns/<int:number>/workbook/", refused, right="forms.fill", name="report_refused"
    ),
    route("reports/<int:number>/", summed, right="forms.see", name="report_round"),
    route("reports/<int:number>/workbook/", workbook, right="forms.see", name="report_workbook"),
    route("reports/<int:number>/upload/", upload, right="forms.fill", name="report_upload"),
    route("reports/<int:number>/<str:division>/", row, right="forms.see", name="report_row"),
]
