"""Background jobs: how far they are, who asked, why they failed, and the timetable."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict
from yiwang.web.routes import SIGNED_IN, route
from yiwang.web.tables import Column, listing, whole, wish

COLUMNS = (
    Column(title=_("作业号"), is_number=True),
    Column(title=_("作业")),
    Column(title=_("对象")),
    Column(title=_("状态")),
    Column(title=_("进展")),
    Column(title=_("提出人")),
    Column(title=_("提出时间")),
    Column(title=_("用时（秒）"), is_number=True),
)
TIMETABLE = (
    Column(title=_("定时任务")),
    Column(title=_("周期")),
    Column(title=_("下次")),
    Column(title=_("上次应办")),
    Column(title=_("上次结果")),
)
TABS = {
    "open": _("等待和进行中"),
    "failed": _("失败"),
    "done": _("完成"),
    "stopped": _("已停止"),
    "": _("全部"),
}


def listed(request: HttpRequest) -> HttpResponse:
    """All jobs by state, newest first, and the timetable beneath."""
    asked = wish(request, COLUMNS)
    state = request.GET.get("state", "")
    state = state if state in TABS else ""
    timed = request.GET.get("timed") == "1"
    rows = jobs.jobs(
        state=state,
        is_timed=None if timed else False,
        offset=asked.offset,
        limit=asked.per_page + 1,
    )
    return render(
        request,
        "office/jobs.html",
        {
            "jobs": listing(request, COLUMNS, rows, wish=asked),
            "counts": jobs.count_jobs(),
            "tabs": TABS,
            "state": state,
            "timed": timed,
            "timetable": whole(TIMETABLE, jobs.timetable(at=system_clock()), id="timetable"),
        },
    )


def job(request: HttpRequest, number: int) -> HttpResponse:
    """One job: whoever asked for it sees it, and whoever may see all."""
    found = jobs.job(number, viewer=request.actor)
    mine = found.asked_by == request.actor.username
    may_act = mine or identity.may(request.actor, "jobs.stop")
    return render(
        request,
        "office/job.html",
        {"job": found, "may_act": may_act, "sees_all": identity.may(request.actor, "jobs.see")},
    )


def progress(request: HttpRequest, number: int) -> HttpResponse:
    """The piece of a page that shows how far a job is; it asks for itself again."""
    found = jobs.job(number, viewer=request.actor)
    return render(request, "office/job_progress.html", {"job": found})


@require_POST
def stop(request: HttpRequest, number: int) -> HttpResponse:
    """Ask that a job be stopped."""
    try:
        jobs.stop(number, by=officer_of(request), at=system_clock())
    except Conflict as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _t("已要求停止；进行中的作业在下一步停下，已完成的部分保留。"))
    return redirect("office:job", number)


@require_POST
def again(request: HttpRequest, number: int) -> HttpResponse:
    """Let a job go on, or ask for it anew."""
    try:
        number = jobs.run_again(number, by=officer_of(request), at=system_clock())
    except Conflict as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _t("已重新发起。"))
    return redirect("office:job", number)


routes = [
    route("jobs/", listed, right="jobs.see", name="jobs", menu=_("后台作业"), icon="gear"),
    route("jobs/<int:number>/", job, right=SIGNED_IN, name="job"),
    route("jobs/<int:number>/progress/", progress, right=SIGNED_IN, name="job_progress"),
    route("jobs/<int:number>/stop/", stop, right=SIGNED_IN, name="job_stop"),
    route("jobs/<int:number>/again/", again, right=SIGNED_IN, name="job_again"),
]
