"""维护: say when a device is being worked on, so that its readings raise no alert."""

from datetime import datetime, timedelta

from django.db import transaction

from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.sensing.actions.installing import DeviceUnknown
from yiwang.apps.sensing.models import Device, MaintenanceWindow
from yiwang.kernel.errors import Invalid, NotFound

LONGEST = timedelta(days=90)


class MaintenanceMalformed(Invalid):
    """A maintenance window ends before it begins, lasts too long, or gives no reason."""

    code = "sensing.maintenance_malformed"


class MaintenanceUnknown(NotFound):
    """No maintenance window of this number is planned or under way."""

    code = "sensing.maintenance_unknown"


@transaction.atomic
def plan_maintenance(
    *,
    device: str,
    begins_at: datetime,
    ends_at: datetime,
    reason: str,
    officer: identity.Officer,
    at: datetime,
) -> int:
    """登记维护: readings of the device are kept and raise nothing from the begin to the end."""
    _require(officer, device)
    if not begins_at < ends_at <= begins_at + LONGEST or not reason.strip():
        raise MaintenanceMalformed(
            "维护时段不对：结束要晚于开始、不超过 90 天，并写明原因。", hint="改时段或补写原因。"
        )
    made = MaintenanceWindow.objects.create(
        device_id=device,
        begins_at=begins_at,
        ends_at=ends_at,
        reason=reason.strip()[:200],
        asked_by=officer.username,
        asked_at=at,
    )
    journal.record("device.maintenance_planned", subject=device, actor=officer.username, at=at)
    return made.pk


@transaction.atomic
def end_maintenance(*, number: int, officer: identity.Officer, at: datetime) -> None:
    """结束维护: from now on the device's readings raise alerts again."""
    found = MaintenanceWindow.objects.filter(pk=number, ends_at__gt=at).first()
    if found is None:
        raise MaintenanceUnknown("没有这个未结束的维护时段。", hint="刷新页面。", number=number)
    _require(officer, found.device_id)
    if found.begins_at >= at:
        found.delete()
    else:
        found.ends_at = at
        found.save(update_fields=["ends_at"])
    journal.record(
        "device.maintenance_ended", subject=found.device_id, actor=officer.username, at=at
    )


def _require(officer: identity.Officer, device: str) -> None:
    found = Device.objects.filter(id=device, is_active=True).first()
    if found is None:
        raise DeviceUnknown(f"没有编号为“{device}”的在用设备。", hint="核对设备编号。")
    identity.require(officer, "sensing.manage", organ=found.organ)
