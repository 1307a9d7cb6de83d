"""The first page of the office: what waits for this officer."""

from collections import Counter

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.identity import public as identity
from yiwang.faces.office.todo import counts_of, waiting
from yiwang.kernel.clock import system_clock
from yiwang.web.routes import SIGNED_IN, route
from yiwang.web.tables import Column, whole

COLUMNS = (
    Column(title=_("类别")),
    Column(title=_("事项")),
    Column(title=_("要做什么")),
    Column(title=_("期限")),
)
FIRST = 8


def home(request: HttpRequest) -> HttpResponse:
    """How much waits, what is due first, and where else to go."""
    actor, at = request.actor, system_clock()
    is_officer = isinstance(actor, identity.Officer)
    todos = waiting(actor, at) if is_officer else []
    return render(
        request,
        "office/home.html",
        {
            "is_officer": is_officer,
            "total": len(todos),
            "lights": Counter(one.light for one in todos),
            "kinds": counts_of(todos),
            "todos": whole(COLUMNS, todos[:FIRST]),
            "organ": identity.organ(actor.organ).title if is_officer and actor.organ else "",
        },
    )


routes = [route("", home, right=SIGNED_IN, name="home", menu=_("工作台"), icon="home")]
