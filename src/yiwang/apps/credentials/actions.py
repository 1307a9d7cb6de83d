"""Issue, stop, resume and verify licences."""

import hashlib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from yiwang.apps.credentials import keys, record
from yiwang.apps.credentials.models import License, LicenseKind, LicenseSeries, LicenseUse
from yiwang.apps.credentials.queries import (
    LicenseKindUnknown,
    LicenseView,
    Verification,
    find_license,
    kind_content,
    license_view,
    verification,
)
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel import ids
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.kernel.limits import Limit
from yiwang.packkit import Library
from yiwang.packkit.kinds.work import License as KindContent

PUBLIC = "public"
"""Who verifies without an account."""


class FieldsIncomplete(Invalid):
    """A field that the kind requires is missing, or one is given that it does not have."""

    code = "credentials.fields_incomplete"


class LicenseStopped(Conflict):
    """The licence is not in a state that admits this."""

    code = "credentials.license_stopped"


@transaction.atomic
def install(library: Library, *, at: datetime) -> int:
    """Store the kinds of licence of a place; returns how many versions are new."""
    kinds, new = library.licenses(), 0
    LicenseKind.objects.exclude(ref__in=kinds).update(is_current=False)
    for ref, content in kinds.items():
        packed = msgspec.json.encode(content, order="sorted")
        version = hashlib.sha256(packed).hexdigest()[:16]
        current = LicenseKind.objects.filter(ref=ref, is_current=True)
        if current.filter(version=version).exists():
            continue
        current.update(is_current=False)
        _, is_new = LicenseKind.objects.update_or_create(
            ref=ref,
            version=version,
            defaults={"is_current": True},
            create_defaults={
                "title": content.title,
                "content": msgspec.to_builtins(content),
                "installed_at": at,
            },
        )
        new += is_new
    return new


@transaction.atomic
def issue(
    *,
    kind: str,
    holder: str,
    fields: Mapping[str, Any],
    officer: identity.Officer,
    at: datetime,
    case: str = "",
) -> LicenseView:
    """颁发: sign and store one licence; with ``case``, one per kind and case at most."""
    version = LicenseKind.objects.filter(ref=kind, is_current=True).first()
    if version is None:
        raise LicenseKindUnknown(f"没有证照类型 {kind}。", hint="先安装场景包。", kind=kind)
    content = kind_content(version)
    identity.require(officer, "credentials.issue", organ=content.organ)
    _require_fields(content, fields)
    number, until = _next_number(content.number_prefix, at), _valid_until(content.valid, at)
    text = record.canonical(
        kind=kind,
        title=content.title,
        organ=content.organ,
        number=number,
        holder=holder,
        fields=fields,
        issued_at=at,
        valid_until=until,
        basis=content.basis,
    )
    row = _signed(text, number, version, content)
    row.holder, row.case, row.valid_until = holder, case, until
    row.issued_at, row.issued_by = at, officer.username
    row.save()
    _write_down(row, "issued", officer, at=at)
    return license_view(row, at=at)


@transaction.atomic
def suspend(*, number: str, reason: str, officer: identity.Officer, at: datetime) -> LicenseView:
    """暂停: stop a licence from this instant; it can be resumed."""
    return _change(number, "suspended", "suspended", reason, officer, at)


@transaction.atomic
def resume(*, number: str, reason: str, officer: identity.Officer, at: datetime) -> LicenseView:
    """恢复: let a suspended licence be valid again."""
    return _change(number, "valid", "resumed", reason, officer, at)


@transaction.atomic
def revoke(*, number: str, reason: str, officer: identity.Officer, at: datetime) -> LicenseView:
    """撤销: end a licence from this instant, for good."""
    return _change(number, "revoked", "revoked", reason, officer, at)


@transaction.atomic
def verify(
    token_or_number: str,
    *,
    verifier: identity.Actor | str = PUBLIC,
    at: datetime,
    purpose: str = "",
) -> Verification:
    """核验: whether a licence holds now. With a token, also what it says, masked.

    By number alone only kind and state are told. Each verification is shown to the holder.
    """
    text = token_or_number.strip()
    row, is_token = _presented(text)
    found = verification(row, at=at, with_fields=is_token)
    _write_down(row, "verified", verifier, at=at, result=found.state, reason=purpose)
    return found


