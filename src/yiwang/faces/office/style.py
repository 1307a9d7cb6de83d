"""The living style guide: every component with example values, for whoever writes a page."""

from datetime import datetime, timedelta

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.kernel.clock import CHINA
from yiwang.web.drawing import FlowStep
from yiwang.web.pieces import Act, Point, Series
from yiwang.web.routes import SIGNED_IN, route
from yiwang.web.tables import Column, listing, whole, wish

NINE = datetime(2026, 11, 20, 9, 5, tzinfo=CHINA)

COLUMNS = (
    Column(title=_("编号"), key="number"),
    Column(title=_("事项"), key="title"),
    Column(title=_("申请人")),
    Column(title=_("时限"), key="due"),
    Column(title=_("金额"), key="amount", is_number=True),
)
ROWS = [
    ("SY2026112000017", "高龄津贴资格确认", "王**", "green", "余 3 个工作日", "50.00"),
    ("SY2026111900421", "河道水位超警处置", "—", "yellow", "余 2 小时", "—"),
    ("SY2026111800093", "食品经营许可变更", "泗阳**食品有限公司", "red", "超 1 个工作日", "0.00"),
]
FLOW = (
    FlowStep(
        "confirm", "村（社区）核实", "村干部 · 5 个工作日", (("确认", "check"), ("不符", "refused"))
    ),
    FlowStep("check", "民政复核", "民政经办 · 3 个工作日", (("通过", "pay"), ("退回", "confirm"))),
    FlowStep("pay", "生成发放名单", "民政经办 · 1 个工作日", (("完成", "granted"),)),
)
ENDS = {"granted": "已享受", "refused": "不予享受"}
TRAIL = [
    Act(
        at=NINE,
        title="复核退回",
        who="李敏 · 县民政局",
        text="银行账号与户名不一致，请核对后再报。",
        tone="yellow",
    ),
    Act(at=NINE - timedelta(hours=3), title="核实属实", who="赵强 · 众兴街道", tone="green"),
    Act(
        at=NINE - timedelta(days=1),
        title="系统生成名单",
        text="依据 2026 年 11 月 1 日人口快照。",
        tone="grey",
    ),
]
POINTS = [
    Point(
        lon=118.70,
        lat=33.72,
        title="运河泗阳闸",
        text="水位 16.82 米，超警戒 0.32 米",
        tone="red",
        link="#islands",
    ),
    Point(lon=118.58, lat=33.63, title="裴圩雨量站", text="水位 12.10 米，接近警戒", tone="yellow"),
    Point(lon=118.82, lat=33.84, title="爱园站", text="水位 9.47 米，正常", tone="green"),
]
CHART = {
    "categories": ["6月", "7月", "8月", "9月", "10月", "11月"],
    "series": [
        Series(name="办结", values=[820, 932, 901, 934, 1290, 1330]),
        Series(name="超期", values=[32, 28, 41, 19, 22, 12]),
    ],
}
ERRORS = {"bank_account": "银行账号应为 16 至 19 位数字，现在是 15 位。"}


def style(request: HttpRequest) -> HttpResponse:
    """Every component."""
    asked = wish(request, COLUMNS, default="-due", per_page=3)
    return render(
        request,
        "office/style.html",
        {
            "cases": listing(request, COLUMNS, ROWS, wish=asked, total=128),
            "nothing": whole(COLUMNS, ()),
            "flow": FLOW,
            "ends": ENDS,
            "trail": TRAIL,
            "points": POINTS,
            "chart": CHART,
            "errors": ERRORS,
            "icons": ICON_NAMES,
            "qr": segno.make("https://example.invalid/verify/SY-GLJT-2026-0001").svg_inline(
                scale=4
            ),
        },
    )


def screen(request: HttpRequest) -> HttpResponse:
    """A big screen with example values."""
    return render(
        request, "office/style_screen.html", {"points": POINTS, "chart": CHART, "trail": TRAIL}
    )


ICON_NAMES = (
    "home people person firm pulse desk layers code grid search check done warn stop note clock "
    "shield lock key eye table chart map pin inbox link download print edit gear bell book license "
    "gauge star phone external"
).split()

routes = [
    route("style/", style, right=SIGNED_IN, name="style", menu=_("界面样例"), icon="book"),
    route("style/screen/", screen, right=SIGNED_IN, name="style_screen"),
]
