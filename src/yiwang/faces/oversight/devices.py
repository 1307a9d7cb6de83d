"""Devices: where they stand, what they say now, what they said over the last day."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from yiwang.apps.sensing import public as sensing
from yiwang.kernel.clock import CHINA
from yiwang.kernel.errors import NotFound
from yiwang.web.pieces import Point, Series
from yiwang.web.routes import route
from yiwang.web.shell import place
from yiwang.web.tables import Column, listing, whole, wish


class DeviceUnknown(NotFound):
    """No device has this id."""

    code = "oversight.device_unknown"


def device_list(request: HttpRequest) -> HttpResponse:
    """All devices on a map and as a list, those with an alert first."""
    found = sorted(sensing.devices(), key=lambda one: (not one.alert, one.id))
    columns = (
        Column(title=_("设备")),
        Column(title=_("最新读数"), is_number=True),
        Column(title=_("观测时间")),
        Column(title=_("状态")),
    )
    return render(
        request,
        "oversight/devices.html",
        {
            "listing": whole(columns, found),
            "points": [_point(one) for one in found],
            "center": place().map_center,
            "alerting": sum(bool(one.alert) for one in found),
            "silent": sum(one.at is None for one in found),
        },
    )


def device_page(request: HttpRequest, device: str) -> HttpResponse:
    """One device: its last day as a curve."""
    found = sensing.device(device)
    if found is None:
        raise DeviceUnknown(
            f"没有编号为“{device}”的设备。", hint="请从设备列表进入。", device=device
        )
    until = found.at or timezone.now()
    seen = sensing.readings(device=device, since=until - timedelta(days=1))
    return render(
        request,
        "oversight/device.html",
        {
            "device": found,
            "readings": seen,
            "categories": [f"{one.at.astimezone(CHINA):%H:%M}" for one in seen],
            "series": [Series(name=str(_("观测值")), values=[one.value for one in seen])],
            "points": [_point(found)],
        },
    )


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
        "quarantine/",
        quarantine,
        right="sensing.manage",
        name="quarantine",
        menu=_("隔离报文"),
        icon="shield",
    ),
]
