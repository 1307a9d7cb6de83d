"""Plans as ledgers: import, confirm, follow, ask after; what each promise rests on."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.boards import public as boards
from yiwang.apps.identity import public as identity
from yiwang.faces.steward.catalog import organ_titles
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid
from yiwang.kernel.folding import fold
from yiwang.packkit import Library
from yiwang.packkit.current import current_library
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, whole, wish

TASKS = (
    Column(title=_("任务")),
    Column(title=_("牵头单位")),
    Column(title=_("期限")),
    Column(title=_("进展")),
    Column(title=_("台账")),
)
TARGETS = (
    Column(title=_("要求")),
    Column(title=_("方案原文")),
    Column(title=_("期限")),
    Column(title=_("平台测得")),
    Column(title=_("台账")),
)
CAPABILITIES = (
    Column(title=_("能力或目标")),
    Column(title=_("场景包")),
    Column(title=_("指标")),
)


@dataclass(frozen=True)
class Summary:
    """How many tasks stand in each light."""

    met: int
    checked: int
    running: int
    late: int
    ready: int
    nothing: int


def _library() -> Library:
    return current_library(settings.PACKS, settings.PLACE, settings.HOME)


def plan_list(request: HttpRequest) -> HttpResponse:
    """Every plan that was read; a form to read another."""
    columns = (
        Column(title=_("规划方案")),
        Column(title=_("印发日期")),
        Column(title=_("任务"), is_number=True),
        Column(title=_("已确认"), is_number=True),
        Column(title=_("待确认"), is_number=True),
    )
    context = {
        "listing": whole(columns, boards.plans()),
        "may_keep": identity.may(request.actor, "boards.keep_plan"),
        "error": None,
    }
    return render(request, "steward/plans.html", context)


@require_POST
def read_plan(request: HttpRequest) -> HttpResponse:
    """Read an uploaded text (TXT, DOCX) into a proposed ledger."""
    library = _library()
    try:
        number = boards.keep_plan(
            _uploaded(request),
            capabilities=boards.capabilities_of(library),
            officer=request.actor,
            at=system_clock(),
        )
    except boards.PlanAlreadyRead as known:
        messages.info(request, str(known))
        return redirect("steward:plan", known.data["plan"])
    messages.success(request, _t("已读出任务和目标，请逐条确认。"))
    return redirect("steward:plan", number)


def _uploaded(request: HttpRequest) -> str:
    file = request.FILES.get("file")
    if file is None:
        raise boards.PlanUnreadable("没有收到文件。", hint="选择方案正文（TXT 或 DOCX）后再提交。")
    return boards.plan_text_of(file.name, file.read())


def plan_page(request: HttpRequest, number: int) -> HttpResponse:
    """One plan: its tasks by chapter with their lights, its targets, its doubts."""
    library, now = _library(), system_clock()
    tasks = boards.plan_tasks(number, library=library, at=now)
    shown = request.GET.get("light", "")
    kept = [task for task in tasks if task.state != "dropped"]
    return render(
        request,
        "steward/plan.html",
        {
            "plan": boards.plan(number),
            "summary": _summary(kept),
            "tasks": whole(TASKS, [t for t in tasks if shown in ("", t.progress.light)]),
            "targets": whole(TARGETS, boards.plan_targets(number, library=library)),
            "shown": shown,
            "organ_titles": organ_titles(),
            "may_keep": identity.may(request.actor, "boards.keep_plan"),
        },
    )


def _summary(tasks: list[boards.PlanTaskView]) -> Summary:
    lights = [task.progress.light for task in tasks]
    return Summary(
        met=lights.count("met"),
        checked=lights.count("checked"),
        running=lights.count("running") + lights.count("soon"),
        late=lights.count("late"),
        ready=lights.count("ready"),
        nothing=lights.count("nothing"),
    )


def plan_task(request: HttpRequest, number: int, task: str) -> HttpResponse:
    """One task: the plan's words, who answers, what proves it; confirm, drop, ask after."""
    library, now = _library(), system_clock()
    error: Invalid | None = None
    if request.method == "POST":
        try:
            return _decided(request, number, task)
        except Invalid as refused:
            error = refused
    shown = boards.plan_task(number, task, library=library, at=now)
    return render(
        request,
        "steward/plan_task.html",
        {
            "plan": boards.plan(number),
            "task": shown,
            "given": _given(shown) | (given_of(request) if error else {}),
            "capabilities": boards.capabilities_of(library),
            "organ_titles": organ_titles(),
            "may_keep": identity.may(request.actor, "boards.keep_plan"),
            "may_supervise": identity.may(request.actor, "boards.supervise"),
            "error": error,
            "faults": error.fields if error else {},
        },
        status=error.status if error else 200,
    )


