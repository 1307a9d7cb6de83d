"""After the answer: contest it, deliver, confirm; and the council with agenda and minutes."""

from datetime import datetime
from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.catalog import organ_titles
from yiwang.faces.steward.demands import demand_page
from yiwang.faces.steward.sharing import actor_of, grant_page
from yiwang.kernel.clock import CHINA, system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, wish

MEETINGS = (
    Column(title=_("编号")),
    Column(title=_("会议")),
    Column(title=_("时间")),
    Column(title=_("议题"), is_number=True),
    Column(title=_("纪要")),
)
NOTICES = (
    Column(title=_("时间")),
    Column(title=_("类别")),
    Column(title=_("内容")),
    Column(title=_("编号")),
    Column(title=_("阅知")),
)
DECISIONS: dict[exchange.Decision, object] = {
    "share": _("议定共享"),
    "refuse": _("议定不共享"),
    "correct": _("议定更正"),
    "keep": _("议定维持原值"),
    "again": _("退回重新答复"),
}


@require_POST
def follow(request: HttpRequest, number: str) -> HttpResponse:
    """What the demander or the platform does with a demand after its answer."""
    officer, at = actor_of(request), system_clock()
    reason, act = request.POST.get("reason", ""), request.POST.get("act", "")
    try:
        if act == "accept":
            exchange.accept_refusal(number, officer=officer, at=at)
        elif act == "escalate":
            exchange.escalate_demand(number, reason=reason, officer=officer, at=at)
        elif act == "deliver":
            exchange.deliver_demand(number, officer=officer, at=at)
        elif act == "withdraw":
            exchange.withdraw_demand(number, reason=reason, officer=officer, at=at)
        else:
            exchange.confirm_delivery(
                number, is_usable=act == "confirm", reason=reason, officer=officer, at=at
            )
    except (Invalid, Conflict, NotAllowed) as refused:
        return demand_page(request, number, refused)
    messages.success(request, _t("已办理。"))
    return redirect("steward:demand", number)


@require_POST
def keep(request: HttpRequest, number: str) -> HttpResponse:
    """Subscribe to a grant's table, renew the grant, or give it up."""
    officer, at, act = actor_of(request), system_clock(), request.POST.get("act", "")
    try:
        if act == "renew":
            renewed = exchange.renew_grant(number, officer=officer, at=at)
            messages.success(request, _t("续期需求已提出，等待提供机构答复。"))
            return redirect("steward:demand", renewed.number)
        if act == "subscribe":
            exchange.subscribe(number, officer=officer, at=at)
        elif act == "unsubscribe":
            exchange.unsubscribe(number, officer=officer, at=at)
        else:
            reason = request.POST.get("reason", "")
            exchange.give_up_grant(number, reason=reason, officer=officer, at=at)
    except (Invalid, Conflict) as refused:
        return grant_page(request, number, refused=refused)
    messages.success(request, _t("已办理。"))
    return redirect("steward:grant", number)


def council(request: HttpRequest) -> HttpResponse:
    """What waits for the council, the meetings that were held, and the form that calls one."""
    officer, asked = actor_of(request), wish(request, MEETINGS)
    error: Invalid | None = None
    if request.method == "POST":
        try:
            called = exchange.call_meeting(
                title=request.POST.get("title", ""),
                held_at=_instant(request.POST.get("held_at", "")),
                place=request.POST.get("place", ""),
                items=request.POST.getlist("items"),
                officer=officer,
                at=system_clock(),
            )
        except Invalid as refused:
            error = refused
        else:
            return redirect("steward:meeting", called.number)
    found = exchange.meetings(actor=officer, offset=asked.offset, limit=asked.per_page + 1)
    return render(
        request,
        "steward/council.html",
        {
            "titles": {one.ref: one.title for one in catalog.datasets()},
            "waiting": exchange.agenda_waiting(actor=officer),
            "meetings": listing(request, MEETINGS, found, wish=asked),
            "organ_titles": organ_titles(),
            "may_call": identity.may(officer, "exchange.council"),
            "given": request.POST,
            "error": error,
        },
        status=422 if error else 200,
    )


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=CHINA)
    except ValueError as error:
        raise exchange.AgendaMalformed(
            "会议时间写法不对。",
            hint="写成 2026-11-02T14:30。",
            fields={"held_at": "写成 2026-11-02T14:30。"},
        ) from error


def meeting(request: HttpRequest, number: str) -> HttpResponse:
    """Agenda and minutes of one meeting: made to be printed; POST signs the minutes."""
    officer = actor_of(request)
    found = exchange.meeting(number, actor=officer)
    error: Invalid | None = None
    if request.method == "POST":
        try:
            exchange.sign_minutes(
                number,
                minutes=request.POST.get("minutes", ""),
                attendees=request.POST.get("attendees", ""),
                decisions=_decisions(request, found),
                officer=officer,
                at=system_clock(),
            )
        except Invalid as refused:
            error = refused
        else:
            messages.success(request, _t("纪要已签发，各议题的办件已随决定流转。"))
            return redirect("steward:meeting", number)
    return render(
        request,
        "steward/meeting.html",
        {
            "meeting": found,
            "organ_titles": organ_titles(),
            "decisions": {
                "demand": [(one, DECISIONS[one]) for one in exchange.OF_DEMANDS],
                "objection": [(one, DECISIONS[one]) for one in exchange.OF_OBJECTIONS],
            },
            "may_sign": found.closed_at is None and identity.may(officer, "exchange.council"),
            "given": request.POST,
            "error": error,
        },
        status=422 if error else 200,
    )


def _decisions(
    request: HttpRequest, found: exchange.MeetingView
) -> dict[str, tuple[exchange.Decision, str]]:
    given = request.POST
    return {
        item.number: (
            cast(exchange.Decision, given.get(f"decision-{item.number}", "")),
            given.get(f"words-{item.number}", ""),
        )
        for item in found.items
    }


def notices(request: HttpRequest) -> HttpResponse:
    """What this organ was told about data it uses; POST says that it was read."""
    officer, asked = actor_of(request), wish(request, NOTICES)
    if request.method == "POST":
        count = exchange.read_notices(officer=officer, at=system_clock())
        messages.success(request, _t("已阅知 %(n)s 条。") % {"n": count})
        return redirect("steward:notices")
    found = exchange.notices(actor=officer, offset=asked.offset, limit=asked.per_page + 1)
    return render(
        request,
        "steward/notices.html",
        {
            "notices": listing(request, NOTICES, found, wish=asked),
            "has_unread": any(one.read_at is None and one.organ == officer.organ for one in found),
            "organ_titles": organ_titles(),
        },
    )


routes = [
    route("demands/<str:number>/follow/", follow, right="exchange.see", name="follow_demand"),
    route("grants/<str:number>/keep/", keep, right="exchange.demand", name="keep_grant"),
    route(
        "council/", council, right="exchange.see", name="council", menu=_("议事协调"), icon="people"
    ),
    route("council/<str:number>/", meeting, right="exchange.see", name="meeting"),
    route(
        "notices/", notices, right="exchange.see", name="notices", menu=_("用数通知"), icon="bell"
    ),
]
