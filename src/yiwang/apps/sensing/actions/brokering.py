"""Files for a Mosquitto that keeps devices apart: who publishes where, with which password."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from yiwang.apps.journal import public as journal
from yiwang.apps.sensing.actions.installing import for_broker
from yiwang.apps.sensing.broker import ROOT
from yiwang.apps.sensing.models import Device, Point
from yiwang.apps.sensing.protocols.observation import VERSION

PLATFORM = "yiwang"
"""The account with which the platform itself reads."""
_CONFIGURATION = """\
listener {port} 127.0.0.1
allow_anonymous false
password_file {folder}/passwords
acl_file {folder}/access
persistence true
persistence_location {folder}/
autosave_interval 60
max_queued_messages 0
max_inflight_messages 0
message_size_limit 65536
"""
_ACCESS = """\
user {platform}
topic read {root}/#
topic read v1.1/#

pattern write {root}/+/%u
"""


@dataclass(frozen=True)
class BrokerFiles:
    """What was written, and the platform's own password, shown once."""

    configuration: Path
    devices: int
    password: str


def broker_files(*, folder: Path, port: int, at: datetime) -> BrokerFiles:
    """Write configuration, access list and passwords of the devices that have a token."""
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe(24)
    known = Device.objects.filter(is_active=True).exclude(broker_password="").order_by("id")
    lines = [f"{PLATFORM}:{for_broker(password)}"]
    lines += [f"{one.id}:{one.broker_password}" for one in known]
    _write(folder / "passwords", "\n".join(lines) + "\n")
    access = [_ACCESS.format(platform=PLATFORM, root=ROOT)]
    points = Point.objects.filter(device__in=known).order_by("device", "id")
    for device, point in points.values_list("device", "id"):
        access.append(f"user {device}\ntopic write {VERSION}/Datastreams({point})/Observations\n")
    _write(folder / "access", "\n".join(access))
    configuration = folder / "mosquitto.conf"
    _write(configuration, _CONFIGURATION.format(port=port, folder=folder))
    journal.record("device.broker_files_written", subject="broker", actor="system", at=at)
    return BrokerFiles(configuration, len(lines) - 1, password)


def _write(file: Path, content: str) -> None:
    file.touch(mode=0o600)
    file.write_text(content, "utf-8")
