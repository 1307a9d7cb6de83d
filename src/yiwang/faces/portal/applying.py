"""Pages of applying: the form of an item for this applicant, and the receipt."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.faces.portal.acting import acting
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict
from yiwang.web.applying import SOURCES, given_parts
from yiwang.web.routes import SIGNED_IN, route


@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest, ref: str) -> HttpResponse:
    """Fill in, save for later, or file. Without scripts every step is a plain reload."""
    if request.method == "GET":
        return _page(request, ref)
    given, act = given_in(request), request.POST.get("act", "")
    actor = acting(request)
    asked = {"token": request.POST.get("token", ""), "given": given}
    try:
        if act == "submit":
            filed = services.file_application(
                ref, actor=acting(request), at=system_clock(), **asked
            )
            return redirect("portal:receipt", filed.case)
        if act == "save":
            services.save_draft(ref, actor=actor, at=system_clock(), **asked)
            messages.success(request, _t("草稿已保存，下次打开可以接着填。"))
            return redirect("portal:apply", ref)
    except services.ApplicationRefused as refusal:
        return _page(request, ref, given=given, errors=refusal.fields)
    except Conflict as refusal:
        messages.warning(request, str(refusal))
        return redirect("portal:apply", ref)
    return _page(request, ref, given=given)


def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """回执: what was filed, under which number, by when it will be decided."""
    filed = services.application(number, actor=acting(request))
    case = casework.case(number, actor=acting(request), at=system_clock())
    return render(
        request,
        "portal/receipt.html",
        {
            "filed": filed,
            "case": case,
            "organ": identity.organ(filed.organ).title,
            "applicant": acting(request),
            "sources": SOURCES,
        },
    )


def _page(
    request: HttpRequest,
    ref: str,
    *,
    given: services.Given | None = None,
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    shown = services.application_page(ref, actor=acting(request), at=system_clock(), given=given)
    return render(
        request,
        "portal/apply.html",
        {
            "page": shown,
            "item": shown.item,
            "organ": identity.organ(shown.item.organ).title,
            "applicant": acting(request),
            "errors": errors or {},
            "sources": SOURCES,
        },
        status=422 if errors else 200,
    )


def given_in(request: HttpRequest) -> services.Given:
    """What was entered into a form."""
    answers, agreed, files = given_parts(request)
    return services.Given(
        answers=answers,
        agreed=agreed,
        files={name: casework.EvidenceFile(*file) for name, file in files.items()},
    )


routes = [
    route("items/<str:ref>/apply/", apply, right=SIGNED_IN, name="apply"),
    route("mine/cases/<str:number>/receipt/", receipt, right=SIGNED_IN, name="receipt"),
]
