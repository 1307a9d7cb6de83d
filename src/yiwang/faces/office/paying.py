"""Pages of paying: batches made by one and checked by another, results, rechecks, recoveries."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.services import public as services
from yiwang.faces.office.cases import officer_of
from yiwang.faces.office.matching import birth_and_end
from yiwang.kernel.clock import local_date, system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed
from yiwang.web.routes import route
from yiwang.web.tables import Column, listing, whole, wish

BATCHES = (
    Column(title=_("政策")),
    Column(title=_("月份")),
    Column(title=_("批次"), is_number=True),
    Column(title=_("状态")),
    Column(title=_("人数"), is_number=True),
    Column(title=_("金额（元）"), is_number=True),
    Column(title=_("编制")),
    Column(title=_("复核")),
)
LINES = (
    Column(title=_("明细号")),
    Column(title=_("主体")),
    Column(title=_("辖区")),
    Column(title=_("所属期")),
    Column(title=_("账号")),
    Column(title=_("金额（元）"), is_number=True),
    Column(title=_("状态")),
)
STOPS = (
    Column(title=_("政策")),
    Column(title=_("主体")),
    Column(title=_("停发月份")),
    Column(title=_("原因")),
    Column(title=_("发现方式")),
    Column(title=_("追回")),
)
LONGEST = 64 * 1024 * 1024


def payments(request: HttpRequest) -> HttpResponse:
    """The batches of this organ's policies, and the form to make one."""
    officer, at = officer_of(request), system_clock()
    return render(
        request,
        "office/payments.html",
        {
            "batches": whole(BATCHES, services.payment_batches("", officer=officer)),
            "policies": [(one.ref, one.title) for one in services.policies(officer=officer)],
            "month": f"{local_date(at):%Y-%m}",
            "may_make": "services.pay" in officer.rights,
        },
    )


@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """编制: freeze a month's list."""
    try:
        made = services.make_batch(
            request.POST.get("policy", ""),
            month=request.POST.get("month", ""),
            officer=officer_of(request),
            at=system_clock(),
        )
    except (Conflict, Invalid) as refusal:
        messages.error(request, str(refusal))
        return redirect("office:payments")
    messages.success(request, _t("清单已编制，待另一人复核。"))
    return redirect("office:payment_batch", made.id)


def batch(request: HttpRequest, number: int) -> HttpResponse:
    """One batch: lines, digest, what may be done by whom."""
    officer, asked = officer_of(request), wish(request, LINES)
    state = request.GET.get("state", "")[:10]
    view = services.payment_batch(number, officer=officer)
    lines = services.payment_lines(
        number, officer=officer, state=state, offset=asked.offset, limit=asked.per_page + 1
    )
    return render(
        request,
        "office/payment_batch.html",
        {
            "batch": view,
            "lines": listing(request, LINES, lines, wish=asked),
            "state": state,
            "mask": birth_and_end,
            "division_name": casework.division_name,
            "may_check": "services.check" in officer.rights and view.made_by != officer.username,
            "may_pay": "services.pay" in officer.rights,
        },
    )


@require_POST
def check(request: HttpRequest, number: int) -> HttpResponse:
    """复核: agree, or discard with a reason."""
    try:
        services.check_batch(
            number,
            agree=request.POST.get("wish") == "agree",
            note=request.POST.get("note", ""),
            officer=officer_of(request),
            at=system_clock(),
        )
    except (Conflict, NotAllowed) as refusal:
        messages.error(request, str(refusal))
    return redirect("office:payment_batch", number)


@require_POST
def export(request: HttpRequest, number: int) -> HttpResponse:
    """导出: the file for the bank."""
    try:
        name, content = services.export_batch(
            number, officer=officer_of(request), at=system_clock()
        )
    except Conflict as refusal:
        messages.error(request, str(refusal))
        return redirect("office:payment_batch", number)
    answer = HttpResponse(content, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = content_disposition_header(
        as_attachment=True, filename=name
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@require_POST
def results(request: HttpRequest, number: int) -> HttpResponse:
    """回盘: take in what the bank did."""
    file = request.FILES.get("results")
    try:
        services.take_results(
            number,
            content=file.read(LONGEST) if file else b"",
            officer=officer_of(request),
            at=system_clock(),
        )
        messages.success(request, _t("回盘结果已导入，失败的可重新编制。"))
    except (Conflict, Invalid) as refusal:
        messages.error(request, str(refusal))
    return redirect("office:payment_batch", number)


def rechecks(request: HttpRequest) -> HttpResponse:
    """复核享受名单: who was stopped and why, what is recovered; and the annual recheck."""
    officer = officer_of(request)
    if request.method == "POST":
        told = services.recheck(request.POST.get("policy", ""), officer=officer, at=system_clock())
        messages.success(
            request,
            _t("复核 %(n)s 人：保留 %(k)s，停发 %(s)s，追回立案 %(r)s，缺数据待查 %(u)s。")
            % {
                "n": told.checked,
                "k": told.kept,
                "s": told.stopped,
                "r": told.recoveries,
                "u": told.unknown,
            },
        )
        return redirect("office:rechecks")
    return render(
        request,
        "office/rechecks.html",
        {
            "stops": whole(STOPS, services.stops(officer=officer)),
            "policies": [(one.ref, one.title) for one in services.policies(officer=officer)],
            "mask": birth_and_end,
            "ways": {"recheck": _t("年度复核"), "event": _t("生命事件"), "officer": _t("人工停发")},
        },
    )


routes = [
    route(
        "payments/",
        payments,
        right="services.see",
        name="payments",
        menu=_("发放清单"),
        icon="page",
    ),
    route("payments/make/", make, right="services.pay", name="make_payments"),
    route("payments/<int:number>/", batch, right="services.see", name="payment_batch"),
    route("payments/<int:number>/check/", check, right="services.check", name="check_payments"),
    route("payments/<int:number>/export/", export, right="services.check", name="export_payments"),
    route("payments/<int:number>/results/", results, right="services.pay", name="take_results"),
    route(
        "rechecks/",
        rechecks,
        right="services.pay",
        name="rechecks",
        menu=_("复核与追回"),
        icon="check",
    ),
]
