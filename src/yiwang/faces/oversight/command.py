"""Pages of the command centre: duty and log, plans, an incident's help, minutes and review."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.faces.oversight.incidents import GRADES, TONES, officer_of, point
from yiwang.faces.oversight.rolls import STATES
from yiwang.kernel.clock import CHINA, system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.web.acts import done_or_told
from yiwang.web.formats import moment
from yiwang.web.pieces import Point
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

AHEAD = timedelta(days=7)
BEHIND = timedelta(hours=24)
COLUMNS = (
    Column(title=_("编号")),
    Column(title=_("等级")),
    Column(title=_("事件")),
    Column(title=_("环节")),
    Column(title=_("期限")),
)


def command(request: HttpRequest) -> HttpResponse:
    """Who is on duty, which plans are on, what is grave now, what the shift noted."""
    return _page(request)


def _page(
    request: HttpRequest, refused: Invalid | Conflict | NotFound | None = None
) -> HttpResponse:
    officer, at = officer_of(request), system_clock()
    asked = casework.AskedIncidents(state="open")
    page = casework.incident_list(officer=officer, at=at, asked=asked, limit=100)
    grave = sorted(page.lines, key=lambda one: (one.grade, -one.opened_at.timestamp()))[:12]
    shifts = casework.on_duty(officer=officer, at=at, ahead=AHEAD)
    now = [one for one in shifts if one.begins_at <= at]
    return render(
        request,
        "oversight/command.html",
        {
            "grave": whole(COLUMNS, grave),
            "plans": casework.plans(officer=officer),
            "now": now,
            "later": [one for one in shifts if one.begins_at > at],
            "waits": any(one.officer == officer.username and not one.accepted_at for one in now),
            "lines": casework.shift_lines(officer=officer),
            "parts": [("leader", _t("带班领导")), ("duty", _t("值班员")), ("reserve", _t("备勤"))],
            "may_duty": "command.duty" in officer.rights,
            "people": [
                (one.username, one.name)
                for one in identity.officers_with("command.see", organ=officer.organ)
            ],
            "may_switch": "command.switch" in officer.rights,
            "may_call": "command.call" in officer.rights,
            "rolls": casework.roll_calls(officer=officer, at=at, since=at - BEHIND),
            "roll_states": STATES,
            "called": "command.answer" in officer.rights
            and casework.rolls_waiting(officer=officer, at=at),
            "organs": [(one.id, one.title) for one in identity.organs()],
            "grades": GRADES,
            "tones": TONES,
            "given": request.POST,
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


def incident_command(request: HttpRequest, number: str) -> HttpResponse:
    """One incident as the commander sees it: help nearby, minutes, instructions, review."""
    officer, at = officer_of(request), system_clock()
    found = casework.incident(number, actor=officer, at=at)
    near: list[casework.Nearby] = []
    if found.lon is not None and found.lat is not None:
        near = casework.nearest(lon=found.lon, lat=found.lat, officer=officer, at=at)
    points = [point(found)] if found.lon is not None else []
    points += [
        Point(
            lon=one.lon,
            lat=one.lat,
            title=one.title,
            text=f"{one.kind} · {_away(one.metres)}",
            tone="green",
            link="",
        )
        for one in near
    ]
    links = casework.links_of(number, actor=officer)
    return render(
        request,
        "oversight/incident_command.html",
        {
            "incident": found,
            "case": found.case,
            "near": near,
            "away": _away,
            "points": points,
            "minutes": casework.minutes_of(number, officer=officer),
            "instructions": [one for one in links if one.relation == "指令"],
            "review": (review := casework.review(number, officer=officer, at=at)),
            "review_rows": [_row(one) for one in review.stays],
            "organs": [(one.id, one.title) for one in identity.organs()],
            "may_duty": "command.duty" in officer.rights,
            "span": _span,
        },
    )


@require_POST
def duty(request: HttpRequest) -> HttpResponse:
    """Plan a shift, take over, or write a line of the log."""
    form, officer, at = request.POST, officer_of(request), system_clock()

    def done() -> str:
        if form.get("act") == "accept":
            count = casework.accept_shift(officer=officer, at=at)
            return _t("已接班。") if count else _t("现在没有您的班次。")
        if form.get("act") == "log":
            casework.write_shift_line(
                text=form.get("text", ""),
                officer=officer,
                at=at,
                number=form.get("number", "").strip().upper(),
            )
            return _t("已记入值班日志。")
        username = form.get("username", "").strip()
        calls = "command.call" in officer.rights
        casework.plan_shift(
            organ=identity.officer(username, at=at).organ if calls else officer.organ,
            username=username,
            part=form.get("part", ""),
            begins_at=moment_given(form, "begins"),
            ends_at=moment_given(form, "ends"),
            officer=officer,
            at=at,
        )
        return _t("已排班。")

    try:
        messages.success(request, done())
    except (Invalid, Conflict, NotFound) as refused:
        return _page(request, refused)
    return redirect("oversight:command")


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    """Switch a plan on or off, or change its level."""
    form, officer, at = request.POST, officer_of(request), system_clock()
    plan, level, reason = (form.get(name, "") for name in ("plan", "level", "reason"))

    def done() -> str:
        match form.get("act"):
            case "off":
                casework.switch_off(plan=plan, reason=reason, officer=officer, at=at)
                return _t("预案已终止，角色、时限和大屏已恢复。")
            case "level":
                casework.change_level(plan=plan, level=level, reason=reason, officer=officer, at=at)
                return _t("级别已调整。")
        casework.switch_on(plan=plan, level=level, reason=reason, officer=officer, at=at)
        return _t("预案已启动。")

    return _told(request, done, "oversight:command")


@require_POST
def consult(request: HttpRequest, number: str) -> HttpResponse:
    """Record minutes, or give an instruction."""
    form, officer, at = request.POST, officer_of(request), system_clock()

    def done() -> str:
        if form.get("act") == "instruct":
            told = casework.instruct(
                number=number,
                organ=form.get("organ", ""),
                text=form.get("text", ""),
                officer=officer,
                at=at,
            )
            return _t("已下达指令 %(n)s。") % {"n": told}
        casework.record_minutes(
            number=number,
            held_at=moment_given(form, "held") if form.get("held") else at,
            chair=form.get("chair", ""),
            attendees=form.get("attendees", ""),
            text=form.get("text", ""),
            officer=officer,
            at=at,
        )
        return _t("已记录会商纪要。")

    return _told(request, done, "oversight:incident_command", number)


def _told(request: HttpRequest, act: Callable[[], str], page: str, *arguments: str) -> HttpResponse:
    if said := done_or_told(request, act):
        messages.success(request, said)
    return redirect(page, *arguments)


def moment_given(form: Mapping[str, str], name: str) -> datetime:
    """What the ``datetime-local`` of this name sent, in China time."""
    try:
        return datetime.fromisoformat(form.get(name, "")).replace(tzinfo=CHINA)
    except ValueError as error:
        wrong = _t("时间写法不对。")
        hint = _t("例如 2026-11-02T08:00。")
        raise Invalid(wrong, hint=hint, fields={name: wrong}) from error


def _row(one: casework.StayView) -> list[str]:
    return [
        one.title,
        identity.organ(one.organ).title,
        moment(one.entered_at),
        moment(one.left_at),
        moment(one.due_at),
        _t("超期") if one.is_late else _t("按时"),
    ]


def _away(metres: int) -> str:
    return f"{metres} 米" if metres < 1000 else f"{metres / 1000:.1f} 公里"


def _span(span: timedelta | None) -> str:
    if span is None:
        return "—"
    minutes = int(span.total_seconds() // 60)
    hours, rest = divmod(minutes, 60)
    return f"{hours} 小时 {rest} 分" if hours else f"{rest} 分"


routes = [
    route("command/", command, right="command.see", name="command", menu=_("指挥"), icon="star"),
    route("command/duty/", duty, right="command.duty", name="command_duty"),
    route("command/plans/", switch, right="command.switch", name="command_switch"),
    route("command/<str:number>/", incident_command, right="command.see", name="incident_command"),
    route("command/<str:number>/consult/", consult, right="command.duty", name="command_consult"),
]
