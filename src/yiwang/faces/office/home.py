"""The first page of the office: what waits for this officer."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import system_clock
from yiwang.web.routes import SIGNED_IN, route
from yiwang.web.tables import Column, whole

COLUMNS = (
    Column(title=_("编号")),
    Column(title=_("事项")),
    Column(title=_("当前环节")),
    Column(title=_("到达时间")),
    Column(title=_("期限")),
)


def home(request: HttpRequest) -> HttpResponse:
    """How much waits, what is due first, and where else to go."""
    actor, at = request.actor, system_clock()
    handles = isinstance(actor, identity.Officer) and "case.handle" in actor.rights
    tasks = casework.cases_waiting(officer=actor, at=at, limit=8) if handles else []
    return render(
        request,
        "office/home.html",
        {
            "handles": handles,
            "counts": casework.count_waiting(officer=actor, at=at) if handles else None,
            "tasks": whole(COLUMNS, tasks),
            "posts": getattr(actor, "posts", ()),
            "organ": identity.organ(actor.organ).title if handles else "",
        },
    )


routes = [route("", home, right=SIGNED_IN, name="home", menu=_("工作台"), icon="home")]
