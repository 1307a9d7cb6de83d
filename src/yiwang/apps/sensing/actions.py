"""Take messages in, keep what is refused, and let readings raise and end alerts."""

import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.journal import public as journal
from yiwang.apps.sensing.alerting import Held, step
from yiwang.apps.sensing.conditions import AlertRule, alert_rules
from yiwang.apps.sensing.intake import Fault, Message, Observed, sift
from yiwang.apps.sensing.models import (
    AlertState,
    Device,
    LatestReading,
    QuarantinedMessage,
    Reading,
)
from yiwang.kernel.clock import CHINA, local_date
from yiwang.kernel.errors import NotAllowed, NotFound
from yiwang.packkit import Library


class DeviceNotRecognized(NotAllowed):
    """No active device has this token."""

    code = "sensing.device_not_recognized"


class DeviceUnknown(NotFound):
    """No active device has this id."""

    code = "sensing.device_unknown"


@dataclass(frozen=True)
class Intake:
    """What became of a batch: every message is in exactly one of the four counts."""

    accepted: int
    late: int
    duplicate: int
    quarantined: Mapping[str, int] = field(default_factory=dict)
    raised: tuple[str, ...] = ()
    """Numbers of the incidents that the batch raised or joined."""
    cleared: int = 0


@transaction.atomic
def install(library: Library, *, at: datetime) -> int:
    """Register the devices of every stream's register; returns how many are active."""
    count = 0
    for ref, stream in library.streams().items():
        key = library.register(stream.devices).key
        for entry in library.entries(stream.devices):
            Device.objects.update_or_create(
                id=entry[key],
                defaults={
                    "stream": ref,
                    "title": entry["name"],
                    "organ": stream.organ,
                    "division": entry["division"],
                    "lon": float(str(entry["lon"])),
                    "lat": float(str(entry["lat"])),
                    "facts": {name: _plain(value) for name, value in entry.items()},
                },
            )
            count += 1
    journal.record(
        "sensing.installed", subject="streams", actor="system", at=at, facts={"n": count}
    )
    return count


@transaction.atomic
def issue_token(*, device: str, at: datetime) -> str:
    """A new token of a device, shown once; the earlier one stops at once."""
    token = secrets.token_urlsafe(24)
    if not Device.objects.filter(id=device, is_active=True).update(token_digest=_digest(token)):
        raise DeviceUnknown(
            f"没有编号为“{device}”的在用设备。",
            hint="核对设备编号；新设备先录入场景包的设备登记册。",
            device=device,
        )
    journal.record("device.token_issued", subject=device, actor="system", at=at)
    return token


def device_of(token: str) -> str:
    """The device whose token this is, or ``DeviceNotRecognized``."""
    found = Device.objects.filter(token_digest=_digest(token), is_active=True).first()
    if not token or found is None:
        raise DeviceNotRecognized("设备令牌无效。", hint="请设备管理单位重新发放令牌。")
    return found.id


@transaction.atomic
def intake(messages: Sequence[Message], *, library: Library, at: datetime) -> Intake:
    """接入: judge every message, store readings once, move latest values, judge alerts.

    One transaction: the caller acknowledges after it returns.
    """
    devices = Device.objects.in_bulk({message.device for message in messages})
    limits = {
        device.id: (library.stream(device.stream).low, library.stream(device.stream).high)
        for device in devices.values()
        if device.is_active
    }
    judged = [sift(message, limits=limits, at=at) for message in messages]
    faults = [one for one in judged if isinstance(one, Fault)]
    _quarantine(faults, at=at)
    fresh, duplicate = _store([one for one in judged if isinstance(one, Observed)], at=at)
    moved = _move_latest(fresh)
    raised, cleared = _judge_alerts(moved, devices=devices, library=library, at=at)
    return Intake(
        accepted=sum(not one.is_late for one in fresh),
        late=sum(one.is_late for one in fresh),
        duplicate=duplicate,
        quarantined=Counter(fault.reason for fault in faults),
        raised=tuple(raised),
        cleared=cleared,
    )


def _quarantine(faults: Iterable[Fault], *, at: datetime) -> None:
    QuarantinedMessage.objects.bulk_create(
        QuarantinedMessage(
            received_at=at,
            channel=fault.message.channel,
            device_text=_shown(fault.message.device.encode())[:64],
            reason=fault.reason,
            payload=_shown(fault.message.payload[:2000])[:2000],
        )
        for fault in faults
    )


