"""Watching: alerts, the trace of a leaked copy, the flow of data, special grants and reviews."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import log2

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.catalog import organ_titles
from yiwang.faces.steward.sharing import CALLS, actor_of
from yiwang.kernel.clock import local_date, system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from yiwang.web.routes import SIGNED_IN, route
from yiwang.web.tables import Column, listing, whole, wish

ALERTS = (
    Column(title=_("预警时间")),
    Column(title=_("规则")),
    Column(title=_("使用机构")),
    Column(title=_("授权")),
    Column(title=_("计量")),
    Column(title=_("办件")),
)
FLOWS = (
    Column(title=_("提供机构")),
    Column(title=_("使用机构")),
    Column(title=_("表"), is_number=True),
    Column(title=_("应答"), is_number=True),
    Column(title=_("拒绝"), is_number=True),
    Column(title=_("行数"), is_number=True),
    Column(title=_("最近")),
)
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
MEASURES = {
    "calls": _("当日调用"),
    "usual_calls": _("平日调用"),
    "busiest_hour": _("最忙一小时"),
    "at_night": _("夜间调用"),
    "tables_of_organ": _("所用的表"),
    "most_repeated": _("同一主体被查"),
    "refused": _("被拒绝"),
}
LARGEST = 64 * 1024 * 1024
"""The largest leaked copy that is read, in bytes."""


def alerts(request: HttpRequest) -> HttpResponse:
    """Alerts about unusual use, newest first."""
    asked = wish(request, ALERTS)
    found = exchange.use_alerts(
        actor=actor_of(request), offset=asked.offset, limit=asked.per_page + 1
    )
    return render(
        request,
        "steward/alerts.html",
        {
            "alerts": listing(request, ALERTS, found, wish=asked),
            "organ_titles": organ_titles(),
            "measures": MEASURES,
        },
    )


def trace(request: HttpRequest) -> HttpResponse:
    """Upload a leaked copy, or type the code of a picture: whose copy was it?"""
    officer, found, pages = actor_of(request), None, None
    error = ""
    if file := request.FILES.get("file"):
        found = exchange.trace(file.read(LARGEST), actor=officer)
    elif code := request.POST.get("code", "").strip():
        try:
            day = date.fromisoformat(request.POST.get("day", ""))
        except ValueError:
            error = _t("日期写成 2026-11-02。")
        else:
            names = [one.username for one in identity.accounts(limit=2000, at=system_clock())]
            pages = exchange.trace_page(code, day=day, usernames=names, actor=officer)
    response = render(
        request,
        "steward/trace.html",
        {
            "found": found,
            "pages": pages,
            "error": error,
            "organ_titles": organ_titles(),
            "ways": {
                "told": _("文件元数据或接口答复中的明码"),
                "hidden": _("脱敏值后的隐形记号"),
                "quoted": _("逐行引号的写法"),
            },
            "given": request.POST,
            "today": local_date(system_clock()),
        },
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@dataclass(frozen=True)
class Bar:
    """One organ in the picture: its place and height."""

    title: str
    y: int
    height: int
    calls: int


@dataclass(frozen=True)
class Ribbon:
    """One flow in the picture: a curve as wide as its calls are many."""

    path: str
    width: float
    title: str
    address: tuple[str, str]


@dataclass(frozen=True)
class Picture:
    """Providers at the left, users at the right, ribbons between them."""

    height: int
    left: tuple[Bar, ...]
    right: tuple[Bar, ...]
    ribbons: tuple[Ribbon, ...]


ROW, GAP, TOP, LEFT, RIGHT = 34, 12, 16, 230, 610


def draw_flows(flows: list[exchange.FlowView], titles: dict[str, str]) -> Picture:
    """The picture in plain numbers; the template makes the SVG, so it needs no script."""
    left = _bars([one.provider for one in flows], flows, "provider", titles)
    right = _bars([one.organ for one in flows], flows, "organ", titles)
    ribbons = []
    for one in flows:
        y1, y2 = left[one.provider].y + ROW // 2, right[one.organ].y + ROW // 2
        middle = (LEFT + RIGHT) // 2
        name = (
            f"{titles.get(one.provider, one.provider)} → {titles.get(one.organ, one.organ)}："
            f"应答 {one.calls} 次，{one.rows} 行"
        )
        path = f"M{LEFT} {y1} C{middle} {y1} {middle} {y2} {RIGHT} {y2}"
        width = 2 + 2 * log2(1 + one.calls)
        ribbons.append(Ribbon(path, round(width, 1), name, (one.provider, one.organ)))
    height = TOP * 2 + max(len(left), len(right), 1) * (ROW + GAP)
    return Picture(height, tuple(left.values()), tuple(right.values()), tuple(ribbons))


def _bars(
    organs: list[str], flows: list[exchange.FlowView], side: str, titles: dict[str, str]
) -> dict[str, Bar]:
    return {
        organ: Bar(
            titles.get(organ, organ),
            TOP + number * (ROW + GAP),
            ROW,
            sum(one.calls for one in flows if getattr(one, side) == organ),
        )
        for number, organ in enumerate(dict.fromkeys(organs))
    }


def flows(request: HttpRequest) -> HttpResponse:
    """The flow of data between organs, drawn and counted."""
    days = request.GET.get("days", "30")
    span = int(days) if days in ("7", "30", "365") else 30
    at, titles = system_clock(), organ_titles()
    found = exchange.flows_between(actor=actor_of(request), since=at - timedelta(days=span))
    return render(
        request,
        "steward/flows.html",
        {
            "flows": whole(FLOWS, found),
            "picture": draw_flows(found, titles) if found else None,
            "organ_titles": titles,
            "days": span,
        },
    )


def flow(request: HttpRequest, provider: str, organ: str) -> HttpResponse:
    """The calls behind one ribbon."""
    asked = wish(request, CALLS)
    found = exchange.calls_between(
        provider=provider,
        organ=organ,
        actor=actor_of(request),
        offset=asked.offset,
        limit=asked.per_page + 1,
    )
    titles = organ_titles()
    return render(
        request,
        "steward/flow_calls.html",
        {
            "calls": listing(request, CALLS, found, wish=asked),
            "provider": titles.get(provider, provider),
            "organ": titles.get(organ, organ),
            "organ_titles": titles,
        },
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


@require_POST
def watch_now(request: HttpRequest) -> HttpResponse:
    """Judge the use of today and yesterday now instead of at the next due time."""
    identity.require(actor_of(request), "exchange.guard")
    raised = exchange.watch_use(system_clock())
    messages.success(request, _t("已核对，新预警 %(n)s 条。") % {"n": raised})
    return redirect("steward:alerts")


routes = [
    route(
        "alerts/", alerts, right="exchange.guard", name="alerts", menu=_("用数预警"), icon="warn"
    ),
    route("alerts/now/", watch_now, right="exchange.guard", name="watch_now"),
    route("trace/", trace, right="exchange.guard", name="trace", menu=_("泄露追查"), icon="search"),
    route("flow/", flows, right="exchange.watch", name="flows", menu=_("数据流向"), icon="chart"),
    route("flow/<str:provider>/<str:organ>/", flow, right="exchange.watch", name="flow"),
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
