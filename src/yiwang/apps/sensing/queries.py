"""What devices said last, over a while, and what stands against them."""

from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.sensing.intake import REASONS
from yiwang.apps.sensing.models import AlertState, Device, QuarantinedMessage, Reading

Published = tuple[dict[str, str], list[dict[str, object]]]


@dataclass(frozen=True)
class DeviceView:
    """A device with its newest value and whether an alert stands."""

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


@dataclass(frozen=True)
class ReadingView:
    """A value at an instant, in the unit of its stream."""

    at: datetime
    value: float
    is_late: bool


@dataclass(frozen=True)
class QuarantinedView:
    """A refused message with its reason as a sentence."""

    received_at: datetime
    channel: str
    device: str
    reason: str
    payload: str


def devices(*, stream: str = "") -> list[DeviceView]:
    """All active devices (of a stream) with newest value and open alert: three queries."""
    found = Device.objects.filter(is_active=True).select_related("latest").order_by("id")
    if stream:
        found = found.filter(stream=stream)
    open_alerts = {
        state.device_id: state
        for state in AlertState.objects.filter(cleared_at=None).exclude(raised_at=None)
    }
    return [_view(device, open_alerts.get(device.id)) for device in found]


def device(id: str) -> DeviceView | None:  # noqa: A002 - the register's own word
    """One device, or None."""
    return next((one for one in devices() if one.id == id), None)


def readings(*, device: str, since: datetime, limit: int = 2000) -> list[ReadingView]:
    """Readings of a device from ``since`` on, oldest first."""
    found = Reading.objects.filter(device=device, at__gte=since).order_by("-at")[:limit]
    return [ReadingView(one.at, one.value, one.is_late) for one in reversed(found)]


def count_readings() -> int:
    """How many readings are stored."""
    return Reading.objects.count()


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


def published() -> dict[str, Published]:
    """The tables of this app that indicators count: devices, alerts, quarantined messages."""
    return {
        "platform.devices": (
            {"id": "text", "stream": "text", "division": "text", "is_reporting": "boolean"},
            [
                {
                    "id": one.id,
                    "stream": one.stream,
                    "division": one.division,
                    "is_reporting": one.at is not None,
                }
                for one in devices()
            ],
        ),
        "platform.latest": (
            {"device": "text", "stream": "text", "at": "instant", "value": "decimal"},
            [
                {"device": one.id, "stream": one.stream, "at": one.at, "value": one.value}
                for one in devices()
                if one.at is not None
            ],
        ),
        "platform.alerts": (
            {"rule": "text", "device": "text", "raised_at": "instant", "cleared_at": "instant"},
            [_alert_row(state) for state in AlertState.objects.exclude(raised_at=None)],
        ),
        "platform.quarantined_messages": (
            {"received_at": "instant", "channel": "text", "reason": "text"},
            list(QuarantinedMessage.objects.values("received_at", "channel", "reason")),
        ),
    }


def _alert_row(state: AlertState) -> dict[str, object]:
    return {
        "rule": state.rule,
        "device": state.device_id,
        "raised_at": state.raised_at,
        "cleared_at": state.cleared_at,
    }


def _view(device: Device, state: AlertState | None) -> DeviceView:
    latest = getattr(device, "latest", None)
    return DeviceView(
        id=device.id,
        title=device.title,
        stream=device.stream,
        organ=device.organ,
        division=device.division,
        lon=device.lon,
        lat=device.lat,
        value=latest.value if latest else None,
        at=latest.at if latest else None,
        alert=state.rule if state else "",
        incident=(state.incident or "") if state else "",
    )
