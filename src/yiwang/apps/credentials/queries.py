"""What credentials shows: to the holder all, to a verifier what the kind says, masked."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
import segno
from django.db.models import QuerySet

from yiwang.apps.credentials import keys, record
from yiwang.apps.credentials.models import License, LicenseKind, LicenseUse
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotAllowed, NotFound
from yiwang.kernel.masking import element_of, mask
from yiwang.packkit.kinds.work import License as KindContent

STATES = {
    "valid": "有效",
    "suspended": "已暂停",
    "revoked": "已撤销",
    "replaced": "已换发",
    "expired": "已过期",
}
SHOWN_GRADE = 2
"""Shown fields are what a stranger may read; what names a person is masked all the same."""


class LicenseKindUnknown(NotFound):
    """No kind of licence of this name is installed."""

    code = "credentials.license_kind_unknown"


class LicenseUnknown(NotFound):
    """No licence has this number."""

    code = "credentials.license_unknown"


class RecordBroken(NotFound):
    """The stored record no longer fits its signature."""

    code = "credentials.record_broken"


@dataclass(frozen=True)
class LicenseView:
    """A licence as its holder and issuer see it."""

    number: str
    kind: str
    title: str
    organ: str
    holder: str
    fields: Mapping[str, tuple[str, str]]
    """Field to its title and value."""
    issued_at: datetime
    valid_until: date | None
    state: str
    state_title: str
    state_reason: str
    case: str
    token: str
    digest: str
    key: str = ""
    """The id of the key that signed it."""
    replaced_by: str = ""
    """The number of the licence that took its place."""


@dataclass(frozen=True)
class Verification:
    """What a verifier is told; ``shown`` is empty when only the number was given."""

    number: str
    title: str
    organ: str
    state: str
    state_title: str
    is_valid: bool
    issued_at: datetime
    valid_until: date | None
    checked_at: datetime
    shown: Mapping[str, str]
    """Field title to its masked value."""


@dataclass(frozen=True)
class UseView:
    """One use of a licence, as its holder sees it."""

    number: str
    title: str
    at: datetime
    act: str
    actor_name: str
    result: str
    reason: str


ACTS = {
    "issued": "颁发",
    "verified": "核验",
    "suspended": "暂停",
    "resumed": "恢复",
    "revoked": "撤销",
    "replaced": "换发",
    "shown": "扫码读取",
}


def licenses_of(holder: str, *, actor: identity.Actor, at: datetime) -> list[LicenseView]:
    """The licences of a holder, newest first; for the holder alone."""
    _require_holder(holder, actor)
    rows = License.objects.select_related("kind").filter(holder=holder).order_by("-issued_at")
    return [license_view(row, at=at) for row in rows]


def uses_of(holder: str, *, actor: identity.Actor, limit: int = 50) -> list[UseView]:
    """Who used or changed the holder's licences, newest first."""
    _require_holder(holder, actor)
    rows = LicenseUse.objects.select_related("license__kind").filter(license__holder=holder)
    return [
        UseView(
            number=row.license.number,
            title=row.license.kind.title,
            at=row.at,
            act=ACTS.get(row.act, row.act),
            actor_name=row.actor_name,
            result=STATES.get(row.result, row.result),
            reason=row.reason,
        )
        for row in rows.order_by("-at", "-id")[:limit]
    ]


def license_of(number: str, *, actor: identity.Actor, at: datetime) -> LicenseView:
    """One licence, for its holder or an officer of its organ."""
    row = find_license(number)
    of_organ = identity.may(actor, "credentials.issue", organ=row.organ)
    if not of_organ:
        _require_holder(row.holder, actor)
    return license_view(row, at=at)


def license_kind(ref: str) -> KindContent:
    """A kind of licence in force: who may hold it, and what it says."""
    row = LicenseKind.objects.filter(ref=ref, is_current=True).first()
    if row is None:
        raise LicenseKindUnknown(f"没有证照类型 {ref}。", hint="先安装场景包。", kind=ref)
    return kind_content(row)


def qr_svg(number: str, *, address: str = "") -> str:
    """The QR code of a licence as SVG; ``address`` is what stands before the token in its link."""
    row = find_license(number)
    text = address + record.token(row.number, bytes(row.token_signature))
    return segno.make(text, error="m").svg_inline(scale=4, border=3, svgclass="qr", lineclass=None)


def find_license(number: str, rows: QuerySet[License] | None = None) -> License:
    """The row with this number, or ``LicenseUnknown``."""
    found = (rows if rows is not None else License.objects).select_related("kind")
    row = found.filter(number=number).first()
    if row is None:
        raise LicenseUnknown(f"没有编号为 {number} 的证照。", hint="请核对编号。", number=number)
    return row


def kind_content(kind: LicenseKind) -> KindContent:
    """What the kind's version says."""
    return msgspec.convert(kind.content, KindContent)


def license_view(row: License, *, at: datetime) -> LicenseView:
    """A row as a value; its record is checked against its signature."""
    content, values = kind_content(row.kind), _record_of(row)["fields"]
    state = state_of(row, at)
    return LicenseView(
        number=row.number,
        kind=row.kind.ref,
        title=row.kind.title,
        organ=row.organ,
        holder=row.holder,
        fields={
            name: (field.title, values[name])
            for name, field in content.fields.items()
            if name in values
        },
        issued_at=row.issued_at,
        valid_until=row.valid_until,
        state=state,
        state_title=STATES[state],
        state_reason=row.state_reason,
        case=row.case,
        token=record.token(row.number, bytes(row.token_signature)),
        digest=row.digest,
        key=row.key,
        replaced_by=_successor(row) if row.state == License.State.REPLACED else "",
    )


def verification(row: License, *, at: datetime, with_fields: bool) -> Verification:
    """What a verifier may know of a licence now."""
    content, values, state = kind_content(row.kind), _record_of(row)["fields"], state_of(row, at)
    shown = {
        content.fields[name].title: _masked(name, content.fields[name].title, values[name])
        for name in content.shown
        if with_fields and name in values
    }
    return Verification(
        number=row.number,
        title=row.kind.title,
        organ=row.organ,
        state=state,
        state_title=STATES[state],
        is_valid=state == "valid",
        issued_at=row.issued_at,
        valid_until=row.valid_until,
        checked_at=at,
        shown=shown,
    )


def _successor(row: License) -> str:
    return License.objects.filter(replaces=row).values_list("number", flat=True).first() or ""


def _masked(name: str, title: str, value: str) -> str:
    element = element_of(column=name, title=title)
    return str(mask(value, element=element, grade=SHOWN_GRADE))


def _record_of(row: License) -> dict[str, Any]:
    """The record, once its signature was checked again."""
    if not keys.is_signed(row.key, row.record.encode(), bytes.fromhex(row.signature)):
        raise RecordBroken(
            f"{row.number} 的记录与签名不符，不能使用。",
            hint="请联系颁发机构；系统管理员请从备份恢复。",
            number=row.number,
        )
    content: dict[str, Any] = json.loads(row.record)
    return content


def state_of(row: License, at: datetime) -> str:
    """The state now: a valid licence expires by itself."""
    if row.state == "valid" and row.valid_until and local_date(at) > row.valid_until:
        return "expired"
    return row.state


def _require_holder(holder: str, actor: identity.Actor) -> None:
    if not (isinstance(actor, identity.Applicant) and actor.subject == holder):
        raise NotAllowed("只能查看自己的证照。", hint="请用本人账号登录。")
