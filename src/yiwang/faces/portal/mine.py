"""What the platform holds about the one who signed in, and who looked at it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.subjects import public as subjects
from yiwang.kernel.clock import system_clock
from yiwang.web.routes import SIGNED_IN, route
from yiwang.web.tables import Column, whole

LOOKS = (
    Column(title=_("时间")),
    Column(title=_("机构")),
    Column(title=_("用途")),
    Column(title=_("办件")),
    Column(title=_("查询内容")),
)


def applicant_of(request: HttpRequest) -> identity.Applicant:
    """The citizen or firm who looks; officers have no file of their own here."""
    actor = request.actor
    if not isinstance(actor, identity.Applicant):
        raise subjects.NotOwnFile("这里只供个人和企业查看自己的档案。", hint="请用本人账户登录。")
    return actor


def file(request: HttpRequest) -> HttpResponse:
    """My file: every value with its source, in clear."""
    actor, found = applicant_of(request), None
    try:
        if actor.kind == "firm":
            found = subjects.firm_file(
                number=actor.subject, actor=actor, purpose="", case="", at=system_clock()
            )
        else:
            found = subjects.person_file(
                id_number=actor.subject, actor=actor, purpose="", case="", at=system_clock()
            )
    except subjects.SubjectUnknown:
        pass  # the page says that nothing is held
    sections = found.sections if found else ()
    keys = {one.table: catalog.dataset(one.table).key for one in sections}
    response = render(request, "portal/file.html", {"file": found, "keys": keys})
    response.headers["Cache-Control"] = "no-store"
    return response


def uses(request: HttpRequest) -> HttpResponse:
    """Who looked at me: organ, time, purpose, case."""
    actor = applicant_of(request)
    looks = subjects.looked_at(actor.subject, actor=actor)
    response = render(request, "portal/uses.html", {"listing": whole(LOOKS, looks)})
    response.headers["Cache-Control"] = "no-store"
    return response


routes = [
    route(
        "my/file/",
        file,
        right=SIGNED_IN,
        name="my_file",
        menu=_("我的档案"),
        icon="person",
        for_applicants=True,
    ),
    route(
        "my/uses/",
        uses,
        right=SIGNED_IN,
        name="my_uses",
        menu=_("谁看过我"),
        icon="eye",
        for_applicants=True,
    ),
]
