"""The window desk: one screen for every item, worked with the keyboard alone.

A clerk opens a visit (document shown, purpose, consent), chooses an item, fills in what is not
known, files, and prints the receipt. The form is the applicant's own form.
"""

from datetime import datetime

import msgspec
import segno
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.faces.office.cases import officer_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.web.applying import SOURCES, given_parts
from yiwang.web.routes import route

KEPT = "desk_visit"
KEYS = (
    ("F2", _("回到事项或号码输入框")),
    ("F8", _("提交")),
    ("F9", _("打印回执")),
    ("F10", _("结束来访，接待下一位")),
    ("Tab / Shift+Tab", _("下一项、上一项")),
    ("Enter", _("确定")),
)


class NobodyAtTheDesk(NotFound):
    """No visit is open, or the one that was is over."""

    code = "office.nobody_at_the_desk"


@require_http_methods(["GET", "POST"])
def desk(request: HttpRequest) -> HttpResponse:
    """Who stands here, and what for; then every item in one list."""
    officer, at = officer_of(request), system_clock()
    if request.method == "POST":
        return _begun(request, officer, at)
    visit = _visit(request, officer, at)
    if visit is None:
        return _door(request, {})
    words = request.GET.get("query", "").strip()
    items = [one for one in services.items_for(visit.kind) if words in one.title]
    bundles = [
        one
        for one in services.bundles(channel="window")
        if words in one.title and one.bundle.audience == visit.kind
    ]
    if words and len(items) + len(bundles) == 1:
        found = [("office:desk_item", one.ref) for one in items]
        found += [("office:desk_bundle", one.ref) for one in bundles]
        return redirect(*found[0])
    shown = {
        "visit": visit,
        "items": items,
        "bundles": bundles,
        "words": words,
        "cases": casework.cases_of(visit.subject, actor=visit.applicant, at=at)[:10],
        "organ_title": lambda organ: identity.organ(organ).title,
        "keys": KEYS,
    }
    return render(request, "office/desk.html", shown)


def _begun(request: HttpRequest, officer: identity.Officer, at: datetime) -> HttpResponse:
    form = request.POST
    try:
        visit = services.begin_visit(
            number=form.get("number", ""),
            name=form.get("name", ""),
            purpose=form.get("purpose", ""),
            has_consented=form.get("consent") == "1",
            officer=officer,
            at=at,
        )
    except Invalid as refusal:
        return _door(request, refusal.fields or {"number": f"{refusal.message}{refusal.hint}"})
    request.session[KEPT] = msgspec.json.encode(visit).decode()
    return redirect("office:desk")


def _door(request: HttpRequest, errors: dict[str, str]) -> HttpResponse:
    shown = {
        "purposes": list(services.PURPOSES.items()),
        "errors": errors,
        "form": request.POST,
        "keys": KEYS,
    }
    return render(request, "office/desk_door.html", shown, status=422 if errors else 200)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """The visit is over; nothing of it stays in the session."""
    request.session.pop(KEPT, None)
    messages.success(request, _t("来访已结束，可以接待下一位。"))
    return redirect("office:desk")


@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, ref: str) -> HttpResponse:
    """The item's form for who stands here; filed once, however often it is sent."""
    at = system_clock()
    visit = _present(request, at)
    if request.method == "GET":
        return _form(request, ref, visit, at)
    given = _given(request)
    if request.POST.get("act") == "show":
        return _form(request, ref, visit, at, given=given)
    try:
        filed = services.file_application(
            ref,
            token=request.POST.get("token", ""),
            given=given,
            actor=visit.applicant,
            at=at,
        )
    except services.ApplicationRefused as refusal:
        return _form(request, ref, visit, at, given=given, errors=refusal.fields)
    except Conflict as refusal:
        messages.warning(request, str(refusal))
        return redirect("office:desk_item", ref)
    return redirect("office:desk_receipt", filed.case)


@require_http_methods(["GET", "POST"])
def bundle(request: HttpRequest, ref: str) -> HttpResponse:
    """The one form of a one-thing for who stands here; filed once, a case at every organ."""
    at = system_clock()
    visit = _present(request, at)
    if request.method == "GET":
        return _bundle_form(request, ref, visit, at)
    given = _given(request)
    if request.POST.get("act") == "show":
        return _bundle_form(request, ref, visit, at, given=given)
    token = request.POST.get("token", "")
    try:
        filed = services.file_bundle(ref, token=token, given=given, actor=visit.applicant, at=at)
    except services.ApplicationRefused as refusal:
        return _bundle_form(request, ref, visit, at, given=given, errors=refusal.fields)
    except Conflict as refusal:
        messages.warning(request, str(refusal))
        return redirect("office:desk_bundle", ref)
    return redirect("office:desk_filing", filed.number)