def _shown(sent: bytes) -> str:
    """Bytes as text that every database keeps: PostgreSQL refuses a NUL in a text."""
    return sent.decode("utf-8", "backslashreplace").replace("\0", "\\x00")


def _store(observed: Sequence[Observed], *, at: datetime) -> tuple[list[Observed], int]:
    """Store what is new; returns it in order of observation, and the number of duplicates."""
    first = {(one.device, one.at): one for one in reversed(observed)}
    known = set(
        Reading.objects.filter(
            device__in={one.device for one in observed}, at__in={one.at for one in observed}
        ).values_list("device_id", "at")
    )
    fresh = sorted((o for k, o in first.items() if k not in known), key=lambda one: one.at)
    Reading.objects.bulk_create(
        Reading(
            device_id=one.device, at=one.at, value=one.value, received_at=at, is_late=one.is_late
        )
        for one in fresh
    )
    return fresh, len(observed) - len(fresh)


def _move_latest(fresh: Iterable[Observed]) -> list[Observed]:
    """Advance the latest values; returns the readings that were newest when they came."""
    fresh = list(fresh)
    newest = {
        latest.device_id: latest.at
        for latest in LatestReading.objects.filter(device__in={one.device for one in fresh})
    }
    moved = []
    for one in fresh:
        if not one.is_late and (one.device not in newest or one.at > newest[one.device]):
            newest[one.device] = one.at
            moved.append(one)
    last = {one.device: one for one in moved}
    LatestReading.objects.bulk_create(
        (LatestReading(device_id=d, at=one.at, value=one.value) for d, one in last.items()),
        update_conflicts=True,
        unique_fields=["device"],
        update_fields=["at", "value"],
    )
    return moved


def _judge_alerts(
    moved: Sequence[Observed],
    *,
    devices: Mapping[str, Device],
    library: Library,
    at: datetime,
) -> tuple[list[str], int]:
    """Run the rules of each reading's stream in order; returns incident numbers and ends."""
    by_stream = alert_rules(library, on=local_date(at))
    open_states = {
        (state.rule, state.device_id): state
        for state in AlertState.objects.select_for_update().filter(
            device__in={one.device for one in moved}, cleared_at=None
        )
    }
    raised, cleared = [], 0
    for one in moved:
        device = devices[one.device]
        row = {
            "value": Decimal(repr(one.value)),
            **{f"device.{name}": value for name, value in device.facts.items()},
        }
        for rule in by_stream.get(device.stream, ()):
            effect, number = _apply(rule, one, device, row, open_states, at=at)
            if number:
                raised.append(number)
            cleared += effect == "clear"
    return raised, cleared


def _apply(
    rule: AlertRule,
    one: Observed,
    device: Device,
    row: Mapping[str, Any],
    states: dict[tuple[str, str], AlertState],
    *,
    at: datetime,
) -> tuple[str, str]:
    """Move one rule on one device by one reading; returns the effect and an incident's number."""
    key = (rule.ref, device.id)
    state = states.get(key)
    held = Held(state.since, is_raised=state.raised_at is not None) if state else None
    _, effect = step(
        held, at=one.at, raises=rule.raises(row), clears=rule.clears(row), hold=rule.hold
    )
    number = ""
    if effect in ("wait", "raise") and state is None:
        state = states[key] = AlertState.objects.create(rule=rule.ref, device=device, since=one.at)
    if effect == "raise":
        assert state is not None
        number = _report(rule, one, device, at=at)
        state.raised_at, state.incident = one.at, number
        state.save(update_fields=["raised_at", "incident"])
    elif effect == "forget":
        states.pop(key).delete()
    elif effect == "clear":
        ended = states.pop(key)
        ended.cleared_at = one.at
        ended.save(update_fields=["cleared_at"])
    return effect, number


def _report(rule: AlertRule, one: Observed, device: Device, *, at: datetime) -> str:
    """Hand the alert to the incident desk, which merges it with what is already open there."""
    unit = rule.unit
    view = casework.report_signal(
        kind=rule.alert.incident,
        source=rule.ref,
        object=device.id,
        lon=device.lon,
        lat=device.lat,
        division=device.division,
        summary=f"{device.title}，观测值 {one.value:g} {unit}",
        facts={
            "观测值": f"{one.value:g} {unit}",
            "观测时间": f"{one.at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
            "设备编号": device.id,
            "预警规则": rule.alert.title,
        },
        actor="sensing",
        at=at,
    )
    return view.number


def _plain(value: object) -> object:
    """A register value as JSON holds it."""
    return value if value is None or isinstance(value, bool | int | str) else str(value)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
