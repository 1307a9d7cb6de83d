"""Pages of work: the work-list, a case with its trail and moves, its files."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import NotAllowed
from yiwang.web.acts import acts_of, done_or_told, file_answer, wanted_act
from yiwang.web.drawing import FlowStep
from yiwang.web.keyset import following
from yiwang.web.names import divisions_of
from yiwang.web.routes import SIGNED_IN, route
from yiwang.web.tables import Column

COLUMNS = (
    Column(title=_("编号")),
    Column(title=_("事项")),
    Column(title=_("当前环节")),
    Column(title=_("辖区")),
    Column(title=_("到达时间")),
    Column(title=_("期限")),
)
CASES = (
    Column(title=_("编号")),
    Column(title=_("事项")),
    Column(title=_("状态")),
    Column(title=_("辖区")),
    Column(title=_("立案或到达")),
    Column(title=_("期限")),
)
LIGHTS = ("", "red", "yellow", "green")
STATES = ("", "open", "paused", "ended")


def officer_of(request: HttpRequest) -> identity.Officer:
    """The officer who looks; a citizen is told that this is not their page."""
    if not isinstance(request.actor, identity.Officer):
        raise NotAllowed(_t("此页面供工作人员使用。"), hint=_t("请从“我的办件”查看自己的办件。"))
    return request.actor


def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for this officer, soonest deadline first."""
    officer, at = officer_of(request), system_clock()
    page = casework.work_list(
        officer=officer, at=at, asked=_asked(request), after=request.GET.get("after", "")[:80]
    )
    return render(
        request,
        "office/cases.html",
        {
            "tasks": following(request, COLUMNS, page.lines, page.next),
            "counts": casework.count_waiting(officer=officer, at=at),
            "wanted": _asked(request),
            "away": [one.name for one in officer.stands_for],
            "division_name": casework.division_name,
        },
    )


def all_cases(request: HttpRequest) -> HttpResponse:
    """Every case of this organ: open ones of a light by deadline, else newest first."""
    officer, at = officer_of(request), system_clock()
    page = casework.case_list(
        officer=officer, at=at, asked=_asked(request), after=request.GET.get("after", "")[:80]
    )
    return render(
        request,
        "office/all_cases.html",
        {
            "cases": following(request, CASES, page.lines, page.next),
            "wanted": _asked(request),
            "divisions": divisions_of(officer.divisions),
            "division_name": casework.division_name,
        },
    )


def _asked(request: HttpRequest) -> casework.Asked:
    asked = request.GET
    light, state = asked.get("light", ""), asked.get("state", "")
    return casework.Asked(
        flow=asked.get("flow", "")[:120],
        light=light if light in LIGHTS else "",
        state=state if state in STATES else "",
        division=asked.get("division", "").strip()[:32],
        query=asked.get("query", "")[:100],
    )


def case(request: HttpRequest, number: str) -> HttpResponse:
    """A case: what it is about, where it stands, what may be done, what was done."""
    officer, at = officer_of(request), system_clock()
    return render(request, "office/case.html", case_page(number, officer, at))


def case_page(number: str, officer: identity.Officer, at: datetime) -> dict[str, object]:
    """The values of a case's page."""
    view = casework.case(number, actor=officer, at=at)
    flow = casework.flow_of(number, actor=officer)
    lines = casework.trail(number, actor=officer)
    return {
        "case": view,
        "steps": [FlowStep(one.id, one.title, one.limit, one.moves) for one in flow.steps],
        "flow": flow,
        "rules": services.rules_before(view, at=at),
        "recorded": services.recorded_about(view),
        "clauses": services.clauses_for(view),
        "refusal": services.refusal_of(number, actor=officer),
        "lines": lines,
        "links": casework.links_of(number, actor=officer),
        "acts": acts_of(lines),
        "organ": identity.organ(view.organ).title if view.organ else "",
        "organ_title": lambda organ: identity.organ(organ).title,
        "role_title": casework.role_title,
        "posts": casework.posts() if any(one.asks == "post" for one in view.moves) else (),
        "division": casework.division_name(view.division),
    }


def clock(request: HttpRequest, number: str) -> HttpResponse:
    """The clock of a case, day by day: what counted, what did not, and why."""
    officer, at = officer_of(request), system_clock()
    shown = {
        "case": casework.case(number, actor=officer, at=at),
        "clock": casework.clock_of(number, actor=officer, at=at),
        "weekdays": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    }
    return render(request, "office/clock.html", shown)


def refusal_letter(request: HttpRequest, number: str) -> HttpResponse:
    """决定书: the refusal of a case as a letter, to be printed and sealed."""
    letter = services.refusal_letter(number, actor=officer_of(request), at=system_clock())
    trail = [
        (_("全部办件"), reverse("office:all_cases")),
        (number, reverse("office:case", args=[number])),
        (letter.heading, ""),
    ]
    return render(request, "letters/refusal.html", {"letter": letter, "trail": trail})


@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """Do one thing to a case; a refusal is told on the case's page."""
    wanted = wanted_act(request)
    arguments = wanted.arguments(file=casework.EvidenceFile, post=casework.Post)
    view = done_or_told(
        request,
        lambda: services.act_on_case(
            number=number, officer=officer_of(request), at=system_clock(), **arguments
        ),
    )
    if view is None:
        return redirect("office:case", number)
    said = _t("%(number)s 已办理，现在：%(step)s。") % {"number": number, "step": view.step_title}
    messages.success(request, said)
    stays = bool(view.moves) or wanted.verb in ("release", "sign", "delegate")
    return redirect("office:case", number) if stays else redirect("office:cases")


def evidence(request: HttpRequest, number: str, evidence: int) -> HttpResponse:
    """A file of a case."""
    found = casework.evidence_file(number, evidence, actor=request.actor)
    return file_answer(
        casework.content_of(found.digest), kind=found.kind, name=f"{number}-{found.name}"
    )


routes = [
    route("cases/", waiting, right="case.handle", name="cases", under="todo"),
    route("cases/all/", all_cases, right="case.see", name="all_cases", menu=_("全部办件")),
    route("cases/<str:number>/", case, right=SIGNED_IN, name="case", under="todo"),
    route("cases/<str:number>/clock/", clock, right=SIGNED_IN, name="clock", under="todo"),
    route(
        "cases/<str:number>/refusal/",
        refusal_letter,
        right=SIGNED_IN,
        name="refusal_letter",
        under="todo",
    ),
    route("cases/<str:number>/act/", act, right="case.handle", name="act", under="todo"),
    route("cases/<str:number>/files/<int:evidence>/", evidence, right=SIGNED_IN, name="evidence"),
]