def filing(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt of a one-thing: its parts at their organs, with a code to rate each."""
    at = system_clock()
    visit = _present(request, at)
    filed = services.filing(number, actor=visit.applicant, at=at)
    shown = {
        "visit": visit,
        "filing": filed,
        "codes": [
            (one.title, _rating_code(request, one.case, visit)) for one in filed.parts if one.case
        ],
        "clerk": officer_of(request),
        "keys": KEYS,
    }
    return render(request, "office/desk_filing.html", shown)


def _given(request: HttpRequest) -> services.Given:
    answers, agreed, files = given_parts(request)
    return services.Given(
        answers=answers,
        agreed=agreed,
        files={name: casework.EvidenceFile(*file) for name, file in files.items()},
    )


def _rating_code(request: HttpRequest, case: str, visit: services.Visit) -> str:
    """The code that lets who holds the receipt rate the case once it has ended."""
    invitation = casework.invitation(case, actor=visit.applicant)
    address = request.build_absolute_uri(reverse("portal:rate_invited", args=[invitation]))
    return segno.make(address, error="m").svg_inline(scale=3, svgclass="qr", lineclass=None)


def _bundle_form(
    request: HttpRequest,
    ref: str,
    visit: services.Visit,
    at: datetime,
    *,
    given: services.Given | None = None,
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    found = services.bundle_page(ref, actor=visit.applicant, at=at, given=given)
    shown = {
        "visit": visit,
        "page": found.page,
        "bundle": found.bundle,
        "filing": found.filing,
        "members": [found.bundle.items[one].title for one in found.members],
        "organ": identity.organ(found.bundle.organ).title,
        "errors": errors or {},
        "sources": SOURCES,
        "keys": KEYS,
    }
    return render(request, "office/desk_bundle.html", shown, status=422 if errors else 200)


def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """The receipt that is printed and handed over."""
    at = system_clock()
    visit = _present(request, at)
    filed = services.application(number, actor=visit.applicant)
    shown = {
        "visit": visit,
        "filed": filed,
        "case": casework.case(number, actor=visit.applicant, at=at),
        "organ": identity.organ(filed.organ).title,
        "code": _rating_code(request, number, visit),
        "clerk": officer_of(request),
        "sources": SOURCES,
        "keys": KEYS,
    }
    return render(request, "office/desk_receipt.html", shown)


def _form(
    request: HttpRequest,
    ref: str,
    visit: services.Visit,
    at: datetime,
    *,
    given: services.Given | None = None,
    errors: dict[str, str] | None = None,
) -> HttpResponse:
    page = services.application_page(ref, actor=visit.applicant, at=at, given=given)
    shown = {
        "visit": visit,
        "page": page,
        "item": page.item,
        "organ": identity.organ(page.item.organ).title,
        "errors": errors or {},
        "sources": SOURCES,
        "keys": KEYS,
    }
    return render(request, "office/desk_item.html", shown, status=422 if errors else 200)


def _visit(request: HttpRequest, officer: identity.Officer, at: datetime) -> services.Visit | None:
    kept = request.session.get(KEPT)
    visit = msgspec.json.decode(kept, type=services.Visit) if kept else None
    if visit is None or not visit.lasts(officer, at):
        request.session.pop(KEPT, None)
        return None
    return visit


def _present(request: HttpRequest, at: datetime) -> services.Visit:
    visit = _visit(request, officer_of(request), at)
    if visit is None:
        raise NobodyAtTheDesk(
            _t("现在没有人在窗口，或来访已超过 45 分钟。"), hint=_t("回到窗口页面，重新核对证件。")
        )
    return visit


routes = [
    route("desk/", desk, right="services.assist", name="desk", menu=_("综合窗口"), icon="edit"),
    route("desk/leave/", leave, right="services.assist", name="desk_leave"),
    route("desk/items/<str:ref>/", item, right="services.assist", name="desk_item"),
    route("desk/bundles/<str:ref>/", bundle, right="services.assist", name="desk_bundle"),
    route("desk/filings/<str:number>/", filing, right="services.assist", name="desk_filing"),
    route("desk/receipts/<str:number>/", receipt, right="services.assist", name="desk_receipt"),
]
