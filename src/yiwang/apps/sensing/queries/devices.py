"""Devices with what they said last, what stands against them, and what was refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, Q, QuerySet

from yiwang.apps.sensing.instants import instant
from yiwang.apps.sensing.intake import REASONS
from yiwang.apps.sensing.models import (
    AlertState,
    Device,
    MaintenanceWindow,
    Point,
    QuarantinedMessage,
)


@dataclass(frozen=True)
class PointView:
    """A quantity of a device with its newest value."""

    id: int
    stream: str
    value: float | None
    at: datetime | None


@dataclass(frozen=True)
class DeviceView:
    """A device with its newest value (of its main stream) and whether an alert stands."""

    id: str
    title: str
    stream: str
    organ: str
    division: str
    lon: float
    lat: float
    value: float | None
    at: datetime | None
    alert: str
    incident: str
    points: tuple[PointView, ...] = ()


@dataclass(frozen=True)
class AlertView:
    """An alert that stands or stood, from the reading that raised it to the one that ended it."""

    rule: str
    device: str
    title: str
    division: str
    raised_at: datetime
    cleared_at: datetime | None
    incident: str


@dataclass(frozen=True)
class MaintenanceView:
    """A maintenance window of a device."""

    number: int
    device: str
    title: str
    begins_at: datetime
    ends_at: datetime
    reason: str
    asked_by: str


@dataclass(frozen=True)
class QuarantinedView:
    """A refused message with its reason as a sentence."""

    received_at: datetime
    channel: str
    device: str
    reason: str
    payload: str


def devices(*, stream: str = "") -> list[DeviceView]:
    """All active devices (that have a stream) with newest values and open alert: three queries."""
    found = Device.objects.filter(is_active=True).order_by("id")
    if stream:
        found = found.filter(points__stream=stream)
    return device_views(found, main=stream)


def device(id: str) -> DeviceView | None:  # noqa: A002 - the register's own word
    """One device, or None."""
    return next(iter(device_views(Device.objects.filter(id=id, is_active=True))), None)


def count_devices(*, text: str = "", stream: str = "") -> int:
    """How many active devices match."""
    return matching(text, stream).count()


def device_page(
    *, text: str = "", stream: str = "", offset: int = 0, limit: int = 50
) -> list[DeviceView]:
    """A page of the active devices that match, those with an alert first."""
    alerting = AlertState.objects.filter(cleared_at=None).exclude(raised_at=None)
    first = sorted(set(alerting.values_list("device_id", flat=True)))
    found = matching(text, stream)
    ahead = list(found.filter(id__in=first).order_by("id"))
    rest = found.exclude(id__in=first).order_by("id")
    page = [*ahead[offset : offset + limit]]
    page += rest[max(0, offset - len(ahead)) : max(0, offset + limit - len(ahead))]
    return device_views(page, main=stream)


def count_silent_devices() -> int:
    """How many active devices have never been heard."""
    heard = Point.objects.exclude(latest=None).values("device")
    return Device.objects.filter(is_active=True).exclude(id__in=heard).count()


def alerts(
    *, offset: int = 0, limit: int = 50, device: str = "", is_open: bool = False
) -> tuple[int, list[AlertView]]:
    """How many alerts there are, and a page of them: those that stand first, newest first."""
    found = AlertState.objects.exclude(raised_at=None).select_related("device")
    if is_open:
        found = found.filter(cleared_at=None)
    if device:
        found = found.filter(device=device)
    found = found.order_by(F("cleared_at").desc(nulls_first=True), "-raised_at", "-id")
    return found.count(), [
        AlertView(
            one.rule,
            one.device_id,
            one.device.title,
            one.device.division,
            one.raised_at,
            one.cleared_at,
            one.incident or "",
        )
        for one in found[offset : offset + limit]
        if one.raised_at is not None
    ]


def maintenance(*, at: datetime, device: str = "") -> list[MaintenanceView]:
    """Maintenance windows planned or under way, soonest first."""
    found = MaintenanceWindow.objects.filter(ends_at__gt=at).select_related("device")
    if device:
        found = found.filter(device=device)
    return [
        MaintenanceView(
            one.pk,
            one.device_id,
            one.device.title,
            one.begins_at,
            one.ends_at,
            one.reason,
            one.asked_by,
        )
        for one in found.order_by("begins_at")
    ]


def quarantined(*, offset: int = 0, limit: int = 50) -> tuple[int, list[QuarantinedView]]:
    """How many messages are quarantined, and a page of them, newest first."""
    found = QuarantinedMessage.objects.order_by("-received_at", "-id")
    return found.count(), [
        QuarantinedView(
            one.received_at,
            one.channel,
            one.device_text,
            REASONS.get(one.reason, one.reason),
            one.payload,
        )
        for one in found[offset : offset + limit]
    ]


def matching(text: str, stream: str) -> QuerySet[Device]:
    """The active devices whose number or name says this, that have this stream."""
    found = Device.objects.filter(is_active=True)
    if text:
        found = found.filter(Q(id__icontains=text) | Q(title__icontains=text))
    return found.filter(points__stream=stream) if stream else found


def device_views(found: Iterable[Device], *, main: str = "") -> list[DeviceView]:
    """Devices with their points, newest values and open alert."""
    rows = list(found)
    ids = [one.id for one in rows]
    points: dict[str, list[PointView]] = {}
    states: dict[str, AlertState] = {}
    chosen = Q() if len(ids) > 500 else Q(device__in=ids)
    for point in Point.objects.filter(chosen).select_related("latest").order_by("id"):
        latest = getattr(point, "latest", None)
        seen = instant(latest.at) if latest else None
        view = PointView(point.pk, point.stream, latest.value if latest else None, seen)
        points.setdefault(point.device_id, []).append(view)
    standing = AlertState.objects.filter(chosen, cleared_at=None).exclude(raised_at=None)
    for state in standing:
        states[state.device_id] = state
    return [
        _view(one, tuple(points.get(one.id, ())), states.get(one.id), main or one.stream)
        for one in rows
    ]


def _view(
    device: Device, points: tuple[PointView, ...], state: AlertState | None, main: str
) -> DeviceView:
    first = next((one for one in points if one.stream == main), points[0] if points else None)
    return DeviceView(
        id=device.id,
        title=device.title,
        stream=main,
        organ=device.organ,
        division=device.division,
        lon=device.lon,
        lat=device.lat,
        value=first.value if first else None,
        at=first.at if first else None,
        alert=state.rule if state else "",
        incident=(state.incident or "") if state else "",
        points=points,
    )
