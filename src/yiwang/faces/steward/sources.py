"""Pages of 一数一源: the authoritative source of every datum, what others say, links of numbers."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from yiwang.apps.identity import public as identity
from yiwang.apps.subjects import public as subjects
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.web.pieces import Series
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, whole, wish

ITEMS = (
    Column(title=_("数据项")),
    Column(title=_("权威来源")),
    Column(title=_("其他来源"), is_number=True),
    Column(title=_("不一致"), is_number=True),
    Column(title=_("异议"), is_number=True),
)
ORGANS = (
    Column(title=_("来源机构")),
    Column(title=_("未消除"), is_number=True),
    Column(title=_("已消除"), is_number=True),
)
CONFLICTS = (
    Column(title=_("数据项")),
    Column(title=_("主体")),
    Column(title=_("来源的值")),
    Column(title=_("权威来源的值")),
    Column(title=_("发现")),
    Column(title=_("处理")),
)
LINKS = (
    Column(title=_("时间")),
    Column(title=_("决定")),
    Column(title=_("号码")),
    Column(title=_("理由")),
    Column(title=_("决定人")),
)
KINDS = {
    "differs": _("与权威来源不一致"),
    "apart": _("疑似一号多人"),
    "after_end": _("终止后仍有记录"),
}


def sources(request: HttpRequest) -> HttpResponse:
    """Every datum with its authoritative source, and how far the others agree."""
    at = system_clock()
    trend = subjects.conflict_trend(at=at)
    return render(
        request,
        "steward/sources.html",
        {
            "items": whole(ITEMS, subjects.sources_of_items(), id="items"),
            "organs": whole(ORGANS, subjects.conflicts_by_organ(), id="organs"),
            "days": [f"{day:%m-%d}" for day in trend.days],
            "series": [
                Series(name=_now("新发现"), values=list(trend.opened)),
                Series(name=_now("已消除"), values=list(trend.closed)),
            ],
            "compared_at": subjects.reconciled_at(),
        },
    )


def conflicts(request: HttpRequest) -> HttpResponse:
    """Conflicts row by row, for the bureau and the organs on either side."""
    asked = wish(request, CONFLICTS)
    chosen = {
        name: request.GET.get(name, "") for name in ("entity", "item", "organ", "kind", "closed")
    }
    found = subjects.conflicts(
        officer=request.actor,
        **{**chosen, "closed": chosen["closed"] == "1"},
        offset=asked.offset,
        limit=asked.per_page + 1,
    )
    organs = [(one.id, one.title) for one in identity.organs()]
    data = {(one.item, one.title) for one in subjects.sources_of_items()}
    return render(
        request,
        "steward/conflicts.html",
        {
            "conflicts": listing(request, CONFLICTS, found, wish=asked),
            "chosen": chosen,
            "kinds": KINDS.items(),
            "organs": sorted(organs, key=lambda pair: pair[1]),
            "data": sorted(data, key=lambda pair: pair[1]),
            "may_settle": identity.may(request.actor, "subjects.link"),
        },
    )


def links(request: HttpRequest) -> HttpResponse:
    """Decisions about numbers; POST makes one. Numbers never stand in an address."""
    error, given = None, request.POST
    if request.method == "POST":
        try:
            _decide(request)
        except (Invalid, Conflict, NotFound) as refused:
            error = refused
        else:
            messages.success(request, _now("已记录；下一次发布后档案随之改变，可以再撤销。"))
            return redirect("steward:links")
    entities = {one.entity: one.entity_title for one in subjects.sources_of_items()}
    return render(
        request,
        "steward/links.html",
        {
            "links": whole(LINKS, subjects.links(officer=request.actor)),
            "entities": entities.items(),
            "given": given,
            "error": error,
            "may_link": identity.may(request.actor, "subjects.link"),
        },
        status=error.status if error else 200,
    )


def settle(request: HttpRequest, number: int) -> HttpResponse:
    """Whether a source under a number speaks of this subject or of somebody else."""
    error = None
    if request.method == "POST":
        try:
            subjects.settle_conflict(
                number,
                is_same=request.POST.get("is_same") == "yes",
                reason=request.POST.get("reason", ""),
                officer=request.actor,
                at=system_clock(),
            )
        except Invalid as refused:
            error = refused
        else:
            messages.success(request, _now("已记录；下一次发布后生效。"))
            return redirect("steward:conflicts")
    given = {"number": number, "given": request.POST, "error": error}
    return render(request, "steward/settle.html", given, status=error.status if error else 200)


def _decide(request: HttpRequest) -> None:
    given = request.POST
    act = subjects.undo_link if given.get("act") == "undo" else subjects.link_identifiers
    act(
        entity=given.get("entity", ""),
        stated=given.get("stated", ""),
        canonical=given.get("canonical", ""),
        reason=given.get("reason", ""),
        officer=request.actor,
        at=system_clock(),
    )


routes = [
    route(
        "sources/",
        sources,
        right="subjects.see_conflicts",
        name="sources",
        menu=_("一数一源"),
        icon="check",
    ),
    route("sources/conflicts/", conflicts, right="subjects.see_conflicts", name="conflicts"),
    route(
        "sources/conflicts/<int:number>/settle/",
        settle,
        right="subjects.link",
        name="settle_conflict",
    ),
    route("sources/links/", links, right="subjects.see_conflicts", name="links"),
]
