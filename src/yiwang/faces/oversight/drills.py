"""Drills: begin one, answer what comes up, see how it went. Nothing here is a real incident."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.sensing import public as sensing
from yiwang.faces.oversight.command import moment_given
from yiwang.faces.oversight.incidents import officer_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid
from yiwang.packkit.drilling import drills as courses_of
from yiwang.web.acts import done_or_told
from yiwang.web.names import library
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

COLUMNS = (
    Column(title=_("演练")),
    Column(title=_("开始")),
    Column(title=_("发起人")),
    Column(title=_("应报 / 报出")),
    Column(title=_("得分"), is_number=True),
    Column(title=_("状态")),
)
UP = (
    Column(title=_("演练时间")),
    Column(title=_("事件")),
    Column(title=_("观测值"), is_number=True),
    Column(title=_("答复")),
)


def drills(request: HttpRequest) -> HttpResponse:
    """All drills, and the courses that can be played."""
    return _page(request)


def _page(request: HttpRequest, refused: Invalid | None = None) -> HttpResponse:
    officer, known = officer_of(request), library()
    listing = whole(COLUMNS, sensing.drills(officer=officer, at=system_clock()))
    courses = [(ref, one.title) for ref, one in courses_of(known).items()]
    ruled = {alert.stream for alert in known.alerts().values()}
    streams = [(ref, one.title) for ref, one in known.streams().items() if ref in ruled]
    return render(
        request,
        "oversight/drills.html",
        {
            "listing": listing,
            "courses": courses,
            "streams": streams,
            "speeds": _speeds(),
            "may_begin": "command.switch" in officer.rights,
            "given": request.POST,
            "refused": refused,
        },
        status=refused.status if refused else 200,
    )


def drill(request: HttpRequest, number: int) -> HttpResponse:
    """A drill's room: its own clock, what has come up, the score."""
    officer, at = officer_of(request), system_clock()
    found = sensing.drill(number, officer=officer, at=at)
    kinds = dict(casework.incident_kinds())
    rules = {ref: one.title for ref, one in library().alerts().items()}
    return render(
        request,
        "oversight/drill.html",
        {
            "drill": found,
            "listing": whole(UP, found.incidents),
            "kinds": kinds,
            "rules": rules,
            "organs": [(one.id, one.title) for one in identity.organs()],
            "may_answer": found.is_running and "command.duty" in officer.rights,
            "may_end": found.is_running and "command.switch" in officer.rights,
            "span": _span,
            "score": found.score,
        },
    )


@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Begin a drill, of a pack's course or of what was recorded."""
    form, officer, at = request.POST, officer_of(request), system_clock()
    speed = int(form["speed"]) if form.get("speed", "").isdigit() else 0

    try:
        if form.get("course"):
            number = sensing.begin_drill(
                ref=form["course"], speed=speed, library=library(), officer=officer, at=at
            )
        else:
            number = sensing.begin_recorded_drill(
                stream=form.get("stream", ""),
                since=moment_given(form, "since"),
                until=moment_given(form, "until"),
                speed=speed,
                library=library(),
                officer=officer,
                at=at,
            )
    except Invalid as refused:
        return _page(request, refused)
    return redirect("oversight:drill", number)


@require_POST
def answer(request: HttpRequest, number: int) -> HttpResponse:
    """Send somebody, or tell a false alarm; in this room only."""
    form, officer, at = request.POST, officer_of(request), system_clock()
    incident = int(form["incident"]) if form.get("incident", "").isdigit() else 0
    organ = form.get("organ", "") if form.get("act") == "dispatch" else ""

    def done() -> bool:
        sensing.answer_drill(number=number, incident=incident, organ=organ, officer=officer, at=at)
        return True

    done_or_told(request, done)
    return redirect("oversight:drill", number)


@require_POST
def end(request: HttpRequest, number: int) -> HttpResponse:
    """End the drill; its score stands."""
    officer, at = officer_of(request), system_clock()

    def done() -> bool:
        sensing.end_drill(number=number, officer=officer, at=at)
        return True

    if done_or_told(request, done):
        messages.success(request, _t("演练已结束。"))
    return redirect("oversight:drill", number)


def _speeds() -> list[tuple[str, str]]:
    return [
        (str(one), _t("%(n)s 倍（一小时演 %(s)s 秒）") % {"n": one, "s": 3600 // one})
        for one in sensing.SPEEDS
    ]


def _span(span: timedelta | None) -> str:
    if span is None:
        return "—"
    seconds = int(abs(span.total_seconds()))
    text = (
        f"{seconds // 60} 分 {seconds % 60} 秒" if seconds < 3600 else f"{seconds / 3600:.1f} 小时"
    )
    return _t("提前 %(t)s") % {"t": text} if span < timedelta(0) else text


routes = [
    route("command/drills/", drills, right="command.see", name="drills"),
    route("command/drills/begin/", begin, right="command.switch", name="drill_begin"),
    route("command/drills/<int:number>/", drill, right="command.see", name="drill"),
    route("command/drills/<int:number>/answer/", answer, right="command.duty", name="drill_answer"),
    route("command/drills/<int:number>/end/", end, right="command.switch", name="drill_end"),
]
