"""The door of sensing: devices send, the platform keeps, alerts become incidents."""

from yiwang.apps.sensing.actions import (
    DeviceNotRecognized,
    DeviceUnknown,
    Intake,
    device_of,
    install,
    intake,
    issue_token,
)
from yiwang.apps.sensing.broker import BrokerIntake, BrokerSilent
from yiwang.apps.sensing.intake import REASONS, Message
from yiwang.apps.sensing.queries import (
    DeviceView,
    QuarantinedView,
    ReadingView,
    count_readings,
    device,
    devices,
    published,
    quarantined,
    readings,
)

RIGHTS = {
    "sensing.see": "查看设备、读数与预警",
    "sensing.manage": "管理设备、发放令牌、查看被隔离的报文",
}

__all__ = [
    "REASONS",
    "RIGHTS",
    "BrokerIntake",
    "BrokerSilent",
    "DeviceNotRecognized",
    "DeviceUnknown",
    "DeviceView",
    "Intake",
    "Message",
    "QuarantinedView",
    "ReadingView",
    "count_readings",
    "device",
    "device_of",
    "devices",
    "install",
    "intake",
    "issue_token",
    "published",
    "quarantined",
    "readings",
]
