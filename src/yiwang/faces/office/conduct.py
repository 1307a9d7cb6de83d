"""行为监察: the yellow and red cards that rules gave, each explained, for who supervises."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import system_clock
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, wish

COLUMNS = (
    Column(title=_("预警时间")),
    Column(title=_("牌")),
    Column(title=_("工作人员")),
    Column(title=_("预警")),
    Column(title=_("计量与规则")),
    Column(title=_("核查")),
)
MEASURES = {
    "done": _("当日办理"),
    "late": _("当日逾期"),
    "latest_days": _("最长逾期天数"),
    "at_once": _("到件一分钟内办结"),
    "returned": _("当日退回"),
    "recalled": _("当日撤回"),
    "paused_again": _("当日再次要求补正"),
    "done_month": _("三十日内办理"),
    "late_month": _("三十日内逾期"),
    "paused_again_month": _("三十日内再次要求补正"),
}


def conduct(request: HttpRequest) -> HttpResponse:
    """The cards, newest first."""
    asked = wish(request, COLUMNS)
    found = casework.conduct_alerts(
        actor=officer_of(request), offset=asked.offset, limit=asked.per_page + 1
    )
    shown = {
        "alerts": listing(request, COLUMNS, found, wish=asked),
        "titles": {one.id: one.title for one in identity.organs()},
        "measures": MEASURES,
    }
    return render(request, "office/conduct.html", shown)


@require_POST
def watch_now(request: HttpRequest) -> HttpResponse:
    """Judge the work of today and yesterday now instead of at the next due time."""
    identity.require(officer_of(request), "conduct.watch")
    raised = casework.watch_conduct(system_clock())
    messages.success(request, _t("已核对，新预警 %(n)s 条。") % {"n": raised})
    return redirect("office:conduct")


routes = [
    route(
        "conduct/", conduct, right="conduct.watch", name="conduct", menu=_("行为监察"), icon="warn"
    ),
    route("conduct/now/", watch_now, right="conduct.watch", name="conduct_now"),
]
