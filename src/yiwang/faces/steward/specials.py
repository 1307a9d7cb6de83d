"""Pages of special grants: asked for, opened by another, used look-up by look-up, reviewed."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.catalog import organ_titles
from yiwang.faces.steward.sharing import actor_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from yiwang.web.routes import SIGNED_IN, route
from yiwang.web.tables import Column, whole

SPECIALS = (
    Column(title=_("编号")),
    Column(title=_("种类")),
    Column(title=_("使用人")),
    Column(title=_("用途")),
    Column(title=_("办件")),
    Column(title=_("查询"), is_number=True),
    Column(title=_("状态")),
    Column(title=_("审批或审查期限")),
)


def specials(request: HttpRequest) -> HttpResponse:
    """Special grants: one's own, those to open, those to review; the form asks for one."""
    actor, at = actor_of(request), system_clock()
    error: Invalid | None = None
    if request.method == "POST":
        try:
            number = _asked_special(request)
        except Invalid as refused:
            error = refused
        else:
            messages.success(request, _t("已提出，须由另一名数据安全员审批。"))
            return redirect("steward:special", number)
    waiting = request.GET.get("waiting", "")
    found = exchange.specials(actor=actor, at=at, waiting=waiting)
    return render(
        request,
        "steward/specials.html",
        {
            "specials": whole(SPECIALS, found),
            "waiting": waiting,
            "organ_titles": organ_titles(),
            "may_ask": identity.may(actor, "exchange.special"),
            "may_open": identity.may(actor, "exchange.guard"),
            "may_review": identity.may(actor, "exchange.review"),
            "tables": [
                (one.ref, one.title)
                for one in catalog.datasets(kind="table", limit=500)
                if one.subject and one.share != "none"
            ],
            "given": request.POST,
            "chosen": request.POST.getlist("tables"),
            "error": error,
        },
        status=422 if error else 200,
    )


def _asked_special(request: HttpRequest) -> str:
    given = request.POST
    hours = given.get("hours", "")
    return exchange.ask_special(
        kind="mayor" if given.get("kind") == "mayor" else "super",
        tables=given.getlist("tables"),
        purpose=given.get("purpose", ""),
        basis=given.get("basis", ""),
        case=given.get("case", ""),
        hours=int(hours) if hours.isascii() and hours.isdigit() and len(hours) < 4 else 0,
        officer=actor_of(request),
        at=system_clock(),
    ).number


def special(request: HttpRequest, number: str) -> HttpResponse:
    """One special grant: look up, open, close, review; every look is listed."""
    actor, at = actor_of(request), system_clock()
    answer, error = None, None
    if request.method == "POST":
        try:
            answer = _acted(request, number)
        except (Invalid, Conflict, NotAllowed) as refused:
            error = refused
        else:
            if answer is None:
                messages.success(request, _t("已办理。"))
                return redirect("steward:special", number)
    found = exchange.special(number, actor=actor, at=at)
    response = render(
        request,
        "steward/special.html",
        {
            "special": found,
            "answer": answer,
            "error": error,
            "organ_titles": organ_titles(),
            "titles": {one.ref: one.title for one in catalog.datasets(limit=1000)},
            "names": {one.name: one.title for one in catalog.columns_of(answer.table)}
            if answer
            else {},
            "is_holder": actor.username == found.holder,
            "may_open": found.state == "waiting" and identity.may(actor, "exchange.guard"),
            "may_review": found.is_over
            and found.reviewed_at is None
            and identity.may(actor, "exchange.review"),
            "about": _case_of(found.case, actor),
            "home": reverse(_list_for(actor)),
            "given": request.POST,
        },
        status=error.status if error else 200,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def _case_of(number: str, actor: identity.Officer) -> tuple[str, str]:
    """What the platform knows of the case that was named, and its page for who may open it."""
    try:
        found = casework.case(number, actor=actor, at=system_clock())
    except NotAllowed:
        return _t("本平台的办件，内容供承办单位查看"), ""
    except NotFound:
        return _t("不是本平台的办件编号，审批和审查时请向原系统核对"), ""
    return f"{found.title}（{found.step_title}）", reverse("office:case", args=[number])


def _list_for(actor: identity.Officer) -> str:
    """The list of special grants that this officer may open."""
    lists = {
        "exchange.special": "steward:specials",
        "exchange.guard": "steward:specials_opening",
        "exchange.review": "steward:specials_review",
    }
    return next((name for right, name in lists.items() if right in actor.rights), "steward:home")


def _acted(request: HttpRequest, number: str) -> exchange.Answer | None:
    given, officer, at = request.POST, actor_of(request), system_clock()
    match given.get("act"):
        case "look_up":
            return exchange.look_up(
                number,
                table=given.get("table", ""),
                value=given.get("value", "").strip(),
                officer=officer,
                at=at,
            )
        case "open" | "refuse" as act:
            exchange.open_special(
                number,
                agree=act == "open",
                reason=given.get("reason", ""),
                officer=officer,
                at=at,
            )
        case "close":
            exchange.close_special(number, officer=officer, at=at)
        case "fine" | "finding" as act:
            exchange.review_special(
                number,
                has_finding=act == "finding",
                words=given.get("words", ""),
                officer=officer,
                at=at,
            )
    return None


routes = [
    route(
        "specials/",
        specials,
        right="exchange.special",
        name="specials",
        menu=_("特别授权"),
        icon="shield",
    ),
    route(
        "specials/opening/",
        specials,
        right="exchange.guard",
        name="specials_opening",
        menu=_("特别授权审批"),
        icon="shield",
    ),
    route(
        "specials/review/",
        specials,
        right="exchange.review",
        name="specials_review",
        menu=_("特别授权审查"),
        icon="eye",
    ),
    route("specials/<str:number>/", special, right=SIGNED_IN, name="special"),
]
