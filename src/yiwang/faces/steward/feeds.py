"""Pages of collection: feeds with their plans, loads with progress, counts and decisions."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.kernel.numbers import number_in
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, whole, wish

FEEDS = (
    Column(title=_("接入")),
    Column(title=_("提供机构")),
    Column(title=_("来源")),
    Column(title=_("归集周期")),
    Column(title=_("下次")),
    Column(title=_("最近一次")),
    Column(title=_("结果")),
)
LOADS = (
    Column(title=_("接入、批次")),
    Column(title=_("方式")),
    Column(title=_("发起")),
    Column(title=_("状态")),
    Column(title=_("读取"), is_number=True),
    Column(title=_("入库"), is_number=True),
    Column(title=_("隔离"), is_number=True),
    Column(title=_("新增"), is_number=True),
    Column(title=_("变更"), is_number=True),
    Column(title=_("删除"), is_number=True),
    Column(title=_("用时（秒）"), is_number=True),
)
TABS = {
    "": _("全部"),
    "held": _("待决定"),
    "done": _("已入库"),
    "same": _("无变化"),
    "failed": _("失败"),
    "refused": _("已作废"),
}


def _may(request: HttpRequest) -> bool:
    return identity.may(request.actor, "catalog.collect")


def feeds(request: HttpRequest) -> HttpResponse:
    """Every feed with its plan; those that wait for a decision stand first."""
    found = catalog.feed_plans(at=system_clock())
    held = catalog.loads(state="held", limit=20)
    shown = {"feeds": whole(FEEDS, found), "held": held, "may_act": _may(request)}
    return render(request, "steward/feeds.html", shown)


def feed(request: HttpRequest, ref: str) -> HttpResponse:
    """One feed: its plan, what can be asked for, its loads."""
    asked = wish(request, LOADS, per_page=20)
    found = catalog.loads(ref=ref, offset=asked.offset, limit=asked.per_page + 1)
    return render(
        request,
        "steward/feed.html",
        {
            "feed": catalog.feed_plan(ref, at=system_clock()),
            "loads": listing(request, LOADS, found, wish=asked),
            "may_act": _may(request),
            "push_key": request.session.pop("push_key", ""),
        },
    )


def loads(request: HttpRequest) -> HttpResponse:
    """Every load, newest first, by state."""
    asked = wish(request, LOADS)
    state = request.GET.get("state", "")
    state = state if state in TABS else ""
    found = catalog.loads(state=state, offset=asked.offset, limit=asked.per_page + 1)
    shown = {"loads": listing(request, LOADS, found, wish=asked), "tabs": TABS, "state": state}
    return render(request, "steward/loads.html", {**shown, "held": catalog.count_held()})


def load(request: HttpRequest, run: str) -> HttpResponse:
    """One load: progress, counts that balance, why it waits, the decision."""
    found = catalog.load(run)
    job = None
    if found.job is not None and found.state in ("waiting", "running", "failed"):
        try:
            job = jobs.job(found.job, viewer=request.actor)
        except jobs.JobUnknown:
            job = None
    columns = {one.name: one.title for one in catalog.columns_of(found.ref)}
    shown = {"load": found, "job": job, "columns": columns, "may_act": _may(request)}
    return render(request, "steward/load.html", shown)


@require_POST
def plan(request: HttpRequest, ref: str) -> HttpResponse:
    """Set when a feed is loaded and what makes a load wait."""

    def act() -> None:
        catalog.set_feed_plan(
            ref,
            cycle=request.POST.get("cycle", ""),
            is_active=request.POST.get("is_active") == "1",
            drop_limit=_share(request, "drop_limit"),
            rejected_limit=_share(request, "rejected_limit"),
            officer=request.actor,
            at=system_clock(),
        )

    _told(request, act, _t("归集计划已保存。"))
    return redirect("steward:feed", ref)


def _share(request: HttpRequest, name: str) -> Decimal:
    try:
        return number_in(request.POST.get(name, "")) / 100
    except ValueError as error:
        raise Invalid(_t("上限应是百分数。"), hint=_t("例如 30。")) from error


@require_POST
def ask(request: HttpRequest, ref: str) -> HttpResponse:
    """Have the feed loaded now, or past periods of it read again."""
    at, form = system_clock(), request.POST

    def backfill() -> None:
        try:
            since, until = (date.fromisoformat(form.get(n, "")) for n in ("since", "until"))
        except ValueError as error:
            raise Invalid(_t("起止日期不完整。"), hint=_t("选择起止日期。")) from error
        step = "day" if form.get("step") == "day" else "month"
        catalog.ask_for_backfill(
            ref, since=since, until=until, step=step, officer=request.actor, at=at
        )

    def now() -> None:
        mode = "whole" if form.get("mode") == "whole" else ""
        catalog.ask_for_load(ref, officer=request.actor, at=at, mode=mode)

    is_past = form.get("mode") == "backfill"
    _told(request, backfill if is_past else now, _t("已发起，进展见下方。"))
    return redirect("steward:feed", ref)


@require_POST
def push_key(request: HttpRequest, ref: str) -> HttpResponse:
    """Issue a key for pushing rows; it is shown once."""
    request.session["push_key"] = catalog.issue_push_key(
        ref, officer=request.actor, at=system_clock()
    )
    return redirect("steward:feed", ref)


@require_POST
def end_mapping(request: HttpRequest, ref: str, column: str) -> HttpResponse:
    """Read a column by its declared names again."""

    def act() -> None:
        reason = request.POST.get("reason", "")
        catalog.end_mapping(
            ref, column=column, officer=request.actor, at=system_clock(), reason=reason
        )

    _told(request, act, _t("列对应已取消，下次按数据规范的列名读取。"))
    return redirect("steward:feed", ref)


@require_POST
def decide(request: HttpRequest, run: str) -> HttpResponse:
    """Publish a held load, let it go on with other columns, or throw it away."""
    prefix = "column-"
    mapping = {
        name.removeprefix(prefix): str(value)
        for name, value in request.POST.items()
        if name.startswith(prefix)
    }

    def act() -> None:
        catalog.decide_load(
            run,
            decision=request.POST.get("decision", ""),
            officer=request.actor,
            at=system_clock(),
            reason=request.POST.get("reason", ""),
            mapping=mapping,
        )

    _told(request, act, _t("决定已登记。"))
    return redirect("steward:load", run)


def _told(request: HttpRequest, act: Callable[[], None], done: str) -> None:
    """Act, and say what came of it on the next page."""
    try:
        act()
    except (Invalid, Conflict) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, done)


routes = [
    route(
        "feeds/", feeds, right="catalog.see", name="feeds", menu=_("接入与计划"), icon="download"
    ),
    route("feeds/<str:ref>/", feed, right="catalog.see", name="feed"),
    route("feeds/<str:ref>/plan/", plan, right="catalog.collect", name="feed_plan"),
    route("feeds/<str:ref>/ask/", ask, right="catalog.collect", name="feed_ask"),
    route("feeds/<str:ref>/key/", push_key, right="catalog.collect", name="feed_key"),
    route(
        "feeds/<str:ref>/mappings/<str:column>/",
        end_mapping,
        right="catalog.collect",
        name="feed_mapping",
    ),
    route("loads/", loads, right="catalog.see", name="loads", menu=_("归集作业"), icon="pulse"),
    route("loads/<str:run>/", load, right="catalog.see", name="load"),
    route("loads/<str:run>/decision/", decide, right="catalog.collect", name="load_decision"),
]
