"""Pages of incidents: what happens, one incident from dispatch to rating, a report by hand."""

from dataclasses import replace

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed
from yiwang.web.acts import acts_of, done_or_told, file_answer, wanted_act
from yiwang.web.drawing import FlowStep
from yiwang.web.names import divisions_of
from yiwang.web.pieces import Point
from yiwang.web.routes import SIGNED_IN, route
from yiwang.web.shell import place
from yiwang.web.tables import Column, whole

COLUMNS = (
    Column(title=_("编号")),
    Column(title=_("等级")),
    Column(title=_("事件")),
    Column(title=_("辖区")),
    Column(title=_("信号"), is_number=True),
    Column(title=_("发生时间")),
    Column(title=_("环节")),
    Column(title=_("期限")),
)
STATES = ("", "open", "ended")
GRADES = {1: _("特别重大"), 2: _("重大"), 3: _("较大"), 4: _("一般")}
TONES = {1: "red", 2: "red", 3: "yellow", 4: "blue"}


def officer_of(request: HttpRequest) -> identity.Officer:
    """The officer who looks."""
    if not isinstance(request.actor, identity.Officer):
        raise NotAllowed(_t("此页面供工作人员使用。"), hint=_t("请从门户上报和查看。"))
    return request.actor


def _asked(request: HttpRequest) -> casework.AskedIncidents:
    state, grade = request.GET.get("state", ""), request.GET.get("grade", "")
    return casework.AskedIncidents(
        state=state if state in STATES else "",
        kind=request.GET.get("kind", "")[:120],
        division=request.GET.get("division", "")[:15],
        grade=int(grade) if grade in ("1", "2", "3", "4") else 0,
        query=request.GET.get("query", "")[:60],
    )


def incidents(request: HttpRequest) -> HttpResponse:
    """What happens now, newest first, page by page."""
    officer, at, asked = officer_of(request), system_clock(), _asked(request)
    page = casework.incident_list(
        officer=officer, at=at, asked=asked, after=request.GET.get("after", "")[:20]
    )
    following = request.GET.copy()
    following["after"] = page.next
    counts = {
        state: casework.count_incidents(officer=officer, asked=replace(asked, state=state))
        for state in ("open", "ended")
    }
    return render(
        request,
        "oversight/incidents.html",
        {
            "incidents": whole(COLUMNS, page.lines),
            "asked": asked,
            "counts": counts,
            "most": casework.MOST_COUNTED,
            "next": f"?{following.urlencode()}" if page.next else "",
            "is_first": not request.GET.get("after"),
            "kinds": [("", _t("全部类型")), *casework.incident_kinds()],
            "grades": GRADES,
            "tones": TONES,
            "division_name": casework.division_name,
            "center": list(place().map_center),
            "may_report": "incident.report" in officer.rights,
            "address_of_map": f"map.json?{request.GET.urlencode()}",
        },
    )


def incident_map(request: HttpRequest) -> HttpResponse:
    """The incidents in view as points, or as circles with their number."""
    officer, at = officer_of(request), system_clock()
    box = casework.Box(*box_of(request))
    part = casework.incident_map(officer=officer, at=at, asked=_asked(request), box=box)
    return JsonResponse(
        {
            "points": [msgspec.to_builtins(_spot(one)) for one in part.points],
            "circles": [vars(one) for one in part.circles],
        }
    )


def box_of(request: HttpRequest) -> tuple[float, float, float, float, float]:
    """What a map has in view: west, south, east, north and its zoom, as its script asks."""
    try:
        west, south, east, north, zoom = (
            float(request.GET.get(name, "")) for name in ("west", "south", "east", "north", "zoom")
        )
    except ValueError as error:
        raise Invalid(_t("地图范围不是数字。"), hint=_t("请刷新地图。")) from error
    if not (-540 <= west <= east <= 540 and -90 <= south <= north <= 90 and 0 <= zoom <= 30):
        raise Invalid(_t("地图范围不对。"), hint=_t("请刷新地图。"))
    return max(west, -180), south, min(east, 180), north, zoom


def _spot(one: casework.IncidentLine) -> Point:
    return Point(
        lon=one.lon or 0.0,
        lat=one.lat or 0.0,
        title=one.title,
        text=one.step_title,
        tone="grey" if one.state == "ended" else TONES[one.grade],  # type: ignore[arg-type]
        link=f"/oversight/incidents/{one.number}/",
    )


def point(one: casework.IncidentView) -> Point:
    """An incident as a point of a map, leading to its page."""
    return Point(
        lon=one.lon or 0.0,
        lat=one.lat or 0.0,
        title=one.case.title,
        text=one.case.step_title,
        tone="grey" if one.case.state == "ended" else TONES[one.grade],  # type: ignore[arg-type]
        link=f"/oversight/incidents/{one.number}/",
    )


