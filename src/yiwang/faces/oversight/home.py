"""The first page of oversight: what happens in the place now."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from yiwang.apps.casework import public as casework
from yiwang.apps.sensing import public as sensing
from yiwang.faces.oversight.incidents import GRADES, TONES, point
from yiwang.kernel.clock import system_clock
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


def home(request: HttpRequest) -> HttpResponse:
    """Open incidents, their clocks, the devices that alert."""
    rights = getattr(request.actor, "rights", ())
    found = (
        casework.incidents(actor=request.actor, at=system_clock(), limit=200)
        if "incident.see" in rights
        else []
    )
    waiting = [one for one in found if one.case.state != "ended"]
    devices = sensing.devices() if "sensing.see" in rights else []
    return render(
        request,
        "oversight/home.html",
        {
            "sees_incidents": "incident.see" in rights,
            "sees_devices": "sensing.see" in rights,
            "waiting": whole(COLUMNS, waiting[:8]),
            "counts": {
                "open": len(waiting),
                "ended": len(found) - len(waiting),
                "red": sum(one.case.light == "red" for one in waiting),
                "devices": len(devices),
                "alerting": sum(bool(one.alert) for one in devices),
            },
            "points": [point(one) for one in waiting if one.lon is not None],
            "center": place().map_center,
            "grades": GRADES,
            "tones": TONES,
        },
    )


routes = [route("", home, right=SIGNED_IN, name="home", menu=_("总览"), icon="home")]
