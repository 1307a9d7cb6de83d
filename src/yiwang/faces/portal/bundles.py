"""Pages of one-things: what it takes, one form, one receipt with one progress."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.views.decorators.http import require_http_methods

from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.faces.portal.acting import acting
from yiwang.faces.portal.applying import given_in
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict
from yiwang.web.applying import SOURCES
from yiwang.web.routes import PUBLIC, SIGNED_IN, route


def bundle(request: HttpRequest, ref: str) -> HttpResponse:
    """One one-thing: its members, in which order, what it takes and who leads."""
    found = services.bundle(ref)
    return render(
        request,
        "portal/bundle.html",
        {
            "bundle": found,
            "organs": _organs(),
            "members": [
                (name, found.items[name], one) for name, one in found.bundle.members.items()
            ],
            "sources": SOURCES,
        },
    )


@require_http_methods(["GET", "POST"])
def apply(request: HttpRequest, ref: str) -> HttpResponse:
    """The one form: fill in, save for later, or file."""
    if request.method == "GET":
        return _page(request, ref)
    given, act = given_in(request), request.POST.get("act", "")
    asked = {"token": request.POST.get("token", ""), "given": given}
    actor, at = acting(request), system_clock()
    try:
        if act == "submit":
            filed = services.file_bundle(ref, actor=actor, at=at, **asked)
            return redirect("portal:filing", filed.number)
        if act == "save":
            services.save_bundle_draft(ref, actor=actor, at=at, **asked)
            messages.success(request, _t("草稿已保存，下次打开可以接着填。"))
            return redirect("portal:apply_bundle", ref)
    except services.ApplicationRefused as refusal:
        return _page(request, ref, given=given, errors=refusal.fields)
    except Conflict as refusal:
        messages.warning(request, str(refusal))
        return redirect("portal:apply_bundle", ref)
    return _page(request, ref, given=given)


def filing(request: HttpRequest, number: str) -> HttpResponse:
    """One progress over all members, with what each organ decided and why."""
    found = services.filing(number, actor=acting(request), at=system_clock())
    return render(request, "portal/filing.html", {"filing": found})


def _page(
    request: HttpRequest,
    ref: str,
    *,
    given: services.Given | None = None,
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    actor = acting(request)
    shown = services.bundle_page(ref, actor=actor, at=system_clock(), given=given)
    return render(
        request,
        "portal/apply_bundle.html",
        {
            "shown": shown,
            "page": shown.page,
            "bundle": shown.bundle,
            "organs": _organs(),
            "errors": errors or {},
            "sources": SOURCES,
            "applicant": actor,
        },
        status=422 if errors else 200,
    )


def _organs() -> dict[str, str]:
    return {one.id: one.title for one in identity.organs()}


routes = [
    route("bundles/<str:ref>/", bundle, right=PUBLIC, name="bundle", under="items"),
    route("bundles/<str:ref>/apply/", apply, right=SIGNED_IN, name="apply_bundle", under="items"),
    route("mine/filings/<str:number>/", filing, right=SIGNED_IN, name="filing"),
]