def incident(request: HttpRequest, number: str) -> HttpResponse:
    """One incident: place, clocks, signals, what may be done, what was done."""
    officer, at = officer_of(request), system_clock()
    found = casework.incident(number, actor=officer, at=at)
    flow, lines = casework.flow_of(number, actor=officer), casework.trail(number, actor=officer)
    files = [one for line in lines for one in line.evidence if one.digest]
    return render(
        request,
        "oversight/incident.html",
        {
            "incident": found,
            "case": found.case,
            "grade": GRADES[found.grade],
            "tone": TONES[found.grade],
            "flow": flow,
            "steps": [FlowStep(one.id, one.title, one.limit, one.moves) for one in flow.steps],
            "acts": acts_of(lines),
            "files": files,
            "signals": casework.signals_of(number, actor=officer),
            "links": casework.links_of(number, actor=officer),
            "call_backs": casework.call_backs_of(number, actor=officer),
            "grades": [(str(level), title) for level, title in GRADES.items()],
            "may_command": "command.see" in officer.rights,
            "may_call_back": "incident.call_back" in officer.rights,
            "organ": identity.organ(found.case.organ).title,
            "organ_title": lambda organ: identity.organ(organ).title,
            "role_title": casework.role_title,
            "posts": casework.posts(),
            "division": casework.division_name(found.case.division),
            "points": [point(found)] if found.lon is not None else [],
        },
    )


@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """Do one thing to an incident; a refusal is told on its page."""
    arguments = wanted_act(request).arguments(file=casework.EvidenceFile, post=casework.Post)
    view = done_or_told(
        request,
        lambda: casework.act(
            number=number, officer=officer_of(request), at=system_clock(), **arguments
        ),
    )
    if view is not None:
        messages.success(request, _t("已办理，现在：%(step)s。") % {"step": view.step_title})
    return redirect("oversight:incident", number)


@require_POST
def rate(request: HttpRequest, number: str) -> HttpResponse:
    """Say how a closed incident was handled."""
    score = request.POST.get("score", "")
    try:
        casework.rate(
            number=number,
            score=int(score) if score in tuple("12345") else 0,
            comment=request.POST.get("comment", ""),
            actor=officer_of(request),
            at=system_clock(),
        )
    except (Conflict, Invalid, NotAllowed) as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _t("已评价，谢谢。"))
    return redirect("oversight:incident", number)


def evidence(request: HttpRequest, number: str, evidence: int) -> HttpResponse:
    """A picture of an incident."""
    found = casework.evidence_file(number, evidence, actor=request.actor)
    return file_answer(
        casework.content_of(found.digest), kind=found.kind, name=f"{number}-{found.name}"
    )


def report(request: HttpRequest) -> HttpResponse:
    """Report what was seen or heard, at a desk."""
    officer, error = officer_of(request), None
    if request.method == "POST":
        try:
            made = _reported(request.POST, officer)
        except Invalid as refusal:
            error = refusal
        else:
            said = _t("已立案 %(n)s。") if made.is_new else _t("已并入 %(n)s，同一事件不重复立案。")
            messages.success(request, said % {"n": made.number})
            return redirect("oversight:incidents")
    shown = {
        "kinds": casework.incident_kinds(),
        "divisions": divisions_of(officer.divisions),
        "given": request.POST,
        "error": error,
    }
    return render(request, "oversight/report.html", shown, status=error.status if error else 200)


def _reported(form: QueryDict, officer: identity.Officer) -> casework.Reported:
    summary = form.get("summary", "").strip()
    Invalid.unless((bool(summary), "summary", _t("请写明情况。")))
    return casework.report_signal(
        kind=form.get("kind", ""),
        source="patrol",
        lon=_degrees(form, "lon"),
        lat=_degrees(form, "lat"),
        division=form.get("division", "") or officer.divisions[0],
        address=form.get("address", "").strip(),
        summary=summary,
        contact={"phone": phone} if (phone := form.get("phone", "").strip()[:20]) else {},
        channel="desk",
        actor=officer,
        at=system_clock(),
    )


def _degrees(form: QueryDict, name: str) -> float | None:
    try:
        return float(form.get(name, "")) if form.get(name, "").strip() else None
    except ValueError:
        wrong = _t("坐标不是数字。")
        hint = _t("例如 118.70 和 33.72。")
        raise Invalid(wrong, hint=hint, fields={name: wrong}) from None


routes = [
    route(
        "incidents/", incidents, right="incident.see", name="incidents", menu=_("事件"), icon="bell"
    ),
    route(
        "incidents/report/",
        report,
        right="incident.report",
        name="report",
        menu=_("上报事件"),
        icon="edit",
    ),
    route("incidents/map.json", incident_map, right="incident.see", name="incident_map"),
    route("incidents/<str:number>/", incident, right="incident.see", name="incident"),
    route("incidents/<str:number>/act/", act, right="case.handle", name="incident_act"),
    route("incidents/<str:number>/rate/", rate, right="incident.see", name="incident_rate"),
    route(
        "incidents/<str:number>/files/<int:evidence>/",
        evidence,
        right=SIGNED_IN,
        name="incident_evidence",
    ),
]
