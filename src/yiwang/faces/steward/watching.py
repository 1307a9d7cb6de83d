"""Watching: alerts, the trace of a leaked copy, the flow of data."""

from dataclasses import dataclass
from datetime import date, timedelta
from math import log2

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.catalog import organ_titles
from yiwang.faces.steward.sharing import CALLS, actor_of
from yiwang.kernel.clock import local_date, system_clock
from yiwang.web.routes import route
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
]
