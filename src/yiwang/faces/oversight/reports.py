"""What is told of a day and of a quarter: the daily report of a shift, and trends of reports."""

from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from yiwang.apps.casework import public as casework
from yiwang.faces.oversight.incidents import GRADES, TONES, officer_of
from yiwang.kernel.clock import CHINA, local_date, system_clock
from yiwang.kernel.errors import Invalid
from yiwang.web.pieces import Series
from yiwang.web.routes import route
from yiwang.web.tables import Column, whole

CHANNELS = {
    "platform": _("平台"),
    "open311": _("公众接口"),
    "events": _("外部系统"),
    "field": _("外勤"),
    "portal": _("网上"),
}
MOST_DRAWN = 6
TOLD = (
    Column(title=_("编号")),
    Column(title=_("等级")),
    Column(title=_("事件")),
    Column(title=_("地点")),
    Column(title=_("立案")),
    Column(title=_("状态")),
)
KINDS = (
    Column(title=_("类型")),
    Column(title=_("本周"), is_number=True),
    Column(title=_("上周"), is_number=True),
    Column(title=_("十二周"), is_number=True),
    Column(title=_("处置中"), is_number=True),
    Column(title=_("按时办结"), is_number=True),
)


def daily(request: HttpRequest) -> HttpResponse:
    """The report of one day, to be printed and signed."""
    officer, at = officer_of(request), system_clock()
    today = local_date(at)
    day = _day(request.GET.get("day", ""), today)
    found = casework.daily(day=day, officer=officer, at=at)
    return render(
        request,
        "oversight/daily.html",
        {
            "daily": found,
            "today": today,
            "before": (day - timedelta(days=1)).isoformat(),
            "after": (day + timedelta(days=1)).isoformat() if day < today else "",
            "at": at,
            "told": whole(TOLD, found.told),
            "grades": GRADES,
            "tones": TONES,
            "division_name": casework.division_name,
        },
    )


def trends(request: HttpRequest) -> HttpResponse:
    """What people report, week by week, and the words that rise."""
    officer, at = officer_of(request), system_clock()
    group = request.GET.get("group", "")
    found = casework.trends(officer=officer, at=at, group=group)
    return render(
        request,
        "oversight/trends.html",
        {
            "trends": found,
            "listing": whole(KINDS, found.kinds),
            "group": group,
            "groups": [(one, one) for one in found.groups],
            "categories": [f"{one.astimezone(CHINA):%m-%d}" for one in found.begins],
            "series": [
                Series(name=one.title, values=list(one.weeks)) for one in found.kinds[:MOST_DRAWN]
            ],
            "unit": _t("件"),
            "channels": [(CHANNELS.get(name, name), count) for name, count in found.channels],
        },
    )


def _day(written: str, today: date) -> date:
    if not written:
        return today
    try:
        found = date.fromisoformat(written)
    except ValueError as error:
        raise Invalid(_t("日期写法不对。"), hint=_t("例如 2026-11-02。")) from error
    if not date(2000, 1, 1) <= found <= today:
        raise Invalid(_t("这一天没有日报。"), hint=_t("选择今天或以前的日子。"))
    return found


routes = [
    route("command/daily/", daily, right="command.see", name="daily"),
    route("incidents/trends/", trends, right="incident.see", name="trends"),
]
