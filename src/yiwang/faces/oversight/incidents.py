"""Pages of incidents: what happens, one incident from dispatch to rating, a report from a phone."""

from collections import Counter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed
from yiwang.web.acts import wanted_act
from yiwang.web.drawing import FlowStep
from yiwang.web.pieces import Act, Point
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
STATES = ("", "open", "paused", "ended")
GRADES = {1: _("特别重大"), 2: _("重大"), 3: _("较大"), 4: _("一般")}
TONES = {1: "red", 2: "red", 3: "yellow", 4: "blue"}


def officer_of(request: HttpRequest) -> identity.Officer:
    """The officer who looks."""
    if not isinstance(request.actor, identity.Officer):
        raise NotAllowed(_t("此页面供工作人员使用。"), hint=_t("请从门户上报和查看。"))
    return request.actor


def incidents(request: HttpRequest) -> HttpResponse:
    """What happens now, newest first."""
    officer, at = officer_of(request), system_clock()
    state = request.GET.get("state", "")
    state = state if state in STATES else ""
    found = casework.incidents(actor=officer, at=at, limit=200)
    counts = Counter(one.case.state for one in found)
    shown = [one for one in found if not state or one.case.state == state]
    return render(
        request,
        "oversight/incidents.html",
        {
            "incidents": whole(COLUMNS, shown),
            "state": state,
            "counts": counts,
            "late": sum(one.case.light == "red" and one.case.state != "ended" for one in found),
            "merged": sum(one.merged_signals - 1 for one in found),
            "grades": GRADES,
            "tones": TONES,
            "division_name": casework.division_name,
            "points": [point(one) for one in shown if one.lon is not None],
            "center": list(place().map_center),
            "may_report": "incident.report" in officer.rights,
        },
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
    """One incident: place, clocks, what may be done, what was done."""
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
            "acts": [_act(line) for line in reversed(lines)],
            "files": files,
            "organ": identity.organ(found.case.organ).title,
            "division": casework.division_name(found.case.division),
            "evidence_titles": casework.EVIDENCE,
            "points": [point(found)] if found.lon is not None else [],
        },
    )


def _act(line: casework.TrailView) -> Act:
    texts = [f"{one.title}：{one.text}" for one in line.evidence if one.text]
    files = "、".join(one.title for one in line.evidence if one.digest)
    parts = [line.reason, *texts, _t("附：") + files if files else ""]
    return Act(
        at=line.at,
        title=f"{line.title} → {line.step_title}",
        who=line.actor_name,
        text="；".join(part for part in parts if part),
    )


@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """Make one move of an incident; a refusal is told on its page."""
    wanted = wanted_act(request)
    files = {name: casework.EvidenceFile(*file) for name, file in wanted.files.items()}
    try:
        view = casework.act(
            number=number,
            verb=wanted.verb,
            officer=officer_of(request),
            at=system_clock(),
            reason=wanted.reason,
            evidence={**wanted.texts, **files},
            expected_version=wanted.version,
            to=wanted.to,
            division=wanted.division,
        )
    except (Conflict, Invalid) as refusal:
        messages.error(request, str(refusal))
    else:
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
    answer = HttpResponse(casework.content_of(found.digest), content_type=found.kind)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Disposition"] = f'inline; filename="{number}-{found.name}"'
    return answer


def report(request: HttpRequest) -> HttpResponse:
    """Report what was seen, from a phone in the field."""
    officer = officer_of(request)
    kinds = casework.incident_kinds()
    if request.method != "POST":
        return render(request, "oversight/report.html", {"kinds": kinds, "division": ""})
    form = request.POST
    try:
        made = casework.report_signal(
            kind=form.get("kind", ""),
            source="patrol",
            object="",
            lon=_degrees(form.get("lon", "")),
            lat=_degrees(form.get("lat", "")),
            division=form.get("division", "") or officer.divisions[0],
            summary=form.get("summary", "").strip(),
            facts={},
            actor=officer,
            at=system_clock(),
        )
    except Invalid as refusal:
        messages.error(request, str(refusal))
        return redirect("oversight:report")
    said = _t("已立案 %(n)s。") if made.is_new else _t("已并入 %(n)s，同一事件不重复立案。")
    messages.success(request, said % {"n": made.number})
    return redirect("oversight:incidents")


def _degrees(text: str) -> float | None:
    try:
        return float(text) if text.strip() else None
    except ValueError:
        raise Invalid(_t("坐标不是数字。"), hint=_t("例如 118.70 和 33.72。")) from None


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