def _decided(request: HttpRequest, number: int, task: str) -> HttpResponse:
    """Carry out the act that the form names."""
    asked, now = request.POST, system_clock()
    if asked.get("act") == "confirm":
        boards.confirm_task(
            plan=number, number=task, confirmed=confirmed_in(request), officer=request.actor, at=now
        )
        messages.success(request, _t("已列入台账。"))
    elif asked.get("act") == "drop":
        boards.drop_task(
            plan=number, number=task, reason=asked.get("reason", ""), officer=request.actor, at=now
        )
        messages.success(request, _t("已标为不列入台账。"))
    else:
        cases = boards.ask_after(
            plan=number, number=task, reason=asked.get("reason", ""), officer=request.actor, at=now
        )
        messages.success(request, _t("督办通知已发出：%s") % "、".join(cases))
    return redirect("steward:plan_task", number, task)


def given_of(request: HttpRequest) -> dict[str, Any]:
    """What a form of a task was filled in with; no box of a form without boxes."""
    has_boxes = "title" in request.POST
    many = {name: request.POST.getlist(name) for name in ("leads", "helpers") if has_boxes}
    return {**request.POST.dict(), **many}


def _given(task: boards.PlanTaskView) -> dict[str, Any]:
    return {
        "title": task.title,
        "due_on": task.due_on.isoformat() if task.due_on else "",
        "leads": [one.organ for one in task.leads],
        "helpers": [one.organ for one in task.helpers if one.part == "help"],
        "capabilities": " ".join(task.capabilities),
    }


def confirmed_in(request: HttpRequest) -> boards.Confirmed:
    """What a form says a task is."""
    return boards.Confirmed(
        title=request.POST.get("title", ""),
        leads=tuple(request.POST.getlist("leads")),
        helpers=tuple(request.POST.getlist("helpers")),
        due_on=day_in(request, boards.TaskMalformed),
        capabilities=tuple(request.POST.get("capabilities", "").split()),
    )


def day_in(request: HttpRequest, refusal: type[Invalid]) -> date | None:
    """The day that a form names, if any."""
    text = request.POST.get("due_on", "")
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        said = _t("期限不是日期。")
        raise refusal(
            said, hint=_t("请按“2025-12-31”的样子填写。"), fields={"due_on": said}
        ) from None


def plan_report(request: HttpRequest, number: int) -> HttpResponse:
    """The ledger in print, without what was dropped: for the leading group's meeting."""
    library, now = _library(), system_clock()
    tasks = [
        one for one in boards.plan_tasks(number, library=library, at=now) if one.state != "dropped"
    ]
    return render(
        request,
        "steward/plan_report.html",
        {
            "plan": boards.plan(number),
            "tasks": tasks,
            "summary": _summary(tasks),
            "targets": [
                one
                for one in boards.plan_targets(number, library=library)
                if one.state != "dropped"
            ],
            "now": now,
            "organ_titles": organ_titles(),
        },
    )


def late(request: HttpRequest) -> HttpResponse:
    """逾期清单: confirmed tasks past their day, over all plans."""
    found = boards.late_tasks(library=_library(), at=system_clock())
    return render(
        request,
        "steward/plan_late.html",
        {"tasks": whole(TASKS, found), "organ_titles": organ_titles()},
    )


def capabilities(request: HttpRequest) -> HttpResponse:
    """能力清单: which of the plans' systems and targets this place's packs serve, and the proof."""
    library = _library()
    found = boards.capability_proofs(library=library)
    only, query = request.GET.get("only", ""), request.GET.get("query", "")[:60]
    shown = [
        p
        for p in found
        if (only == "" or p.is_served == (only == "served"))
        and fold(query) in fold(p.capability.id, p.capability.title, *p.packs)
    ]
    asked = wish(request, CAPABILITIES)
    page = shown[asked.offset : asked.offset + asked.per_page]
    return render(
        request,
        "steward/capabilities.html",
        {
            "listing": listing(request, CAPABILITIES, page, wish=asked, total=len(shown)),
            "query": query,
            "served": sum(p.is_served for p in found),
            "total": len(found),
            "only": only,
            "pack_titles": {name: one.manifest.title for name, one in library.packs.items()},
        },
    )


routes = [
    route(
        "plans/", plan_list, right="boards.see_plan", name="plans", menu=_("规划台账"), icon="book"
    ),
    route("plans/read/", read_plan, right="boards.keep_plan", name="read_plan"),
    route("plans/late/", late, right="boards.see_plan", name="plan_late"),
    route("plans/capabilities/", capabilities, right="boards.see_plan", name="capabilities"),
    route("plans/<int:number>/", plan_page, right="boards.see_plan", name="plan"),
    route("plans/<int:number>/report/", plan_report, right="boards.see_plan", name="plan_report"),
    route("plans/<int:number>/<str:task>/", plan_task, right="boards.see_plan", name="plan_task"),
]
