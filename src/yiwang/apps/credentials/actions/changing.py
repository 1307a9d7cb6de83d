"""Suspend, resume, revoke and change licences: each holds from the instant it is written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from yiwang.apps.credentials.actions.issuing import NewLicense, kind_for, unsaved
from yiwang.apps.credentials.actions.uses import write_down
from yiwang.apps.credentials.models import License
from yiwang.apps.credentials.queries import LicenseView, find_license, license_view
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import Conflict, Invalid


class LicenseStopped(Conflict):
    """The licence is not in a state that admits this."""

    code = "credentials.license_stopped"


@transaction.atomic
def suspend(*, number: str, reason: str, officer: identity.Officer, at: datetime) -> LicenseView:
    """暂停: stop a licence from this instant; it can be resumed."""
    return license_view(_moved(number, "suspended", "suspended", reason, officer, at), at=at)


@transaction.atomic
def resume(*, number: str, reason: str, officer: identity.Officer, at: datetime) -> LicenseView:
    """恢复: let a suspended licence be valid again."""
    return license_view(_moved(number, "valid", "resumed", reason, officer, at), at=at)


@transaction.atomic
def revoke(*, number: str, reason: str, officer: identity.Officer, at: datetime) -> LicenseView:
    """撤销: end a licence from this instant, for good."""
    return license_view(_moved(number, "revoked", "revoked", reason, officer, at), at=at)


@transaction.atomic
def change(
    *,
    number: str,
    fields: Mapping[str, Any],
    reason: str,
    officer: identity.Officer,
    at: datetime,
) -> LicenseView:
    """变更: what a licence says is never altered; a new one takes its place and says so."""
    old = _moved(number, "replaced", "replaced", reason, officer, at)
    version, content = kind_for(old.kind.ref, officer)
    (row,) = unsaved(version, content, [NewLicense(holder=old.holder, fields=fields)], officer, at)
    row.replaces = old
    row.save()
    write_down(row, "issued", officer, at=at, reason=f"变更：{reason.strip()}")
    return license_view(row, at=at)


ADMITTED = {
    "suspended": {"valid"},
    "valid": {"suspended"},
    "revoked": {"valid", "suspended"},
    "replaced": {"valid"},
}
"""From which states each state is reached."""


def _moved(
    number: str, to: str, act: str, reason: str, officer: identity.Officer, at: datetime
) -> License:
    row = find_license(number, License.objects.select_for_update(of=("self",)))
    identity.require(officer, "credentials.issue", organ=row.organ)
    if not reason.strip():
        raise Invalid("变更证照状态需要写明理由。", hint="填写理由后再提交。")
    if row.state not in ADMITTED[to]:
        raise LicenseStopped(
            f"{number} 当前为“{row.get_state_display()}”，不能这样变更。",
            hint="撤销或换发后的证照不能恢复，需要重新颁发。",
            number=number,
            state=row.state,
        )
    row.state, row.state_reason = to, reason.strip()[:500]
    row.save(update_fields=["state", "state_reason"])
    write_down(row, act, officer, at=at, reason=reason)
    return row
