"""Credentials' door: licences that are issued, verified, used under the holder's eyes, stopped.

Numbers bear a check character; records and QR tokens are signed with the issuing organ's SM2 key;
a suspension or revocation holds from the instant it is written.
"""

from yiwang.apps.credentials.actions import (
    FieldsIncomplete,
    LicenseStopped,
    install,
    issue,
    resume,
    revoke,
    suspend,
    verify,
)
from yiwang.apps.credentials.published import published
from yiwang.apps.credentials.queries import (
    LicenseKindUnknown,
    LicenseUnknown,
    LicenseView,
    RecordBroken,
    UseView,
    Verification,
    license_kind,
    license_of,
    licenses_of,
    qr_svg,
    uses_of,
)
from yiwang.apps.credentials.record import TokenAltered

RIGHTS = {
    "credentials.issue": "颁发、暂停、撤销本部门的电子证照",
}

__all__ = [
    "RIGHTS",
    "FieldsIncomplete",
    "LicenseKindUnknown",
    "LicenseStopped",
    "LicenseUnknown",
    "LicenseView",
    "RecordBroken",
    "TokenAltered",
    "UseView",
    "Verification",
    "install",
    "issue",
    "license_kind",
    "license_of",
    "licenses_of",
    "published",
    "qr_svg",
    "resume",
    "revoke",
    "suspend",
    "uses_of",
    "verify",
]
