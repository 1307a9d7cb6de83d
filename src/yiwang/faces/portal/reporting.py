"""Residents report what they see, and follow what became of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from yiwang.apps.casework import public as casework
from yiwang.faces.portal.mine import applicant_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.web.routes import SIGNED_IN, route


def report(request: HttpRequest) -> HttpResponse:
    """The form, and what the reader reported before."""
    applicant, error = applicant_of(request), None
    if request.method == "POST":
        try:
            told = _reported(request)
        except (Conflict, Invalid) as refusal:
            error = refusal
        else:
            said = _t("已立案，编号 %(n)s。") if told.is_new else _t("已有人上报，并入 %(n)s。")
            messages.success(request, said % {"n": told.number})
            return redirect("portal:report")
    kinds = casework.public_kinds()
    shown = {
        "kinds": [(one.ref, f"{one.content.group} · {one.content.title}") for one in kinds],
        "reports": casework.own_reports(actor=applicant),
        "to_rate": {one.number for one in casework.to_rate(applicant) if not one.score},
        "given": request.POST,
        "error": error,
    }
    return render(request, "portal/report.html", shown, status=error.status if error else 200)


def _reported(request: HttpRequest) -> casework.Reported:
    form = request.POST
    kind, summary = form.get("kind", ""), form.get("summary", "").strip()
    address = form.get("address", "").strip()
    lon, lat = _degrees(form.get("lon", "")), _degrees(form.get("lat", ""))
    known = {one.ref for one in casework.public_kinds()}
    Invalid.unless(
        (kind in known, "kind", _t("请选择最接近的类型。")),
        (bool(summary), "summary", _t("请写明情况。")),
        (bool(address) or lon is not None, "address", _t("请写明地点，或使用定位。")),
    )
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
        wrong = _t("坐标不是数字。")
        hint = _t("请使用定位，或只写地点。")
        raise Invalid(wrong, hint=hint, fields={"lon": wrong}) from error


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
