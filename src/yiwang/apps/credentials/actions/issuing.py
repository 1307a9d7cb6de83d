"""Issue licences: one at a counter or by rule, or thousands in one transaction."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from yiwang.apps.credentials import keys, record
from yiwang.apps.credentials.actions.uses import named, write_down
from yiwang.apps.credentials.models import License, LicenseKind, LicenseSeries, LicenseUse
from yiwang.apps.credentials.queries import (
    LicenseKindUnknown,
    LicenseView,
    kind_content,
    license_view,
)
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel import ids
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Invalid
from yiwang.kernel.identifiers import gbt11643, uscc
from yiwang.kernel.limits import Limit
from yiwang.packkit.kinds.work import License as KindContent

Issuer = identity.Officer | str
"""An officer of the issuing organ, or a part of the platform that a rule let decide."""


class FieldsIncomplete(Invalid):
    """A field that the kind requires is missing, or one is given that it does not have."""

    code = "credentials.fields_incomplete"


class HolderMismatched(Invalid):
    """The holder's number is not one of a person, or of a firm, as the kind asks."""

    code = "credentials.holder_mismatched"


@dataclass(frozen=True, kw_only=True)
class NewLicense:
    """A licence to be issued."""

    holder: str
    fields: Mapping[str, Any] = field(default_factory=dict)
    case: str = ""


@transaction.atomic
def issue(
    *,
    kind: str,
    holder: str,
    fields: Mapping[str, Any],
    officer: Issuer,
    at: datetime,
    case: str = "",
) -> LicenseView:
    """颁发: sign and store one licence; with ``case``, one per kind and case at most."""
    version, content = kind_for(kind, officer)
    (row,) = unsaved(
        version, content, [NewLicense(holder=holder, fields=fields, case=case)], officer, at
    )
    row.save()
    write_down(row, "issued", officer, at=at)
    return license_view(row, at=at)


@transaction.atomic
def issue_many(
    *, kind: str, licenses: Iterable[NewLicense], officer: Issuer, at: datetime
) -> list[str]:
    """批量颁发: sign and store many licences of a kind at once; returns their numbers in order."""
    version, content = kind_for(kind, officer)
    rows = License.objects.bulk_create(unsaved(version, content, list(licenses), officer, at))
    who, name = named(officer)
    LicenseUse.objects.bulk_create(
        [LicenseUse(license=row, at=at, act="issued", actor=who, actor_name=name) for row in rows]
    )
    journal.record_all(
        [
            journal.Entry(
                event="license.issued",
                subject=row.holder,
                actor=who,
                at=at,
                case=row.case,
                facts={"number": row.number, "digest": row.digest},
            )
            for row in rows
        ]
    )
    return [row.number for row in rows]


def kind_for(kind: str, officer: Issuer) -> tuple[LicenseKind, KindContent]:
    """The kind in force, for who may issue it."""
    version = LicenseKind.objects.filter(ref=kind, is_current=True).first()
    if version is None:
        raise LicenseKindUnknown(f"没有证照类型 {kind}。", hint="先安装场景包。", kind=kind)
    content = kind_content(version)
    if not isinstance(officer, str):
        identity.require(officer, "credentials.issue", organ=content.organ)
    return version, content


def unsaved(
    version: LicenseKind,
    content: KindContent,
    wanted: Sequence[NewLicense],
    officer: Issuer,
    at: datetime,
) -> list[License]:
    """Signed rows, not stored yet; the first that may not be issued refuses them all."""
    for one in wanted:
        _require_fields(content, one.fields)
        _require_holder(content, one.holder)
    numbers, until = _next_numbers(content.number_prefix, at, len(wanted)), None
    if content.valid:
        until = _valid_until(content.valid, at)
    key, rows = keys.key_of(content.organ), []
    for number, one in zip(numbers, wanted, strict=True):
        text = record.canonical(
            kind=version.ref,
            title=content.title,
            organ=content.organ,
            number=number,
            holder=one.holder,
            fields=one.fields,
            issued_at=at,
            valid_until=until,
            basis=content.basis,
        )
        row = _signed(text, number, key)
        row.kind, row.organ, row.holder, row.case = version, content.organ, one.holder, one.case
        row.issued_at, row.issued_by, row.valid_until = at, named(officer)[0], until
        rows.append(row)
    return rows


def _signed(text: str, number: str, key: str) -> License:
    digest = record.digest(text)
    return License(
        number=number,
        record=text,
        digest=digest,
        signature=keys.sign(key, text.encode()).hex(),
        token_signature=keys.sign(key, record.token_message(number, digest)),
        key=key,
    )


def _require_fields(content: KindContent, fields: Mapping[str, Any]) -> None:
    missing = [
        one.title
        for name, one in content.fields.items()
        if one.required and fields.get(name) in (None, "")
    ]
    unknown = sorted(set(fields) - set(content.fields))
    if missing or unknown:
        parts = [f"缺少{'、'.join(missing)}"] if missing else []
        parts += [f"多出{'、'.join(unknown)}"] if unknown else []
        raise FieldsIncomplete(
            f"{content.title}不能颁发：{'；'.join(parts)}。", hint="补齐必填内容后再颁发。"
        )


def _require_holder(content: KindContent, holder: str) -> None:
    is_right = (gbt11643 if content.holder == "person" else uscc).is_valid(holder)
    if not is_right:
        wanted = "公民身份号码" if content.holder == "person" else "统一社会信用代码"
        raise HolderMismatched(
            f"{content.title}的持有人要用有效的{wanted}登记。", hint="请逐位核对持有人号码。"
        )


def _next_numbers(prefix: str, at: datetime, count: int) -> list[str]:
    day = local_date(at)
    series, _ = LicenseSeries.objects.select_for_update().get_or_create(prefix=prefix, day=day)
    first, series.last = series.last + 1, series.last + count
    series.save(update_fields=["last"])
    return [ids.number(prefix=prefix, day=day, sequence=n) for n in range(first, series.last + 1)]


def _valid_until(valid: str, at: datetime) -> date:
    """The last valid day: a licence's validity is counted in calendar days, off days and all."""
    return local_date(at) + timedelta(days=Limit.parse(valid).amount)
