"""Devices: where they stand, what they say now, what they said over the last day."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.sensing import public as sensing
from yiwang.faces.oversight.incidents import box_of, officer_of
from yiwang.kernel.clock import CHINA
from yiwang.kernel.errors import Invalid, NotFound
from yiwang.packkit.current import current_library
from yiwang.packkit.kinds.sight import Stream
from yiwang.web.pieces import Point, Series
from yiwang.web.routes import route
from yiwang.web.shell import place
from yiwang.web.tables import Column, listing, wish


class DeviceUnknown(NotFound):
    """No device has this id."""

    code = "oversight.device_unknown"


def device_list(request: HttpRequest) -> HttpResponse:
    """Devices on a map and as a list, those with an alert first; found by name and stream."""
    columns = (
        Column(title=_("设备")),
        Column(title=_("最新读数"), is_number=True),
        Column(title=_("观测时间")),
        Column(title=_("状态")),
    )
    text, stream = request.GET.get("q", "").strip()[:60], request.GET.get("stream", "")
    asked = wish(request, columns)
    total = sensing.count_devices(text=text, stream=stream)
    rows = sensing.device_page(text=text, stream=stream, offset=asked.offset, limit=asked.per_page)
    return render(
        request,
        "oversight/devices.html",
        {
            "listing": listing(request, columns, rows, wish=asked, total=total),
            "center": place().map_center,
            "total": total,
            "alerting": sensing.alerts(limit=0, is_open=True)[0],
            "silent": sensing.count_silent_devices(),
            "text": text,
            "stream": stream,
            "streams": [(ref, one.title) for ref, one in _streams().items()],
            "units": {ref: one.unit for ref, one in _streams().items()},
        },
    )


def device_map(request: HttpRequest) -> HttpResponse:
    """The devices in view: points, or circles with their number; an alert is always a point."""
    west, south, east, north, _zoom = box_of(request)
    part = sensing.device_map(
        text=request.GET.get("q", "").strip()[:60],
        stream=request.GET.get("stream", ""),
        box=(west, south, east, north),
    )
    return JsonResponse(
        {
            "points": [msgspec.to_builtins(_point(one)) for one in part.points],
            "circles": [vars(one) for one in part.circles],
        }
    )


def device_page(request: HttpRequest, device: str) -> HttpResponse:
    """One device: each of its points over the last day, its alerts, its maintenance."""
    found = _found(device)
    at = timezone.now()
    curves = []
    for point in found.points:
        until = point.at or at
        seen = sensing.readings(device=device, stream=point.stream, since=until - timedelta(days=1))
        curves.append((point, _streams().get(point.stream), _curve(seen)))
    officer = officer_of(request)
    alerts = sensing.alerts(device=device, limit=20)[1]
    return render(
        request,
        "oversight/device.html",
        {
            "device": found,
            "curves": curves,
            "alerts": [_told(one) for one in alerts],
            "opens": _opened([*alerts, found], officer),
            "maintenance": sensing.maintenance(at=at, device=device),
            "may_manage": identity.may(officer, "sensing.manage", organ=found.organ),
            "now": at.astimezone(CHINA),
        },
    )


def alert_list(request: HttpRequest) -> HttpResponse:
    """Alerts: those that stand first, then those that ended."""
    columns = (
        Column(title=_("预警")),
        Column(title=_("设备")),
        Column(title=_("触发时间")),
        Column(title=_("解除时间")),
        Column(title=_("事件")),
    )
    asked = wish(request, columns)
    total, rows = sensing.alerts(offset=asked.offset, limit=asked.per_page)
    told = [_told(one) for one in rows]
    return render(
        request,
        "oversight/alerts.html",
        {
            "listing": listing(request, columns, told, wish=asked, total=total),
            "opens": _opened(rows, officer_of(request)),
        },
    )


@require_POST
def maintain(request: HttpRequest, device: str) -> HttpResponse:
    """Say when a device is worked on, or that the work is over."""
    _found(device)
    officer, at = officer_of(request), timezone.now()
    if number := request.POST.get("end", ""):
        if not number.isdecimal():
            raise Invalid(_t("没有这个维护时段。"), hint=_t("刷新页面。"))
        sensing.end_maintenance(number=int(number), officer=officer, at=at)
    else:
        sensing.plan_maintenance(
            device=device,
            begins_at=_instant(request.POST.get("begins", "")),
            ends_at=_instant(request.POST.get("ends", "")),
            reason=request.POST.get("reason", ""),
            officer=officer,
            at=at,
        )
    messages.success(request, _t("维护时段已登记。"))
    return redirect("oversight:device", device)


def _found(device: str) -> sensing.DeviceView:
    found = sensing.device(device)
    if found is None:
        raise DeviceUnknown(
            f"没有编号为“{device}”的设备。", hint="请从设备列表进入。", device=device
        )
    return found


def _instant(text: str) -> datetime:
    """A time as a browser's field writes it, in Chinese time."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=CHINA)
    except ValueError:
        raise Invalid(_t("时间没有填对。"), hint=_t("选择日期和时间。")) from None


def _streams() -> dict[str, Stream]:
    return current_library(settings.PACKS, settings.PLACE, settings.HOME).streams()


def _opened(
    rows: Iterable[sensing.AlertView | sensing.DeviceView], officer: identity.Officer
) -> set[str]:
    """The incidents of these rows that the officer may open; others are named without a link."""
    return casework.incidents_seen([one.incident for one in rows if one.incident], officer=officer)


def _told(one: sensing.AlertView) -> dict[str, object]:
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    alert = library.alerts().get(one.rule)
    return {"alert": one, "title": alert.title if alert else one.rule}


def _curve(seen: list[sensing.ReadingView]) -> dict[str, object]:
    return {
        "count": len(seen),
        "categories": [f"{one.at.astimezone(CHINA):%H:%M}" for one in seen],
        "series": [Series(name=str(_("观测值")), values=[one.value for one in seen])],
    }


def quarantine(request: HttpRequest) -> HttpResponse:
    """Messages that were not accepted, each with its reason."""
    columns = (
        Column(title=_("接收时间")),
        Column(title=_("通道")),
        Column(title=_("自称设备")),
        Column(title=_("原因")),
        Column(title=_("报文")),
    )
    asked = wish(request, columns)
    total, rows = sensing.quarantined(offset=asked.offset, limit=asked.per_page)
    return render(
        request,
        "oversight/quarantine.html",
        {"listing": listing(request, columns, rows, wish=asked, total=total)},
    )


def _point(device: sensing.DeviceView) -> Point:
    value = "—" if device.value is None else f"{device.value:g}"
    return Point(
        lon=device.lon,
        lat=device.lat,
        title=device.title,
        text=value,
        tone="red" if device.alert else "green" if device.at else "grey",
        link=f"/oversight/devices/{device.id}/",
    )


routes = [
    route("devices/map.json", device_map, right="sensing.see", name="device_map"),
    route(
        "devices/",
        device_list,
        right="sensing.see",
        name="devices",
        menu=_("感知设备"),
        icon="pulse",
    ),
    route("devices/<str:device>/", device_page, right="sensing.see", name="device"),
    route(
        "devices/<str:device>/maintenance/", maintain, right="sensing.manage", name="maintenance"
    ),
    route("alerts/", alert_list, right="sensing.see", name="alerts", menu=_("预警"), icon="bell"),
    route(
        "quarantine/",
        quarantine,
        right="sensing.manage",
        name="quarantine",
        menu=_("隔离报文"),
        icon="shield",
    ),
]
