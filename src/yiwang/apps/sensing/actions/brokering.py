"""Files for a Mosquitto that keeps devices apart: who publishes and reads where, with which
password. A device writes to its own topics only; a key of the SensorThings interface reads what
the platform tells of changes."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yiwang.apps.journal import public as journal
from yiwang.apps.sensing.actions.installing import for_broker
from yiwang.apps.sensing.broker import ROOT
from yiwang.apps.sensing.models import Device, Point, ThingsKey
from yiwang.apps.sensing.protocols.observation import VERSION
from yiwang.apps.sensing.secrecy import reader_of

PLATFORM = "yiwang"
"""The account with which the platform itself reads."""
_CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/access
persistence true
persistence_location {folder}/
autosave_interval 1
max_queued_messages 0
max_inflight_messages 0
message_size_limit 65536
"""
_ACCESS = """\
user {platform}
topic read {root}/#
topic readwrite {version}/#
"""


@dataclass(frozen=True)
class BrokerFiles:
    """What was written, and the platform's own password, shown once."""

    configuration: Path
    devices: int
    password: str


def broker_files(*, folder: Path, port: int, at: datetime) -> BrokerFiles:
    """Write configuration, access list and passwords of the devices that have a token and of the
    keys of the SensorThings interface."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(24)
    known = Device.objects.filter(is_active=True).exclude(broker_password="").order_by("id")
    lines = [f"{PLATFORM}:{for_broker(password)}"]
    lines += [f"{one.id}:{one.broker_password}" for one in known]
    keys = ThingsKey.objects.filter(is_active=True).exclude(broker_password="").order_by("id")
    lines += [f"{reader_of(one.digest)}:{one.broker_password}" for one in keys]
    _write(folder / "passwords", "\n".join(lines) + "\n")
    access = [_ACCESS.format(platform=PLATFORM, root=ROOT, version=VERSION)]
    access += [f"user {one.id}\ntopic write {ROOT}/+/{one.id}\n" for one in known]
    access += [f"user {reader_of(one.digest)}\ntopic read {VERSION}/#\n" for one in keys]
    points = Point.objects.filter(device__in=known).order_by("device", "id")
    for device, point in points.values_list("device", "id"):
        access.append(f"user {device}\ntopic write {VERSION}/Datastreams({point})/Observations\n")
    _write(folder / "access", "\n".join(access))
    configuration = folder / "mosquitto.conf"
    _write(configuration, _CONFIGURATION.format(port=port, folder=folder))
    journal.record("device.broker_files_written", subject="broker", actor="system", at=at)
    return BrokerFiles(configuration, len(known), password)


def _write(file: Path, content: str) -> None:
    file.touch(mode=0o600)
    file.write_text(content, "utf-8")
