"""Residents report what they see, and follow what became of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from yiwang.apps.casework import public as casework
from yiwang.faces.portal.mine import applicant_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid
from yiwang.web.acts import done_or_told
from yiwang.web.routes import SIGNED_IN, route


def report(request: HttpRequest) -> HttpResponse:
    """The form, and what the reader reported before."""
    applicant, at = applicant_of(request), system_clock()
    kinds = casework.public_kinds()
    if request.method == "POST":
        told = done_or_told(request, lambda: _reported(request))
        if told is not None:
            said = _t("已立案，编号 %(n)s。") if told.is_new else _t("已有人上报，并入 %(n)s。")
            messages.success(request, said % {"n": told.number})
        return redirect("portal:report")
    return render(
        request,
        "portal/report.html",
        {
            "kinds": [(one.ref, f"{one.content.group} · {one.content.title}") for one in kinds],
            "reports": casework.own_reports(actor=applicant),
            "to_rate": {one.number for one in casework.to_rate(applicant) if not one.score},
            "now": at,
        },
    )


def _reported(request: HttpRequest) -> casework.Reported:
    form = request.POST
    kind, summary = form.get("kind", ""), form.get("summary", "").strip()
    if kind not in {one.ref for one in casework.public_kinds()}:
        raise Invalid(_t("请选择类型。"), hint=_t("从列表中选择最接近的一类。"))
    address = form.get("address", "").strip()
    lon, lat = _degrees(form.get("lon", "")), _degrees(form.get("lat", ""))
    if not summary or (not address and lon is None):
        raise Invalid(_t("请写明情况和地点。"), hint=_t("地点写路名、门牌或参照物，或使用定位。"))
    (told,) = casework.report_signals(
        signals=[
            casework.NewSignal(
                kind=kind,
                source="portal",
                summary=summary,
                address=address,
                lon=lon,
                lat=lat,
                channel="portal",
                contact={"phone": phone} if (phone := form.get("phone", "").strip()[:20]) else {},
            )
        ],
        actor=applicant_of(request),
        at=system_clock(),
    )
    return told


def _degrees(text: str) -> float | None:
    try:
        return float(text) if text.strip() else None
    except ValueError as error:
        raise Invalid(_t("坐标不是数字。"), hint=_t("请使用定位，或只写地点。")) from error


routes = [
    route(
        "my/reports/",
        report,
        right=SIGNED_IN,
        name="report",
        menu=_("我要上报"),
        icon="bell",
        for_applicants=True,
    ),
]
