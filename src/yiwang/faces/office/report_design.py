"""Design a report: columns from the catalogue first, questions only for the rest, then issue."""

from collections.abc import Callable
from typing import cast

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.apps.forms import public as forms
from yiwang.apps.identity import public as identity
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.kernel.folding import fold
from yiwang.packkit.kinds.reports import ReportField
from yiwang.packkit.kinds.shared import Type
from yiwang.web.acts import LONGEST
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

COLUMNS = (
    Column(title=_("报表")),
    Column(title=_("下发机构")),
    Column(title=_("周期")),
    Column(title=_("栏目"), is_number=True),
    Column(title=_("要填的"), is_number=True),
    Column(title=_("状态")),
)
FIELDS = (
    Column(title=_("栏目")),
    Column(title=_("上级表头")),
    Column(title=_("从哪里来")),
    Column(title=_("操作")),
)
NUMBERS = ("integer", "decimal")
TYPES = {"integer": _("整数"), "decimal": _("小数"), "text": _("文字"), "date": _("日期")}


@require_http_methods(["GET", "POST"])
def listed(request: HttpRequest) -> HttpResponse:
    """The organ's reports; a new one is begun here, from nothing or from a spreadsheet."""
    officer, error = officer_of(request), None
    if request.method == "POST":
        try:
            return redirect("office:report_design", _begun(request, officer))
        except (Invalid, Conflict) as refusal:
            error = refusal
    return render(
        request,
        "office/report_designs.html",
        {
            "given": request.POST,
            "error": error,
            "reports": whole(COLUMNS, forms.reports(actor=officer)),
            "periods": list(forms.PERIODS.items()),
            "lists": [
                (one.ref, _t("名册：%(table)s") % {"table": one.title})
                for one in forms.tables_to_list(actor=officer)
            ],
            "organ": officer.organ,
        },
        status=error.status if error else 200,
    )


def _begun(request: HttpRequest, officer: identity.Officer) -> str:
    title, period = request.POST.get("title", ""), request.POST.get("period", "")
    file, at = request.FILES.get("template"), system_clock()
    if file is None:
        roster = request.POST.get("roster", "")
        return forms.draft_report(
            title=title, period=period, fields=[], officer=officer, at=at, roster=roster
        )
    return forms.import_template(
        name=str(file.name),
        content=file.read(LONGEST + 1),
        title=title,
        period=period,
        officer=officer,
        at=at,
    )


def design(request: HttpRequest, ref: str) -> HttpResponse:
    """One report: its columns, what the catalogue offers, what would be asked again."""
    officer, at = officer_of(request), system_clock()
    shown = forms.report(ref, actor=officer)
    words = fold(request.GET.get("query", "")[:60])
    taken, known = {one.prefill for one in shown.content.fields.values()}, _offered(shown)
    offered = [
        (path, title)
        for path, (title, _) in known.items()
        if path not in taken and words in fold(title)
    ]
    return render(
        request,
        "office/report_design.html",
        {
            "report": shown,
            "fields": whole(FIELDS, list(shown.content.fields.items())),
            "offered": offered,
            "listed": _listed(shown),
            "sources": {path: title for path, (title, _) in known.items()},
            "query": request.GET.get("query", "")[:60],
            "again": forms.asked_again(shown.content, ref=ref, at=at)
            if shown.state == "draft"
            else [],
            "types": list(TYPES.items()),
            "reported": forms.REPORTED,
        },
    )


def _offered(shown: forms.ReportView) -> dict[str, tuple[str, ReportField]]:
    """What need not be asked, by its path: of divisions, or of the persons of a list."""
    if table := _listed(shown):
        paths = [(f"{table.ref}.{one.name}", one.title) for one in table.columns]
        fields = [(path, title, forms.listed_field(table, path=path)) for path, title in paths]
        return {path: (title, field) for path, title, field in fields if field}
    return {
        one.path: (
            f"{one.title}（{one.table_title}）",
            ReportField(
                title=one.title,
                type=cast(Type, one.type),
                prefill=one.path,
                total="sum" if forms.sums_up(one.title, one.type) else "none",
            ),
        )
        for one in catalog.columns_keyed_by("division")
        if one.grade <= 2
    }


def _listed(shown: forms.ReportView) -> forms.ListedTable | None:
    roster = shown.content.roster
    return forms.listed_table(roster, shown.organ) if roster else None


@require_POST
def change(request: HttpRequest, ref: str) -> HttpResponse:
    """Do one thing to a report: add or remove a column, take what is known, issue, withdraw."""
    acts: dict[str, Callable[[HttpRequest, str, identity.Officer], object]] = {
        "known": _add_known,
        "asked": _add_asked,
        "remove": _remove,
        "take": lambda r, n, o: forms.take_known(ref=n, officer=o, at=system_clock()),
        "issue": _issue,
        "withdraw": lambda r, n, o: forms.withdraw_report(ref=n, officer=o, at=system_clock()),
    }
    act = acts.get(request.POST.get("act", ""))
    try:
        if act is not None:
            act(request, ref, officer_of(request))
    except (Invalid, Conflict) as refusal:
        messages.error(request, str(refusal))
    return redirect("office:report_design", ref)


def _fields(ref: str, officer: identity.Officer) -> list[ReportField]:
    return list(forms.report(ref, actor=officer).content.fields.values())


def _add_known(request: HttpRequest, ref: str, officer: identity.Officer) -> None:
    wanted = set(request.POST.getlist("column"))
    offered = _offered(forms.report(ref, actor=officer))
    added = [field for path, (_, field) in offered.items() if path in wanted]
    Invalid.unless((bool(added), "column", _t("请勾选要加入的栏目。")), hint="")
    fields = [*_fields(ref, officer), *added]
    forms.change_report(ref=ref, fields=fields, officer=officer, at=system_clock())


def _add_asked(request: HttpRequest, ref: str, officer: identity.Officer) -> None:
    given = request.POST
    kind = given.get("type", "integer")
    field = ReportField(
        title=given.get("title", "").strip()[:60],
        group=given.get("group", "").strip()[:60],
        type=cast(Type, kind if kind in TYPES else "integer"),
        total="sum" if kind in NUMBERS and given.get("summed") == "1" else "none",
        required=given.get("required") == "1",
        help=given.get("help", "").strip()[:120],
    )
    fields = [*_fields(ref, officer), field]
    forms.change_report(ref=ref, fields=fields, officer=officer, at=system_clock())


def _remove(request: HttpRequest, ref: str, officer: identity.Officer) -> None:
    name = request.POST.get("field", "")
    kept = [
        msgspec.structs.replace(one)
        for key, one in forms.report(ref, actor=officer).content.fields.items()
        if key != name
    ]
    forms.change_report(ref=ref, fields=kept, officer=officer, at=system_clock())


def _issue(request: HttpRequest, ref: str, officer: identity.Officer) -> None:
    at = system_clock()
    forms.issue_report(ref=ref, officer=officer, at=at)
    forms.begin_round(ref=ref, officer=officer, at=at)
    messages.success(request, _t("已下发，各填报单位的待办里已经有了。"))


routes = [
    route(
        "report-designs/",
        listed,
        right="forms.design",
        name="report_designs",
        menu=_("报表编制"),
        icon="table",
    ),
    route("report-designs/<str:ref>/", design, right="forms.design", name="report_design"),
    route("report-designs/<str:ref>/change/", change, right="forms.design", name="report_change"),
]
