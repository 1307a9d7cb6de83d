"""The first page of oversight: what happens in the place now."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.boards import public as boards
from yiwang.apps.casework import public as casework
from yiwang.apps.sensing import public as sensing
from yiwang.faces.oversight.incidents import GRADES, TONES, officer_of
from yiwang.faces.oversight.vitals import main_tree
from yiwang.kernel.clock import system_clock
from yiwang.web import names
from yiwang.web.pieces import Point
from yiwang.web.routes import SIGNED_IN, route
from yiwang.web.shell import place
from yiwang.web.tables import Column, whole

COLUMNS = (
    Column(title=_("编号")),
    Column(title=_("等级")),
    Column(title=_("事件")),
    Column(title=_("环节")),
    Column(title=_("发生时间")),
    Column(title=_("期限")),
)

MOST_SHOWN = 200


def home(request: HttpRequest) -> HttpResponse:
    """Open incidents, their clocks, the devices that alert."""
    rights = getattr(request.actor, "rights", ())
    at = system_clock()
    waiting, counts = _waiting(request, at) if "incident.see" in rights else ([], {})
    devices = sensing.devices() if "sensing.see" in rights else []
    ref, library = main_tree(), names.library()
    sees_signs = bool(ref) and "boards.see" in rights
    return render(
        request,
        "oversight/home.html",
        {
            "at": at,
            "tree": boards.vitals(ref, library=library, at=at) if sees_signs else None,
            "sees_incidents": "incident.see" in rights,
            "sees_devices": "sensing.see" in rights,
            "waiting": whole(COLUMNS, waiting[:8]),
            "counts": {
                **counts,
                "devices": len(devices),
                "alerting": sum(bool(one.alert) for one in devices),
            },
            "points": [_point(one) for one in waiting if one.lon is not None],
            "center": place().map_center,
            "plans_on": casework.plans_on(),
            "grades": GRADES,
            "tones": TONES,
        },
    )


def _waiting(
    request: HttpRequest, at: datetime
) -> tuple[tuple[casework.IncidentLine, ...], dict[str, str | int]]:
    """The newest open incidents that the officer may see; how many there are, and how many late."""
    officer = officer_of(request)
    shown = casework.incident_list(
        officer=officer, at=at, asked=casework.AskedIncidents(state="open"), limit=MOST_SHOWN
    ).lines
    counts: dict[str, str | int] = {
        state: casework.count_incidents(officer=officer, asked=casework.AskedIncidents(state=state))
        for state in ("open", "ended")
    }
    late = sum(one.light == "red" for one in shown)
    return shown, counts | {"red": f"{late}+" if late == MOST_SHOWN else late}


def _point(one: casework.IncidentLine) -> Point:
    return Point(
        lon=one.lon or 0.0,
        lat=one.lat or 0.0,
        title=one.title,
        text=one.step_title,
        tone=TONES[one.grade],  # type: ignore[arg-type]
        link=f"/oversight/incidents/{one.number}/",
    )


routes = [route("", home, right=SIGNED_IN, name="home", menu=_("总览"), icon="home")]
