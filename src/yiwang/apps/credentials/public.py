"""Credentials' door: licences that are issued, verified, used under the holder's eyes, stopped.

Numbers bear a check character; records and QR tokens are signed with the issuing organ's SM2 key;
a suspension or revocation holds from the instant it is written. Personal and enterprise codes are
made by their holder for one purpose and verifier, last a moment, and are read once.
"""

from yiwang.apps.credentials.actions.changing import (
    LicenseStopped,
    change,
    resume,
    revoke,
    suspend,
)
from yiwang.apps.credentials.actions.codes import (
    Assertion,
    CodeExpired,
    CodeForAnother,
    CodeReplayed,
    PurposeUnknown,
    VerifierUnknown,
    make_code,
    read_code,
)
from yiwang.apps.credentials.actions.installing import install
from yiwang.apps.credentials.actions.issuing import (
    FieldsIncomplete,
    HolderMismatched,
    NewLicense,
    issue,
    issue_many,
)
from yiwang.apps.credentials.actions.verifying import verify
from yiwang.apps.credentials.events import EVENTS
from yiwang.apps.credentials.issued import (
    IssuedPage,
    IssuedView,
    KindUse,
    kinds_of,
    licenses_issued,
    states_of,
    use_ranking,
)
from yiwang.apps.credentials.printing import not_printed, printout
from yiwang.apps.credentials.published import published
from yiwang.apps.credentials.queries import (
    STATES,
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
from yiwang.apps.credentials.showing import (
    CodeView,
    ReadingView,
    code_svg,
    is_read,
    purposes_for,
    purposes_of,
    readings_of,
)

RIGHTS = {
    "credentials.issue": "颁发、变更、暂停、撤销本部门的电子证照",
    "credentials.scan": "扫描个人码、企业码",
}

__all__ = [
    "EVENTS",
    "RIGHTS",
    "STATES",
    "Assertion",
    "CodeExpired",
    "CodeForAnother",
    "CodeReplayed",
    "CodeView",
    "FieldsIncomplete",
    "HolderMismatched",
    "IssuedPage",
    "IssuedView",
    "KindUse",
    "LicenseKindUnknown",
    "LicenseStopped",
    "LicenseUnknown",
    "LicenseView",
    "NewLicense",
    "PurposeUnknown",
    "ReadingView",
    "RecordBroken",
    "TokenAltered",
    "UseView",
    "Verification",
    "VerifierUnknown",
    "change",
    "code_svg",
    "install",
    "is_read",
    "issue",
    "issue_many",
    "kinds_of",
    "license_kind",
    "license_of",
    "licenses_issued",
    "licenses_of",
    "make_code",
    "not_printed",
    "printout",
    "published",
    "purposes_for",
    "purposes_of",
    "qr_svg",
    "read_code",
    "readings_of",
    "resume",
    "revoke",
    "states_of",
    "suspend",
    "use_ranking",
    "uses_of",
    "verify",
]
