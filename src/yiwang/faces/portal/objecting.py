"""A person or firm says that a value about them is wrong, and follows what comes of it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.faces.portal.mine import applicant_of
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.web.pieces import Act
from yiwang.web.routes import SIGNED_IN, route
from yiwang.web.tables import Column, whole

OBJECTIONS = (
    Column(title=_("编号")),
    Column(title=_("数据")),
    Column(title=_("来源机构")),
    Column(title=_("应办结")),
    Column(title=_("状态")),
)
TONES = {"waiting": "yellow", "corrected": "green", "kept": "blue", "withdrawn": "grey"}


def _organs() -> dict[str, str]:
    return {organ.id: organ.title for organ in identity.organs()}


def _columns(table: str) -> dict[str, str]:
    return {one.name: one.title for one in catalog.columns_of(table)}


def mine(request: HttpRequest) -> HttpResponse:
    """My objections, with progress and result."""
    found = catalog.objections(actor=applicant_of(request), limit=200)
    tables = {one.table for one in found}
    response = render(
        request,
        "portal/objections.html",
        {
            "objections": whole(OBJECTIONS, found),
            "tones": TONES,
            "organ_titles": _organs(),
            "titles": {one.ref: one.title for one in catalog.datasets()},
            "columns": {table: _columns(table) for table in tables},
        },
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def new(request: HttpRequest) -> HttpResponse:
    """The form for one row of my file; the key comes by POST and is checked to be about me."""
    applicant, given = applicant_of(request), request.POST
    described = catalog.dataset(given.get("table", ""))
    error: Invalid | NotFound | None = None
    if "claimed" in given:
        try:
            number = catalog.object_to(
                described.ref,
                key={name: given.get(f"key-{name}", "") for name in described.key},
                column=given.get("column", ""),
                claimed=given.get("claimed", ""),
                reason=given.get("reason", ""),
                by=applicant,
                at=system_clock(),
                source="citizen",
            )
        except (Invalid, NotFound) as refused:
            error = refused
        else:
            messages.success(request, _t("异议已提出。来源机构核实后，结果会出现在这里。"))
            return redirect("portal:my_objection", number)
    response = render(
        request,
        "portal/new_objection.html",
        {
            "dataset": described,
            "organ": _organs().get(described.organ, described.organ),
            "given": given,
            "error": error,
        },
        status=error.status if error else 200,
    )
    response.headers["Cache-Control"] = "no-store"
    return response


def one(request: HttpRequest, number: str) -> HttpResponse:
    """One of my objections: what I said, where it stands, what came of it."""
    applicant = applicant_of(request)
    found = catalog.objection(number, actor=applicant)
    case = casework.case(number, actor=applicant, at=system_clock())
    response = render(
        request,
        "portal/objection.html",
        {
            "objection": found,
            "case": case,
            "dataset": catalog.dataset(found.table),
            "column": _columns(found.table).get(found.column, found.column),
            "organ": _organs().get(found.provider, found.provider),
            "tone": TONES[found.state],
            "may_withdraw": any(move.verb == "withdraw" for move in case.moves),
            "acts": [
                Act(at=line.at, title=f"{line.title} → {line.step_title}", text=line.reason)
                for line in reversed(casework.trail(number, actor=applicant))
            ],
        },
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
def withdraw(request: HttpRequest, number: str) -> HttpResponse:
    """Take my objection back."""
    try:
        catalog.withdraw_objection(number, applicant=applicant_of(request), at=system_clock())
    except (Conflict, Invalid) as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _t("异议已撤回。"))
    return redirect("portal:my_objection", number)


routes = [
    route(
        "my/objections/",
        mine,
        right=SIGNED_IN,
        name="my_objections",
        menu=_("我的异议"),
        icon="note",
        for_applicants=True,
    ),
    route("my/objections/new/", new, right=SIGNED_IN, name="new_objection", for_applicants=True),
    route(
        "my/objections/<str:number>/",
        one,
        right=SIGNED_IN,
        name="my_objection",
        for_applicants=True,
    ),
    route(
        "my/objections/<str:number>/withdrawal/",
        withdraw,
        right=SIGNED_IN,
        name="withdraw_objection",
        for_applicants=True,
    ),
]
