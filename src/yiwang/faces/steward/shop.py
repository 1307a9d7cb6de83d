"""The shop front of data: search, look at a field, put it into the basket, ask for the whole list.

The basket is kept in the session: table and columns, nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
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
from yiwang.faces.steward.catalog import SHARE, organ_titles
from yiwang.faces.steward.sharing import actor_of
from yiwang.kernel.clock import local_date, system_clock
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.web.routes import route
from yiwang.web.words import CYCLES

BASKET = "data_basket"
HERE = ("local",)
ORIGINS = {"returned": _("上级回流"), "local": _("本地汇聚"), "social": _("社会数据")}


def basket_of(request: HttpRequest) -> dict[str, list[str]]:
    """Tables and columns that were put together so far."""
    kept: dict[str, list[str]] = request.session.get(BASKET, {})
    return kept


def empty_basket(request: HttpRequest) -> None:
    """What was put together has been asked for."""
    request.session[BASKET] = {}


def shop(request: HttpRequest) -> HttpResponse:
    """Tables that can be asked for, by words, provider, origin and share attribute."""
    query, organ = request.GET.get("query", "")[:60], request.GET.get("organ", "")
    share, need = request.GET.get("share", ""), request.GET.get("need", "")[:200]
    origin, origins = request.GET.get("origin", ""), _origins()
    found = [
        one
        for one in catalog.datasets(query=query, organ=organ, kind="table", limit=200)
        if one.share != "none" and share in ("", one.share)
        if not origin or origin in origins.get(one.ref, HERE)
    ]
    titles = organ_titles()
    return render(
        request,
        "steward/shop.html",
        {
            "tables": found,
            "uses": exchange.uses_of_tables(),
            "query": query,
            "organ": organ,
            "share": share,
            "origin": origin,
            "origins": origins,
            "here": HERE,
            "origin_titles": ORIGINS,
            "shares": [(name, title) for name, title in SHARE.items() if name != "none"],
            "share_titles": SHARE,
            "cycles": CYCLES,
            "organs": sorted(titles.items(), key=lambda pair: pair[1]),
            "organ_titles": titles,
            "need": need,
            "suggested": catalog.suggest_columns(need) if need else [],
            "basket": basket_of(request),
        },
    )


def _origins() -> dict[str, tuple[str, ...]]:
    """Of what origins each computed table is; a table of nothing computed is of here."""
    return catalog.origins_of_tables(on=local_date(system_clock()))


def shelf(request: HttpRequest, ref: str) -> HttpResponse:
    """One table on the shelf, field by field: grade, share type, quality, freshness, uses."""
    dataset = catalog.dataset(ref)
    return render(
        request,
        "steward/shelf.html",
        {
            "dataset": dataset,
            "organ": organ_titles().get(dataset.organ, dataset.organ),
            "origins": [ORIGINS[one] for one in _origins().get(ref, HERE)],
            "share": SHARE,
            "cycle": CYCLES.get(dataset.cycle, dataset.cycle),
            "uses": exchange.uses_of_columns(ref),
            "score": catalog.score_behind(ref),
            "chosen": basket_of(request).get(ref, []),
            "basket": basket_of(request),
        },
    )


@require_POST
def put(request: HttpRequest) -> HttpResponse:
    """Put columns of a table into the basket; none takes the table out."""
    ref = request.POST.get("table", "")
    known = {one.name for one in catalog.dataset(ref).column_views}
    columns = [name for name in request.POST.getlist("columns") if name in known]
    basket = dict(basket_of(request))
    if request.POST.get("add") == "1":
        columns = list(dict.fromkeys([*basket.get(ref, []), *columns]))
    if columns:
        basket[ref] = columns
        messages.success(request, _t("已放入清单，可继续挑选或提交。"))
    else:
        basket.pop(ref, None)
        messages.success(request, _t("已移出清单。"))
    request.session[BASKET] = basket
    return redirect("steward:basket" if request.POST.get("then") == "basket" else "steward:shop")


def basket(request: HttpRequest) -> HttpResponse:
    """The list: one scenario, one purpose, one basis; POST asks for all of it."""
    error: Invalid | Conflict | None = None
    chosen = basket_of(request)
    if request.method == "POST":
        try:
            number = _asked(request, chosen)
        except (Invalid, Conflict) as refused:
            error = refused
        else:
            empty_basket(request)
            messages.success(request, _t("场景清单已提出，等待数据主管部门一次审定。"))
            return redirect("steward:scenario", number)
    officer, purpose = actor_of(request), request.POST.get("purpose", "")
    at = system_clock()
    lines = [
        {
            "dataset": catalog.dataset(ref),
            "columns": columns,
            "same": exchange.same_demand(
                organ=officer.organ, table=ref, columns=columns, purpose=purpose, at=at
            ),
        }
        for ref, columns in chosen.items()
    ]
    return render(
        request,
        "steward/basket.html",
        {
            "lines": lines,
            "organ_titles": organ_titles(),
            "given": request.POST,
            "error": error,
            "clear": {ref: request.POST.getlist(f"clear-{ref}") for ref in chosen},
            "may_demand": identity.may(officer, "exchange.demand"),
        },
        status=error.status if error else 200,
    )


def _asked(request: HttpRequest, chosen: Mapping[str, list[str]]) -> str:
    given = request.POST
    return exchange.open_scenario(
        **asked_for(given, chosen), officer=actor_of(request), at=system_clock()
    ).number


def asked_for(
    given: QueryDict,
    chosen: Mapping[str, Sequence[str]],
    before: Mapping[str, exchange.Bounds] | None = None,
) -> dict[str, Any]:
    """What the form of a list says of the ``chosen`` columns, by table.

    What the form does not ask stays as it was ``before``.
    """
    known = before or {}
    return {
        **{name: given.get(name, "").strip() for name in ("title", "item", "purpose", "basis")},
        "parts": [
            exchange.Part(
                ref, tuple(columns), _bounds(ref, columns, given, known.get(ref) or _usual(ref))
            )
            for ref, columns in chosen.items()
        ],
    }


def _usual(ref: str) -> exchange.Bounds:
    subject = catalog.subject_column(ref)
    return exchange.Bounds(lookup=(subject,) if subject else ())


def _bounds(
    ref: str, columns: Sequence[str], given: QueryDict, known: exchange.Bounds
) -> exchange.Bounds:
    days = given.get("valid_days", "")
    return replace(
        known,
        clear=tuple(name for name in given.getlist(f"clear-{ref}") if name in columns),
        valid_days=int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0,
        max_grade=4 if given.get("high") else 3,
    )


routes = [
    route("shop/", shop, right="catalog.see", name="shop", menu=_("数据超市"), icon="grid"),
    route("shop/<str:ref>/", shelf, right="catalog.see", name="shelf"),
    route("basket/", basket, right="exchange.demand", name="basket", under="shop"),
    route("basket/lines/", put, right="exchange.demand", name="put_in_basket", under="shop"),
]
