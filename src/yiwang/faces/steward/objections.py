"""Pages of objections: raise one, follow it, answer it as its source, check it for the bureau."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.catalog import organ_titles
from yiwang.faces.steward.sharing import actor_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from yiwang.web.pieces import Act
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, wish

OBJECTIONS = (
    Column(title=_("编号")),
    Column(title=_("数据表与字段")),
    Column(title=_("提出方")),
    Column(title=_("来源机构")),
    Column(title=_("提出时间")),
    Column(title=_("应办结")),
    Column(title=_("状态")),
)
STATES = {
    "": _("全部"),
    "waiting": _("办理中"),
    "corrected": _("已更正"),
    "kept": _("维持原值"),
    "withdrawn": _("已撤回"),
}
TONES = {"waiting": "yellow", "corrected": "green", "kept": "blue", "withdrawn": "grey"}


def objections(request: HttpRequest) -> HttpResponse:
    """Objections to this organ's data, or raised by it."""
    asked, state = wish(request, OBJECTIONS), request.GET.get("state", "")
    query = request.GET.get("query", "")[:60]
    found = catalog.objections(
        actor=actor_of(request),
        state=state if state in STATES else "",
        query=query,
        offset=asked.offset,
        limit=asked.per_page + 1,
    )
    return render(
        request,
        "steward/objections.html",
        {
            "objections": listing(request, OBJECTIONS, found, wish=asked),
            "state": state,
            "states": STATES.items(),
            "tones": TONES,
            "query": query,
            "organ_titles": organ_titles(),
            "titles": {one.ref: one.title for one in catalog.datasets()},
            "column_titles": {
                (table, one.name): one.title
                for table in {row.table for row in found}
                for one in catalog.columns_of(table)
            },
            "may_object": identity.may(actor_of(request), "catalog.object"),
        },
    )


def objection(request: HttpRequest, number: str) -> HttpResponse:
    """One objection: what is contested, where it stands, and what this officer may do."""
    return _page(request, number)


def _page(
    request: HttpRequest, number: str, refused: Invalid | Conflict | None = None
) -> HttpResponse:
    officer, at = actor_of(request), system_clock()
    found = catalog.objection(number, actor=officer)
    case = _case(number, officer, at)
    verbs = {move.verb for move in case.moves} if case else set[str]()
    response = render(
        request,
        "steward/objection.html",
        {
            "objection": found,
            "dataset": catalog.dataset(found.table),
            "column": _column(found),
            "organ_titles": organ_titles(),
            "tone": TONES[found.state],
            "case": case,
            "acts": _acts(number, officer) if case else [],
            "may_answer": bool(verbs & {"handle", "refuse"}),
            "may_check": case is not None and case.step == "verify" and "close" in verbs,
            "may_escalate": "submit" in verbs,
            "told": exchange.told_about(number, actor=officer),
            "given": request.POST,
            "error": refused,
        },
        status=refused.status if refused else 200,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _column(found: catalog.ObjectionView) -> catalog.ColumnView:
    return next(one for one in catalog.columns_of(found.table) if one.name == found.column)


def _case(number: str, officer: identity.Officer, at: datetime) -> casework.CaseView | None:
    """The case, for whoever may see it; an organ that only objected sees the objection alone."""
    try:
        return casework.case(number, actor=officer, at=at)
    except NotAllowed:
        return None


def _acts(number: str, officer: identity.Officer) -> list[Act]:
    return [
        Act(
            at=line.at,
            title=f"{line.title} → {line.step_title}",
            who=line.actor_name,
            text=line.reason,
        )
        for line in reversed(casework.trail(number, actor=officer))
    ]


def new_objection(request: HttpRequest) -> HttpResponse:
    """Raise an objection: the key goes by POST only, for addresses end up in logs."""
    error: Invalid | NotFound | None = None
    if request.method == "POST" and "claimed" in request.POST:
        try:
            number = _raised(request)
        except (Invalid, NotFound) as refused:
            error = refused
        else:
            messages.success(request, _t("异议已提出，来源机构的办理时限开始计算。"))
            return redirect("steward:objection", number)
    table = request.POST.get("table") or request.GET.get("table", "")
    response = render(
        request,
        "steward/new_objection.html",
        {
            "dataset": catalog.dataset(table) if table else None,
            "tables": [(one.ref, one.title) for one in catalog.datasets(kind="table")],
            "given": request.POST,
            "reference": request.POST.get("reference") or request.GET.get("call", ""),
            "column": request.POST.get("column") or request.GET.get("column", ""),
            "error": error,
        },
        status=error.status if error else 200,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _raised(request: HttpRequest) -> str:
    given = request.POST
    described = catalog.dataset(given.get("table", ""))
    subject = given.get("subject", "").strip().upper()
    return catalog.object_to(
        described.ref,
        key={name: given.get(f"key-{name}", "") for name in described.key},
        column=given.get("column", ""),
        claimed=given.get("claimed", ""),
        reason=given.get("reason", ""),
        by=actor_of(request),
        at=system_clock(),
        source="window" if subject else "organ",
        subject=subject,
        reference=given.get("reference", "").strip(),
    )


@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """The source's answer."""
    agrees = request.POST.get("agrees") == "1"
    try:
        catalog.answer_objection(
            number,
            agrees=agrees,
            value=request.POST.get("value", ""),
            reason=request.POST.get("reason", ""),
            officer=actor_of(request),
            at=system_clock(),
        )
    except (Invalid, Conflict) as refused:
        return _page(request, number, refused)
    messages.success(request, _t("答复已提交，等待数据主管部门核对。"))
    return redirect("steward:objection", number)


@require_POST
def check(request: HttpRequest, number: str) -> HttpResponse:
    """The bureau's verdict; a correction is carried, and whoever used the value is told."""
    try:
        found = _checked(request, number)
    except (Invalid, Conflict) as refused:
        return _page(request, number, refused)
    messages.success(
        request,
        _t("已予更正：更正正送达各处副本，已通知使用过该值的机构。")
        if found.state == "corrected"
        else _t("已办理，现在：%(state)s。") % {"state": found.state_title},
    )
    return redirect("steward:objection", number)


def _checked(request: HttpRequest, number: str) -> catalog.ObjectionView:
    verdict, reason = request.POST.get("verdict", ""), request.POST.get("reason", "")
    officer, at = actor_of(request), system_clock()
    if verdict == "council":
        exchange.escalate_objection(number, reason=reason, officer=officer, at=at)
        return catalog.objection(number, actor=officer)
    return exchange.check_objection(
        number,
        verdict=verdict if verdict in ("corrected", "kept") else "again",
        reason=reason,
        officer=officer,
        at=at,
    )


routes = [
    route(
        "objections/",
        objections,
        right="catalog.object",
        name="objections",
        menu=_("数据异议"),
        icon="note",
    ),
    route("objections/new/", new_objection, right="catalog.object", name="new_objection"),
    route("objections/<str:number>/", objection, right="catalog.object", name="objection"),
    route("objections/<str:number>/answer/", answer, right="catalog.object", name="answer"),
    route("objections/<str:number>/verdict/", check, right="catalog.object", name="verdict"),
]
