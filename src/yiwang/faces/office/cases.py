"""Pages of work: the work-list, a case with its trail and moves, its files."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed
from yiwang.web.acts import wanted_act
from yiwang.web.drawing import FlowStep
from yiwang.web.pieces import Act
from yiwang.web.routes import SIGNED_IN, route
from yiwang.web.tables import Column, listing, wish

COLUMNS = (
    Column(title=_("编号")),
    Column(title=_("事项")),
    Column(title=_("当前环节")),
    Column(title=_("辖区")),
    Column(title=_("到达时间")),
    Column(title=_("期限")),
)
LIGHTS = ("", "red", "yellow", "green")


def officer_of(request: HttpRequest) -> identity.Officer:
    """The officer who looks; a citizen is told that this is not their page."""
    if not isinstance(request.actor, identity.Officer):
        raise NotAllowed(_t("此页面供工作人员使用。"), hint=_t("请从“我的办件”查看自己的办件。"))
    return request.actor


def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for this officer, soonest deadline first."""
    officer, at = officer_of(request), system_clock()
    asked = wish(request, COLUMNS)
    light = request.GET.get("light", "")
    wanted = {
        "flow": request.GET.get("flow", ""),
        "light": light if light in LIGHTS else "",
        "query": request.GET.get("query", "")[:100],
    }
    tasks = casework.cases_waiting(
        officer=officer, at=at, offset=asked.offset, limit=asked.per_page + 1, **wanted
    )
    return render(
        request,
        "office/cases.html",
        {
            "tasks": listing(request, COLUMNS, tasks, wish=asked),
            "counts": casework.count_waiting(officer=officer, at=at),
            "wanted": wanted,
            "division_name": casework.division_name,
        },
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
        "lines": lines,
        "acts": [_act(line) for line in reversed(lines)],
        "organ": identity.organ(view.organ).title if view.organ else "",
        "division": casework.division_name(view.division),
        "evidence_titles": casework.EVIDENCE,
    }


def _act(line: casework.TrailView) -> Act:
    texts = [one.title + "：" + one.text for one in line.evidence if one.text]
    files = [one.title for one in line.evidence if one.digest]
    parts = [line.reason, *texts, _t("附：") + "、".join(files) if files else ""]
    return Act(
        at=line.at,
        title=f"{line.title} → {line.step_title}",
        who=line.actor_name,
        text="；".join(part for part in parts if part),
    )


@require_POST
def act(request: HttpRequest, number: str) -> HttpResponse:
    """Make one move of a case; a refusal is told on the case's page."""
    wanted = wanted_act(request)
    files = {name: casework.EvidenceFile(*file) for name, file in wanted.files.items()}
    try:
        view = services.act_on_case(
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
        return redirect("office:case", number)
    messages.success(
        request,
        _t("%(number)s 已办理，现在：%(step)s。") % {"number": number, "step": view.step_title},
    )
    return redirect(
        "office:case" if view.moves else "office:cases", *([number] if view.moves else [])
    )


def evidence(request: HttpRequest, number: str, evidence: int) -> HttpResponse:
    """A file of a case, as it was handed in."""
    found = casework.evidence_file(number, evidence, actor=request.actor)
    answer = HttpResponse(casework.content_of(found.digest), content_type=found.kind)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=False, filename=f"{number}-{found.name}"
    )
    return answer


routes = [
    route("cases/", waiting, right="case.handle", name="cases", menu=_("待办"), icon="inbox"),
    route("cases/<str:number>/", case, right=SIGNED_IN, name="case"),
    route("cases/<str:number>/act/", act, right="case.handle", name="act"),
    route("cases/<str:number>/files/<int:evidence>/", evidence, right=SIGNED_IN, name="evidence"),
]
