"""The alert rules of a library, compiled: conditions over ``value`` and the device's own facts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from yiwang import rules
from yiwang.kernel.limits import Limit
from yiwang.packkit import Library
from yiwang.packkit.converting import dated_parameter
from yiwang.packkit.kinds.sight import Alert

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True)
class AlertRule:
    """One alert of a pack, ready to judge a reading."""

    ref: str
    alert: Alert
    unit: str
    hold: timedelta
    raises: Callable[[Mapping[str, Any]], bool | None]
    clears: Callable[[Mapping[str, Any]], bool | None]


def alert_rules(library: Library, *, on: date) -> dict[str, list[AlertRule]]:
    """Stream reference → its alert rules, with the parameter values in force ``on``."""
    found: dict[str, list[AlertRule]] = {}
    for ref, alert in library.alerts().items():
        found.setdefault(alert.stream, []).append(_ready(library, ref, alert, on))
    return found


def _ready(library: Library, ref: str, alert: Alert, on: date) -> AlertRule:
    stream = library.stream(alert.stream)
    register = library.register(stream.devices)
    columns: dict[str, rules.Type] = {
        "value": "decimal",
        **{f"device.{name}": column.type for name, column in register.columns.items()},
    }
    parameters = {name: one.type for name, one in alert.parameters.items()}
    values = {name: dated_parameter(one) for name, one in alert.parameters.items()}

    def judge(text: str) -> Callable[[Mapping[str, Any]], bool | None]:
        expression = rules.parse(text, columns=columns, parameters=parameters)
        closure = rules.compile(expression, values=values, as_of=on)
        return lambda row: closure(row).value

    return AlertRule(
        ref=ref,
        alert=alert,
        unit=stream.unit,
        hold=_hold(alert),
        raises=judge(alert.raise_when),
        clears=judge(alert.clear_when),
    )


def _hold(alert: Alert) -> timedelta:
    if not alert.hold:
        return timedelta(0)
    limit = Limit.parse(alert.hold)
    return limit.amount * _UNITS[limit.unit]
