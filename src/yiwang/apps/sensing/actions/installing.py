"""Register devices and points from packs, and give devices their secrets."""

import base64
import hashlib
import os
import secrets
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from yiwang.apps.journal import public as journal
from yiwang.apps.sensing.models import Device, DeviceRoster, Point
from yiwang.apps.sensing.secrecy import digest
from yiwang.kernel.errors import NotAllowed, NotFound
from yiwang.packkit import Library

_DECLARED = (
    "stream", "register", "title", "organ", "division", "lon", "lat", "facts", "placed_at",
)  # fmt: skip
_ITERATIONS = 101
"""What mosquitto_passwd itself uses; tokens are random, so nobody guesses them."""


class DeviceNotRecognized(NotAllowed):
    """No active device has this token."""

    code = "sensing.device_not_recognized"


class DeviceUnknown(NotFound):
    """No active device has this id."""

    code = "sensing.device_unknown"


@transaction.atomic
def install(library: Library, *, at: datetime) -> int:
    """Register the devices and points of every stream; returns how many points are active."""
    known = set(Point.objects.values_list("device_id", "stream"))
    devices, points = _declared(library, at=at)
    Device.objects.bulk_create(
        devices.values(), update_conflicts=True, unique_fields=["id"], update_fields=_DECLARED
    )
    Point.objects.bulk_create(
        Point(device_id=device, stream=ref) for device, ref in points if (device, ref) not in known
    )
    note_change()
    journal.record(
        "sensing.installed", subject="streams", actor="system", at=at, facts={"n": len(points)}
    )
    return len(points)


def _declared(library: Library, *, at: datetime) -> tuple[dict[str, Device], list[tuple[str, str]]]:
    """The devices of every stream's register, and a point for each stream."""
    placed = dict(Device.objects.exclude(placed_at=None).values_list("id", "placed_at"))
    devices: dict[str, Device] = {}
    points = []
    for ref, stream in library.streams().items():
        key = library.register(stream.devices).key
        for entry in library.entries(stream.devices):
            id_ = str(entry[key])
            points.append((id_, ref))
            if id_ in devices:
                continue
            devices[id_] = Device(
                id=id_,
                stream=ref,
                register=stream.devices,
                title=entry["name"],
                organ=stream.organ,
                division=entry["division"],
                lon=float(str(entry["lon"])),
                lat=float(str(entry["lat"])),
                placed_at=placed.get(id_, at),
                facts={name: _plain(value) for name, value in entry.items()},
            )
    return devices, points


@transaction.atomic
def issue_token(*, device: str, at: datetime) -> str:
    """A new token of a device, shown once; the earlier one stops at once.

    It is the device's token over HTTP and its password at the MQTT broker.
    """
    token = secrets.token_urlsafe(24)
    _give(device, token_digest=digest(token), broker_password=for_broker(token))
    journal.record("device.token_issued", subject=device, actor="system", at=at)
    return token


@transaction.atomic
def issue_wire_passwords(*, passwords: Mapping[str, str], at: datetime) -> None:
    """Let devices speak over a field protocol, each with the password that it is set to."""
    for device, password in passwords.items():
        _give(device, wire_digest=digest(f"{device} {password.upper()}"))
    note_change()
    journal.record(
        "device.wire_passwords_issued",
        subject=next(iter(passwords), ""),
        actor="system",
        at=at,
        facts={"n": len(passwords)},
    )


@transaction.atomic
def retire_device(*, device: str, at: datetime) -> None:
    """停用: what the device sends from now on is quarantined."""
    _give(device, is_active=False)
    note_change()
    journal.record("device.retired", subject=device, actor="system", at=at)


def device_of(token: str) -> str:
    """The device whose token this is, or ``DeviceNotRecognized``."""
    found = Device.objects.filter(token_digest=digest(token), is_active=True).first()
    if not token or found is None:
        raise DeviceNotRecognized("设备令牌无效。", hint="请设备管理单位重新发放令牌。")
    return found.id


def note_change() -> None:
    """Let every process read the roster again."""
    DeviceRoster.objects.update_or_create(id=1, defaults={"version": secrets.randbits(62)})


def _give(device: str, **changes: object) -> None:
    if not Device.objects.filter(id=device, is_active=True).update(**changes):
        raise DeviceUnknown(
            f"没有编号为“{device}”的在用设备。",
            hint="核对设备编号；新设备先录入场景包的设备登记册。",
            device=device,
        )


def for_broker(token: str) -> str:
    """As in Mosquitto's password file: ``$7$iterations$salt$hash`` (PBKDF2-SHA512)."""
    salt = os.urandom(12)
    made = hashlib.pbkdf2_hmac("sha512", token.encode(), salt, _ITERATIONS)
    return "$".join(
        (
            "",
            "7",
            str(_ITERATIONS),
            base64.b64encode(salt).decode(),
            base64.b64encode(made).decode(),
        )
    )


def _plain(value: object) -> object:
    """A register value as JSON holds it."""
    return value if value is None or isinstance(value, bool | int | str) else str(value)