def _presented(text: str) -> tuple[License, bool]:
    """The licence that a token or number names; a token's signature is checked first."""
    if "." not in text:
        return find_license(ids.check_number(text)), False
    read = record.read_token(text)
    row = License.objects.select_related("kind").filter(number=read.number).first()
    message = record.token_message(read.number, row.digest if row else "")
    if row is None or not keys.is_signed(row.key, message, read.signature):
        raise record.TokenAltered(
            "二维码签名不符：不是本机构颁发，或内容已被改动。",
            hint="请勿据此办理；让持有人重新出示，或改用证照编号核验。",
        )
    return row, True


def _signed(text: str, number: str, version: LicenseKind, content: KindContent) -> License:
    digest, key = record.digest(text), keys.key_of(content.organ)
    return License(
        number=number,
        kind=version,
        organ=content.organ,
        record=text,
        digest=digest,
        signature=keys.sign(key, text.encode()).hex(),
        token_signature=keys.sign(key, record.token_message(number, digest)),
        key=key,
    )


def _require_fields(content: KindContent, fields: Mapping[str, Any]) -> None:
    missing = [
        field.title
        for name, field in content.fields.items()
        if field.required and fields.get(name) in (None, "")
    ]
    unknown = sorted(set(fields) - set(content.fields))
    if missing or unknown:
        parts = [f"缺少{'、'.join(missing)}"] if missing else []
        parts += [f"多出{'、'.join(unknown)}"] if unknown else []
        raise FieldsIncomplete(
            f"{content.title}不能颁发：{'；'.join(parts)}。", hint="补齐必填内容后再颁发。"
        )


def _next_number(prefix: str, at: datetime) -> str:
    day = local_date(at)
    series, _ = LicenseSeries.objects.select_for_update().get_or_create(prefix=prefix, day=day)
    series.last += 1
    series.save(update_fields=["last"])
    return ids.number(prefix=prefix, day=day, sequence=series.last)


def _valid_until(valid: str, at: datetime) -> date | None:
    """The last valid day: a licence's validity is counted in calendar days, off days and all."""
    if not valid:
        return None
    return local_date(at) + timedelta(days=Limit.parse(valid).amount)


def _change(
    number: str, to: str, act: str, reason: str, officer: identity.Officer, at: datetime
) -> LicenseView:
    row = find_license(number, License.objects.select_for_update(of=("self",)))
    identity.require(officer, "credentials.issue", organ=row.organ)
    if not reason.strip():
        raise Invalid("变更证照状态需要写明理由。", hint="填写理由后再提交。")
    admitted = {
        License.State.SUSPENDED: {License.State.VALID},
        License.State.VALID: {License.State.SUSPENDED},
        License.State.REVOKED: {License.State.VALID, License.State.SUSPENDED},
    }[License.State(to)]
    if row.state not in admitted:
        raise LicenseStopped(
            f"{number} 当前为“{row.get_state_display()}”，不能这样变更。",
            hint="撤销后的证照不能恢复，需要重新颁发。",
            number=number,
            state=row.state,
        )
    row.state, row.state_reason = to, reason.strip()[:500]
    row.save(update_fields=["state", "state_reason"])
    _write_down(row, act, officer, at=at, reason=reason)
    return license_view(row, at=at)


def _write_down(
    row: License,
    act: str,
    actor: identity.Actor | str,
    *,
    at: datetime,
    result: str = "",
    reason: str = "",
) -> None:
    who, name = _named(actor)
    LicenseUse.objects.create(
        license=row,
        at=at,
        act=act,
        actor=who,
        actor_name=name,
        result=result,
        reason=reason.strip()[:500],
    )
    journal.record(
        f"license.{act}",
        subject=row.holder,
        actor=who,
        at=at,
        purpose=reason,
        case=row.case,
        facts={"number": row.number, "digest": row.digest},
    )


def _named(actor: identity.Actor | str) -> tuple[str, str]:
    if isinstance(actor, str):
        return actor, "公开核验" if actor == PUBLIC else actor
    if isinstance(actor, identity.Applicant):
        return actor.subject, actor.name
    titles = {one.id: one.title for one in identity.organs()}
    return actor.username, f"{actor.name}（{titles.get(actor.organ, actor.organ)}）"
