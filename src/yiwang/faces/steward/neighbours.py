"""邻目录: catalogues of upper levels and departments — registered, keyed, pulled, decided."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.faces.steward.catalog import organ_titles
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, whole, wish

NEIGHBOURS = (
    Column(title=_("邻目录")),
    Column(title=_("取用我方")),
    Column(title=_("我方取用")),
    Column(title=_("已对应"), is_number=True),
    Column(title=_("两边都改过"), is_number=True),
    Column(title=_("对方撤下"), is_number=True),
    Column(title=_("最近取用")),
)
ENTRIES = (
    Column(title=_("对方条目")),
    Column(title=_("我方条目")),
    Column(title=_("状态")),
    Column(title=_("最近收到")),
    Column(title=_("处置")),
)
PULLS = (
    Column(title=_("开始")),
    Column(title=_("收到"), is_number=True),
    Column(title=_("新草稿"), is_number=True),
    Column(title=_("变更草稿"), is_number=True),
    Column(title=_("无须变动"), is_number=True),
    Column(title=_("两边都改过"), is_number=True),
    Column(title=_("对方撤下"), is_number=True),
    Column(title=_("不可用"), is_number=True),
    Column(title=_("结果")),
)
RIGHT = "catalog.neighbours"


def neighbours(request: HttpRequest) -> HttpResponse:
    """Every neighbour; POST registers one."""
    refused, given = None, request.POST
    if request.method == "POST":
        try:
            number, key = catalog.register_neighbour(
                title=given.get("title", ""),
                gives=given.get("gives") == "1",
                gives_organ=given.get("gives_organ", ""),
                takes=given.get("takes") == "1",
                address=given.get("address", ""),
                key=given.get("key", ""),
                organ=given.get("organ", ""),
                officer=request.actor,
                at=system_clock(),
            )
        except Invalid as error:
            refused = error
        else:
            request.session["neighbour_key"] = key
            messages.success(request, _t("邻目录已登记。"))
            return redirect("steward:neighbour", number)
    titles = organ_titles()
    return render(
        request,
        "steward/neighbours.html",
        {
            "neighbours": whole(NEIGHBOURS, catalog.neighbours()),
            "organ_titles": titles,
            "organs": sorted(titles.items(), key=lambda pair: pair[1]),
            "may_set": identity.may(request.actor, RIGHT),
            "given": given,
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


def neighbour(request: HttpRequest, number: int) -> HttpResponse:
    """One neighbour: what waits for a decision, what corresponds, what each pull brought."""
    asked = wish(request, ENTRIES, per_page=50)
    found = catalog.neighbour_entries(number, offset=asked.offset, limit=asked.per_page + 1)
    open_jobs = jobs.jobs(kind=catalog.HEAR, state="open", limit=20)
    actor = request.actor
    return render(
        request,
        "steward/neighbour.html",
        {
            "neighbour": catalog.neighbour(number),
            "entries": listing(request, ENTRIES, found, wish=asked),
            "pulls": whole(PULLS, catalog.pulls(number)),
            "organ_titles": organ_titles(),
            "may_set": identity.may(actor, RIGHT),
            "mine": {
                one.id for one in found if identity.may(actor, "catalog.draft", organ=one.our_organ)
            },
            "jobs": [one for one in open_jobs if one.about == str(number)],
            "new_key": request.session.pop("neighbour_key", ""),
            "tones": {"linked": "green", "conflict": "yellow", "gone": "red"},
        },
    )


@require_POST
def act(request: HttpRequest, number: int) -> HttpResponse:
    """Pull now, issue a key, change the way there, or stop."""
    officer, at, given = request.actor, system_clock(), request.POST
    try:
        match given.get("act"):
            case "pull":
                catalog.ask_for_pull(number, officer=officer, at=at)
                messages.success(request, _t("已安排取用，完成后刷新本页。"))
            case "key":
                request.session["neighbour_key"] = catalog.issue_neighbour_key(
                    number, officer=officer, at=at
                )
            case "stop":
                catalog.stop_neighbour(number, officer=officer, at=at)
                messages.success(request, _t("已停用；已取用的条目仍在。"))
            case _:
                catalog.change_neighbour(
                    number,
                    address=given.get("address", ""),
                    key=given.get("key", ""),
                    officer=officer,
                    at=at,
                )
                messages.success(request, _t("地址和密钥已更改。"))
    except (Conflict, Invalid) as refused:
        messages.error(request, str(refused))
    return redirect("steward:neighbour", number)


@require_POST
def decide(request: HttpRequest, number: int, link: int) -> HttpResponse:
    """Both sides changed an entry: take theirs as a draft, or keep ours."""
    take = request.POST.get("take") == "1"
    try:
        ours = catalog.decide_conflict(link, take=take, officer=request.actor, at=system_clock())
    except Conflict as refused:
        messages.error(request, str(refused))
        return redirect("steward:neighbour", number)
    if take:
        messages.success(request, _t("对方内容已成为草稿，核对后提交审核。"))
        return redirect("steward:entry", ours.replace("/", "-"))
    messages.success(request, _t("我方内容保留不变。"))
    return redirect("steward:neighbour", number)


routes = [
    route(
        "neighbours/",
        neighbours,
        right="catalog.draft",
        name="neighbours",
        menu=_("邻目录"),
        icon="link",
    ),
    route("neighbours/<int:number>/", neighbour, right="catalog.draft", name="neighbour"),
    route("neighbours/<int:number>/act/", act, right=RIGHT, name="neighbour_act"),
    route(
        "neighbours/<int:number>/<int:link>/",
        decide,
        right="catalog.draft",
        name="neighbour_decide",
    ),
]
