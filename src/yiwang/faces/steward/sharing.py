"""Pages of sharing: grants with keys, calls with their explanation."""

from typing import Any

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
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, YiwangError
from yiwang.web.pieces import Act
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, wish

GRANTS = (
    Column(title=_("编号")),
    Column(title=_("使用机构")),
    Column(title=_("数据表")),
    Column(title=_("用途")),
    Column(title=_("有效期至")),
    Column(title=_("已应答"), is_number=True),
    Column(title=_("已拒绝"), is_number=True),
    Column(title=_("状态")),
)
CALLS = (
    Column(title=_("时间、编号")),
    Column(title=_("调用机构")),
    Column(title=_("数据表")),
    Column(title=_("办件")),
    Column(title=_("结果")),
    Column(title=_("行数"), is_number=True),
    Column(title=_("用时（毫秒）"), is_number=True),
)


def actor_of(request: HttpRequest) -> identity.Officer:
    """The officer who looks; the access middleware let nobody else in."""
    actor: identity.Officer = request.actor
    return actor


def followed(request: HttpRequest, number: str) -> dict[str, Any]:
    """Where a case of sharing stands, and what this officer may do with it now."""
    officer = actor_of(request)
    try:
        case = casework.case(number, actor=officer, at=system_clock())
    except (NotAllowed, NotFound):
        return {"case": None, "verbs": set(), "acts": []}
    return {
        "case": case,
        "verbs": {move.verb for move in case.moves},
        "acts": [
            Act(
                at=line.at,
                title=f"{line.title} → {line.step_title}",
                who=line.actor_name,
                text="；".join(
                    part for part in (line.reason, *(one.text for one in line.evidence)) if part
                ),
            )
            for line in reversed(casework.trail(number, actor=officer))
        ],
    }


def grants(request: HttpRequest) -> HttpResponse:
    """Grants that this organ uses or gave."""
    asked = wish(request, GRANTS)
    found = exchange.grants(actor=actor_of(request), offset=asked.offset, limit=asked.per_page + 1)
    return render(
        request,
        "steward/grants.html",
        {
            "grants": listing(request, GRANTS, found, wish=asked),
            "organ_titles": organ_titles(),
            "now": system_clock(),
        },
    )


def grant(request: HttpRequest, number: str) -> HttpResponse:
    """One grant: what it binds, its keys, its latest calls."""
    return grant_page(request, number)


def grant_page(
    request: HttpRequest, number: str, secret: str = "", refused: YiwangError | None = None
) -> HttpResponse:
    """One grant, with a new secret once, or with what was refused and written."""
    found = exchange.grant(number, actor=actor_of(request))
    in_force = found.withdrawn_at is None and system_clock() < found.active_until
    officer = actor_of(request)
    return render(
        request,
        "steward/grant.html",
        {
            "grant": found,
            "state": found.state(system_clock()),
            "organ_titles": organ_titles(),
            "columns": {one.name: one for one in catalog.columns_of(found.table)},
            "calls": exchange.calls(actor=officer, grant=number, limit=10),
            "secret": secret,
            "is_subscribed": exchange.is_subscribed(number),
            "may_issue": in_force
            and not found.is_special
            and identity.may(officer, "exchange.demand", organ=found.organ),
            "may_withdraw": in_force
            and identity.may(officer, "exchange.decide", organ=found.provider),
            "host": request.build_absolute_uri("/"),
            "given": request.POST,
            "error": refused,
        },
        status=refused.status if refused else 200,
    )


@require_POST
def issue_key(request: HttpRequest, number: str) -> HttpResponse:
    """Issue a key and show its secret in this answer only."""
    try:
        secret = exchange.issue_key(number, officer=actor_of(request), at=system_clock())
    except Conflict as refused:
        return grant_page(request, number, refused=refused)
    response = grant_page(request, number, secret=secret)
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def register_key(request: HttpRequest, number: str) -> HttpResponse:
    """Register the public half of a key that signs requests; its id stands in each signature."""
    try:
        keyid = exchange.register_key(
            number,
            public=request.POST.get("public", ""),
            officer=actor_of(request),
            at=system_clock(),
        )
    except (Invalid, Conflict) as refused:
        return grant_page(request, number, refused=refused)
    messages.success(request, _t("公钥已登记，签名中写 keyid：%(keyid)s") % {"keyid": keyid})
    return redirect("steward:grant", number)


@require_POST
def revoke_key(request: HttpRequest, number: str) -> HttpResponse:
    """Stop a key."""
    exchange.revoke_key(
        number, shown=request.POST.get("shown", ""), officer=actor_of(request), at=system_clock()
    )
    messages.success(request, _t("密钥已停用，下一次调用即被拒绝。"))
    return redirect("steward:grant", number)


@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """End a grant."""
    try:
        exchange.withdraw_grant(
            number,
            reason=request.POST.get("reason", ""),
            officer=actor_of(request),
            at=system_clock(),
        )
    except (Invalid, Conflict) as refused:
        return grant_page(request, number, refused=refused)
    messages.success(request, _t("授权已撤回，下一次调用即被拒绝。"))
    return redirect("steward:grant", number)


def calls(request: HttpRequest) -> HttpResponse:
    """Calls of the gate, answered and refused."""
    asked, outcome = wish(request, CALLS), request.GET.get("outcome", "")
    found = exchange.calls(
        actor=actor_of(request),
        outcome=outcome,
        offset=asked.offset,
        limit=asked.per_page + 1,
    )
    return render(
        request,
        "steward/calls.html",
        {
            "calls": listing(request, CALLS, found, wish=asked),
            "outcome": outcome,
            "organ_titles": organ_titles(),
        },
    )


def call(request: HttpRequest, number: str) -> HttpResponse:
    """Why the gate answered or refused."""
    found = exchange.explain(number, actor=actor_of(request))
    return render(
        request,
        "steward/call.html",
        {
            "call": found,
            "organ_titles": organ_titles(),
            "columns": {one.name: one for one in catalog.columns_of(found.table)},
        },
    )


routes = [
    route("grants/", grants, right="exchange.see", name="grants", menu=_("共享授权"), icon="key"),
    route("grants/<str:number>/", grant, right="exchange.see", name="grant"),
    route("grants/<str:number>/keys/", issue_key, right="exchange.demand", name="issue_key"),
    route(
        "grants/<str:number>/keys/public/",
        register_key,
        right="exchange.demand",
        name="register_key",
    ),
    route("grants/<str:number>/keys/stop/", revoke_key, right="exchange.see", name="revoke_key"),
    route("grants/<str:number>/withdrawal/", withdraw, right="exchange.decide", name="withdraw"),
    route("calls/", calls, right="exchange.see", name="calls", menu=_("调用记录"), icon="pulse"),
    route("calls/<str:number>/", call, right="exchange.see", name="call"),
]
