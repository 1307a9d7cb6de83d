"""The tables of this app that indicators count."""

from yiwang.apps.sensing.models import AlertState, QuarantinedMessage
from yiwang.apps.sensing.queries.devices import devices

Published = tuple[dict[str, str], list[dict[str, object]]]


def published() -> dict[str, Published]:
    """Devices, newest values, alerts, quarantined messages."""
    seen = devices()
    return {
        "platform.devices": (
            {"id": "text", "stream": "text", "division": "text", "is_reporting": "boolean"},
            [
                {
                    "id": one.id,
                    "stream": one.stream,
                    "division": one.division,
                    "is_reporting": any(point.at is not None for point in one.points),
                }
                for one in seen
            ],
        ),
        "platform.latest": (
            {"device": "text", "stream": "text", "at": "instant", "value": "decimal"},
            [
                {"device": one.id, "stream": point.stream, "at": point.at, "value": point.value}
                for one in seen
                for point in one.points
                if point.at is not None
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
