"""Pages of demands: made, amended when they come back, decided, and what follows."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.catalog import organ_titles
from yiwang.faces.steward.sharing import actor_of, followed
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, YiwangError
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, wish

DEMANDS = (
    Column(title=_("编号")),
    Column(title=_("需求机构")),
    Column(title=_("提供机构")),
    Column(title=_("数据表")),
    Column(title=_("用途")),
    Column(title=_("提出时间")),
    Column(title=_("应办结")),
    Column(title=_("状态")),
)
FIELDS = tuple(
    "purpose basis rows quota_per_day rate_per_second valid_days system assurance "
    "stale_minutes".split()
)
"""What the form of a demand asks beside columns."""


def demands(request: HttpRequest) -> HttpResponse:
    """Demands that this organ made or must decide."""
    asked, state = wish(request, DEMANDS), request.GET.get("state", "")
    found = exchange.demands(
        actor=actor_of(request), state=state, offset=asked.offset, limit=asked.per_page + 1
    )
    return render(
        request,
        "steward/demands.html",
        {
            "demands": listing(request, DEMANDS, found, wish=asked),
            "state": state,
            "organ_titles": organ_titles(),
            "may_demand": identity.may(actor_of(request), "exchange.demand"),
        },
    )


def new_demand(request: HttpRequest) -> HttpResponse:
    """Choose columns of a table and say what for; POST opens the demand."""
    dataset = catalog.dataset(request.GET.get("table", ""))
    error: Invalid | Conflict | None = None
    if request.method == "POST":
        try:
            number = exchange.open_demand(
                table=dataset.ref,
                officer=actor_of(request),
                at=system_clock(),
                **_asked(request.POST),
            ).number
        except (Invalid, Conflict) as refused:
            error = refused
        else:
            messages.success(request, _t("数据需求已提出，提供机构的办理时限开始计算。"))
            return redirect("steward:demand", number)
    given = request.POST.copy()
    given.setdefault("lookup", catalog.subject_column(dataset.ref))
    return _demand_form(request, dataset, given, error)


def amend(request: HttpRequest, number: str) -> HttpResponse:
    """A demand that was returned, its form filled in as it was; POST sends it again."""
    officer = actor_of(request)
    found = exchange.demand(number, actor=officer)
    identity.require(officer, "exchange.demand", organ=found.organ)
    error: Invalid | Conflict | None = None
    if request.method == "POST":
        try:
            exchange.amend_demand(
                number,
                words=request.POST.get("words", ""),
                officer=officer,
                at=system_clock(),
                **_asked(request.POST, found),
            )
        except (Invalid, Conflict) as refused:
            error = refused
        else:
            messages.success(request, _t("已补充并重新提交，等待提供机构答复。"))
            return redirect("steward:demand", number)
    given = QueryDict(mutable=True)
    for name in ("columns", "lookup", "clear"):
        given.setlist(name, list(getattr(found, name)))
    for name in FIELDS:
        given[name] = str(getattr(found, name))
    shown = request.POST if request.method == "POST" else given
    return _demand_form(request, catalog.dataset(found.table), shown, error, found)


def _demand_form(
    request: HttpRequest,
    dataset: catalog.DatasetView,
    given: QueryDict,
    error: Invalid | Conflict | None,
    returned: exchange.DemandView | None = None,
) -> HttpResponse:
    return render(
        request,
        "steward/new_demand.html",
        {
            "dataset": dataset,
            "organ": organ_titles().get(dataset.organ, dataset.organ),
            "given": given,
            "chosen": given.getlist("columns"),
            "clear": given.getlist("clear"),
            "lookup": given.getlist("lookup"),
            "returned": returned,
            "error": error,
        },
        status=error.status if error else 200,
    )


def _asked(given: QueryDict, before: exchange.DemandView | None = None) -> dict[str, Any]:
    """What the form asks for; what it does not ask stays as it was ``before``."""
    kept = ("max_grade", "smallest_group", "target")
    bounds = exchange.Bounds(
        **{name: getattr(before, name) for name in kept if before},
        lookup=tuple(given.getlist("lookup")),
        rows=given.get("rows", "").strip(),
        clear=tuple(given.getlist("clear")),
        quota_per_day=_whole(given.get("quota_per_day", "")),
        rate_per_second=_whole(given.get("rate_per_second", "")),
        valid_days=_whole(given.get("valid_days", "")),
        system=given.get("system", "").strip(),
        assurance=given.get("assurance", "key"),
        stale_minutes=_whole(given.get("stale_minutes", "0")),
    )
    return {
        "columns": given.getlist("columns"),
        "purpose": given.get("purpose", "").strip(),
        "basis": given.get("basis", "").strip(),
        "bounds": bounds,
    }


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0


def demand(request: HttpRequest, number: str) -> HttpResponse:
    """One demand, with the decision form for the providing organ."""
    return demand_page(request, number)


def demand_page(
    request: HttpRequest, number: str, refused: YiwangError | None = None
) -> HttpResponse:
    """One demand; ``refused`` stands above it, and in its form what was written."""
    officer = actor_of(request)
    found = exchange.demand(number, actor=officer)
    standing = followed(request, found.case)
    case = standing["case"]
    is_asked = case is not None and case.step == "answer"
    is_late = is_asked and case.step_due_at is not None and system_clock() > case.step_due_at
    return render(
        request,
        "steward/demand.html",
        {
            "demand": found,
            "organ_titles": organ_titles(),
            "columns": {one.name: one for one in catalog.columns_of(found.table)},
            "may_decide": is_asked
            and identity.may(officer, "exchange.decide", organ=found.provider),
            "may_escalate": is_late and identity.may(officer, "exchange.demand", organ=found.organ),
            "given": request.POST,
            "error": refused,
            **standing,
        },
        status=refused.status if refused else 200,
    )


@require_POST
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """Agree or refuse."""
    agree = request.POST.get("agree") == "1"
    try:
        grant = exchange.decide_demand(
            number,
            agree=agree,
            reason=request.POST.get("reason", ""),
            officer=actor_of(request),
            at=system_clock(),
        )
    except (Invalid, Conflict) as refused:
        return demand_page(request, number, refused)
    if grant is None:
        messages.success(
            request,
            _t("已同意，平台接入后即可使用。")
            if agree
            else _t("已答复不同意，理由将告知需求机构。"),
        )
        return redirect("steward:demand", number)
    messages.success(request, _t("已同意，授权即时生效。"))
    return redirect("steward:grant", grant.number)


routes = [
    route(
        "demands/", demands, right="exchange.see", name="demands", menu=_("数据需求"), icon="inbox"
    ),
    route("demands/new/", new_demand, right="exchange.demand", name="new_demand"),
    route("demands/<str:number>/", demand, right="exchange.see", name="demand"),
    route("demands/<str:number>/amendment/", amend, right="exchange.demand", name="amend_demand"),
    route("demands/<str:number>/decision/", decide, right="exchange.decide", name="decide"),
]
