"""Pages of scenario lists: seen, judged as a whole, sent back, supplemented and sent again."""

from collections.abc import Mapping

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
from yiwang.faces.steward.shop import asked_for, basket_of, empty_basket
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, wish

SCENARIOS = (
    Column(title=_("编号")),
    Column(title=_("场景")),
    Column(title=_("需求机构")),
    Column(title=_("分项"), is_number=True),
    Column(title=_("已授权"), is_number=True),
    Column(title=_("应审定")),
    Column(title=_("状态")),
)
TONES = {"waiting": "yellow", "approved": "green", "refused": "red", "withdrawn": "grey"}
SAID = {
    "approve": _("已审定，各分项已送提供机构。"),
    "refuse": _("已答复不予通过。"),
    "return": _("已退回，等待需求机构补充。"),
}


def scenarios(request: HttpRequest) -> HttpResponse:
    """Lists that this organ asked for or provides for."""
    asked, state = wish(request, SCENARIOS), request.GET.get("state", "")
    found = exchange.scenarios(
        actor=actor_of(request),
        state=state if state in TONES else "",
        offset=asked.offset,
        limit=asked.per_page + 1,
    )
    return render(
        request,
        "steward/scenarios.html",
        {
            "scenarios": listing(request, SCENARIOS, found, wish=asked),
            "state": state,
            "tones": TONES,
            "organ_titles": organ_titles(),
        },
    )


def scenario(request: HttpRequest, number: str) -> HttpResponse:
    """One list with the progress of each part, and the form of the one approval."""
    return _list_page(request, number)


def _list_page(
    request: HttpRequest, number: str, refused: Invalid | Conflict | None = None
) -> HttpResponse:
    officer = actor_of(request)
    found = exchange.scenario(number, actor=officer)
    return render(
        request,
        "steward/scenario.html",
        {
            "scenario": found,
            "tone": TONES[found.state],
            "organ_titles": organ_titles(),
            "titles": {one.ref: one.title for one in catalog.datasets()},
            "columns": {
                part.table: {one.name: one for one in catalog.columns_of(part.table)}
                for part in found.parts
            },
            "may_judge": identity.may(officer, "exchange.council"),
            "given": request.POST,
            "error": refused,
            **followed(request, number),
        },
        status=refused.status if refused else 200,
    )


@require_POST
def judge(request: HttpRequest, number: str) -> HttpResponse:
    """Approve the whole list, refuse it, or send it back to be supplemented."""
    verdict, reason = request.POST.get("verdict", ""), request.POST.get("reason", "")
    officer, at = actor_of(request), system_clock()
    try:
        if verdict == "return":
            exchange.return_scenario(number, reason=reason, officer=officer, at=at)
        else:
            exchange.judge_scenario(
                number, approve=verdict == "approve", reason=reason, officer=officer, at=at
            )
    except (Invalid, Conflict) as refused:
        return _list_page(request, number, refused)
    messages.success(request, SAID.get(verdict, SAID["refuse"]))
    return redirect("steward:scenario", number)


def amend(request: HttpRequest, number: str) -> HttpResponse:
    """A returned list, filled in as it was and with what lies in the basket; POST sends it."""
    officer = actor_of(request)
    found = exchange.scenario(number, actor=officer)
    identity.require(officer, "exchange.demand", organ=found.organ)
    error: Invalid | Conflict | None = None
    if request.method == "POST":
        try:
            _send_again(request, found)
        except (Invalid, Conflict) as refused:
            error = refused
        else:
            messages.success(request, _t("已补充并重新提交，等待数据主管部门审定。"))
            return redirect("steward:scenario", number)
    given = request.POST if request.method == "POST" else _as_it_was(found, basket_of(request))
    return render(
        request,
        "steward/amend_scenario.html",
        {
            "scenario": found,
            "lines": [
                {
                    "dataset": catalog.dataset(ref),
                    "asked": given.getlist(f"columns-{ref}"),
                    "unmasked": given.getlist(f"clear-{ref}"),
                }
                for ref in given.getlist("tables")
            ],
            "organ_titles": organ_titles(),
            "given": given,
            "error": error,
        },
        status=error.status if error else 200,
    )


def _send_again(request: HttpRequest, found: exchange.ScenarioView) -> None:
    given = request.POST
    chosen = {ref: given.getlist(f"columns-{ref}") for ref in given.getlist("tables")}
    wanted = {ref: columns for ref, columns in chosen.items() if columns}
    before = {part.table: exchange.bounds_of(part.bounds) for part in found.parts}
    exchange.amend_scenario(
        found.number,
        **asked_for(given, wanted, before),
        words=given.get("words", ""),
        officer=actor_of(request),
        at=system_clock(),
    )
    if basket_of(request).keys() <= chosen.keys():
        empty_basket(request)


def _as_it_was(found: exchange.ScenarioView, basket: Mapping[str, list[str]]) -> QueryDict:
    """The form of a list filled in with what it asked for, and what was put into the basket."""
    given = QueryDict(mutable=True)
    for name in ("title", "item", "purpose", "basis"):
        given[name] = getattr(found, name)
    tables = {part.table: list(part.columns) for part in found.parts}
    for ref, columns in basket.items():
        tables[ref] = list(dict.fromkeys([*tables.get(ref, []), *columns]))
    given.setlist("tables", list(tables))
    for ref, columns in tables.items():
        given.setlist(f"columns-{ref}", columns)
    for part in found.parts:
        given.setlist(f"clear-{part.table}", list(part.bounds["clear"]))
        given["valid_days"] = str(part.bounds["valid_days"])
        if part.bounds["max_grade"] > exchange.Bounds().max_grade:
            given["high"] = "1"
    return given


@require_POST
def give_up(request: HttpRequest, number: str) -> HttpResponse:
    """Withdraw a list that was returned."""
    found = exchange.scenario(number, actor=actor_of(request))
    try:
        exchange.withdraw_scenario(
            found.number,
            reason=request.POST.get("reason", ""),
            officer=actor_of(request),
            at=system_clock(),
        )
    except (Invalid, Conflict) as refused:
        return _list_page(request, number, refused)
    messages.success(request, _t("场景清单已撤回。"))
    return redirect("steward:scenario", number)


routes = [
    route(
        "scenarios/",
        scenarios,
        right="exchange.see",
        name="scenarios",
        menu=_("场景清单"),
        icon="book",
    ),
    route("scenarios/<str:number>/", scenario, right="exchange.see", name="scenario"),
    route(
        "scenarios/<str:number>/amendment/", amend, right="exchange.demand", name="amend_scenario"
    ),
    route(
        "scenarios/<str:number>/withdrawal/",
        give_up,
        right="exchange.demand",
        name="withdraw_scenario",
    ),
    route("scenarios/<str:number>/verdict/", judge, right="exchange.council", name="judge"),
]
