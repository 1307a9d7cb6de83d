"""The field page for phones: tasks, reports and visits, also without a network.

The page, its script and the work are kept by a service worker; what is done waits in the phone's
own database until it can be sent, entry by entry.
"""

from datetime import datetime
from typing import Any

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.faces.oversight.incidents import officer_of
from yiwang.kernel.clock import CHINA, system_clock
from yiwang.kernel.errors import Invalid
from yiwang.web.acts import LONGEST
from yiwang.web.offline import service_worker
from yiwang.web.routes import PUBLIC, route

MOST_TASKS = 60
MOST_FILES = 6
PLAIN = ("reason", "photo")


class EntryMistyped(Invalid):
    """What the phone sent is no entry."""

    code = "oversight.entry_mistyped"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of the queue, as the phone writes it."""

    name: str
    kind: str
    made_at: datetime
    lon: float | None = None
    lat: float | None = None
    what: dict[str, str] = msgspec.field(default_factory=dict)


def field(request: HttpRequest) -> HttpResponse:
    """The page; its content is filled in by the script from what the phone keeps."""
    officer = officer_of(request)
    return render(request, "oversight/field.html", {"officer": officer})


def work(request: HttpRequest) -> HttpResponse:
    """What the phone takes along: tasks with their moves, kinds to report, own cells."""
    officer, at = officer_of(request), system_clock()
    page = casework.work_list(officer=officer, at=at, asked=casework.Asked(), limit=MOST_TASKS)
    tasks = [_task(line.number, officer, at) for line in page.lines]
    cells = casework.own_cells(officer=officer)
    return JsonResponse(
        {
            "at": at.isoformat(),
            "officer": officer.username,
            "name": officer.name,
            "token": get_token(request),
            "tasks": tasks,
            "kinds": casework.incident_kinds(),
            "cells": [{"code": one.code, "title": one.title} for one in cells],
            "duties": sorted({duty for one in cells for man in one.workers for duty in man.duties}),
        }
    )


def _task(number: str, officer: identity.Officer, at: datetime) -> dict[str, Any]:
    view = casework.case(number, actor=officer, at=at)
    due = view.step_due_at
    facts = {name: str(value) for name, value in view.facts.items() if len(str(value)) < 60}
    return {
        "number": number,
        "title": view.title,
        "step": view.step_title,
        "light": view.light,
        "due": f"{due.astimezone(CHINA):%m-%d %H:%M}" if due else "",
        "facts": facts,
        "moves": [
            {
                "verb": one.verb,
                "to": one.to,
                "task": one.task,
                "title": one.title,
                "needs": [[need, view.names.get(need, need)] for need in one.needs],
            }
            for one in view.moves
            if not one.asks and not one.asked
        ],
    }


@require_POST
def sync(request: HttpRequest) -> HttpResponse:
    """Take one entry with its photographs; answers what became of it."""
    officer = officer_of(request)
    try:
        entry = msgspec.json.decode(request.POST.get("entry", ""), type=Entry)
    except (msgspec.MsgspecError, UnicodeEncodeError) as error:
        raise EntryMistyped(_t("这条记录无法识别。"), hint=_t("请更新页面。")) from error
    if entry.made_at.tzinfo is None or len(request.FILES) > MOST_FILES:
        raise EntryMistyped(_t("记录没有时区，或照片过多。"), hint=_t("请更新页面。"))
    answer = casework.take_field_entry(
        entry=casework.FieldReport(
            name=entry.name,
            kind=entry.kind,
            made_at=entry.made_at,
            lon=entry.lon,
            lat=entry.lat,
            what=entry.what,
            files={name: file.read(LONGEST + 1) for name, file in request.FILES.items()},
        ),
        officer=officer,
        at=system_clock(),
    )
    return JsonResponse(vars(answer))


routes = [
    route("field/", field, right="field.work", name="field", menu=_("现场工作端"), icon="phone"),
    route("field/work.json", work, right="field.work", name="field_work"),
    route("field/sync", sync, right="field.work", name="field_sync"),
    route("field/worker.js", service_worker, right=PUBLIC, name="field_worker"),
]
