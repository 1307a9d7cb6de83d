"""Govern items: the list of four kinds, who adopted what, before and after, what was saved."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid
from yiwang.web.acts import file_answer
from yiwang.web.routes import route

LARGEST = 20 * 1024 * 1024
"""The largest list that is read, in bytes."""


def items(request: HttpRequest) -> HttpResponse:
    """事项清单: every item and version, the kinds covered, who adopted what and who has not."""
    officer = officer_of(request)
    organs = {one.id: one.title for one in identity.organs()}
    return render(
        request,
        "office/items.html",
        {
            "families": services.families(officer=officer),
            "items": services.items(),
            "coverage": services.coverage(officer=officer),
            "organs": organs,
            "titles": services.FAMILIES,
        },
    )


def results(request: HttpRequest) -> HttpResponse:
    """减了多少: before and after per item, and what applicants did not fill in or hand in."""
    officer = officer_of(request)
    return render(
        request,
        "office/item_results.html",
        {
            "savings": services.item_savings(officer=officer),
            "simplified": services.simplified(officer=officer),
        },
    )


@require_http_methods(["GET", "POST"])
def compare(request: HttpRequest) -> HttpResponse:
    """清单比对: this organ's own list in a file against the master list; nothing is kept."""
    officer, found, error = officer_of(request), None, None
    if request.method == "POST":
        given = request.FILES.get("file")
        try:
            if given is None or (given.size or 0) > LARGEST:
                raise Invalid(_t("请选择清单文件。"), hint=_t("Excel 或 CSV，不超过 20 MB。"))
            found = services.compare_list(
                name=given.name or "", content=given.read(), officer=officer
            )
        except Invalid as refused:
            error = refused
    shown = {"found": found, "error": error, "heads": [one[0] for one in services.HEADS.values()]}
    return render(request, "office/item_compare.html", shown, status=422 if error else 200)


def master_list(request: HttpRequest) -> HttpResponse:
    """The master list as a file of the form that is compared."""
    file = services.master_list(officer=officer_of(request))
    return file_answer(file, kind="text/csv", name="事项主清单.csv")


@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, ref: str) -> HttpResponse:
    """One item: versions, adoptions, and adopting it for one's own division."""
    officer, found = officer_of(request), services.item(ref)
    errors: dict[str, str] = {}
    if request.method == "POST":
        local: dict[str, str | list[str]] = {
            name: request.POST.get(name, "") for name in services.LOCAL if name != "channels"
        }
        local["channels"] = request.POST.getlist("channels")
        try:
            services.adopt_item(ref, local=local, officer=officer, at=system_clock())
        except services.AdoptionRefused as refusal:
            errors = refusal.fields
        else:
            messages.success(request, _t("已认领，从现在起由本单位为本辖区办理。"))
            return redirect("office:item", ref)
    adoptions = services.adoptions_of(found)
    shown = {
        "item": found,
        "versions": services.item_versions(ref),
        "adoptions": adoptions,
        "own": next((one for one in adoptions if one.organ == officer.organ), None),
        "organ": identity.organ(found.organ).title,
        "errors": errors,
        "form": request.POST,
    }
    return render(request, "office/item.html", shown, status=422 if errors else 200)


@require_POST
def give_back(request: HttpRequest, ref: str) -> HttpResponse:
    """The item's own organ handles it again."""
    services.end_adoption(ref, officer=officer_of(request), at=system_clock())
    messages.success(request, _t("已终止认领；正在办理的办件不受影响。"))
    return redirect("office:item", ref)


def filings(request: HttpRequest) -> HttpResponse:
    """一件事: what this organ leads, and which members are late."""
    found = services.filings(officer=officer_of(request), at=system_clock())
    return render(request, "office/filings.html", {"filings": found})


def filing(request: HttpRequest, number: str) -> HttpResponse:
    """One filing, part by part."""
    found = services.filing(number, actor=officer_of(request), at=system_clock())
    return render(request, "office/filing.html", {"filing": found})


routes = [
    route("items/", items, right="services.adopt", name="items", menu=_("事项管理"), icon="check"),
    route("items/results/", results, right="services.adopt", name="item_results"),
    route("items/compare/", compare, right="services.adopt", name="item_compare"),
    route("items/list.csv", master_list, right="services.adopt", name="master_list"),
    route("items/<str:ref>/", item, right="services.adopt", name="item"),
    route("items/<str:ref>/end/", give_back, right="services.adopt", name="end_adoption"),
    route(
        "filings/", filings, right="services.join", name="filings", menu=_("一件事"), icon="check"
    ),
    route("filings/<str:number>/", filing, right="services.join", name="filing"),
]
