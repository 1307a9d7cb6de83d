"""Personal and enterprise codes: made by the holder, read once by the verifier they were made for.

A code lasts a minute or so. It is bound to its purpose and its verifier by what is signed and by
what is stored: shown to another, for another purpose, late or twice, it says nothing. A refused
attempt is put on record before it is refused, and the holder sees it.
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from django.db import transaction

from yiwang.apps.credentials import keys, record
from yiwang.apps.credentials.actions.uses import named, write_down
from yiwang.apps.credentials.models import License, ShownCode
from yiwang.apps.credentials.queries import Verification, verification
from yiwang.apps.credentials.showing import CodeView, code_view, purposes_for
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed
from yiwang.kernel.identifiers import uscc
from yiwang.kernel.limits import Limit
from yiwang.kernel.masking import mask_id_number, mask_name
from yiwang.packkit.kinds.citizens import Code


class PurposeUnknown(Invalid):
    """No code is made for this purpose by this kind of holder."""

    code = "credentials.purpose_unknown"


class VerifierUnknown(Invalid):
    """The verifier is no organ of the place, or no valid credit code."""

    code = "credentials.verifier_unknown"


class CodeExpired(Conflict):
    """The code's time is over."""

    code = "credentials.code_expired"


class CodeReplayed(Conflict):
    """The code was read before; it is good once."""

    code = "credentials.code_replayed"


class CodeForAnother(NotAllowed):
    """The code was made for another verifier or purpose."""

    code = "credentials.code_for_another"


@dataclass(frozen=True)
class Assertion:
    """What one reading of a code tells its verifier, and nothing more."""

    purpose: str
    purpose_title: str
    holder_kind: str
    shown: Mapping[str, str]
    """Title to value, masked where the purpose says so."""
    licenses: tuple[Verification, ...]
    read_at: datetime
    subject: str
    """The holder's number, for a verifier whose purpose shows it in clear; else empty."""
    name: str


@transaction.atomic
def make_code(*, purpose: str, verifier: str, actor: identity.Applicant, at: datetime) -> CodeView:
    """亮码: make a code for one purpose and verifier; an earlier one of the holder's ends."""
    content = purposes_for(actor).get(purpose)
    if content is None:
        raise PurposeUnknown("没有这种用途的码。", hint="请从列表中选择用途。", purpose=purpose)
    who = _verifier(content, verifier)
    ShownCode.objects.filter(holder=actor.subject, used_at=None, expires_at__gt=at).update(
        expires_at=at
    )
    row = ShownCode(
        id=secrets.token_urlsafe(16),
        purpose=purpose,
        content=msgspec.to_builtins(content),
        holder=actor.subject,
        holder_kind=actor.kind,
        holder_name=actor.name,
        verifier=who,
        made_at=at,
        expires_at=at + timedelta(minutes=Limit.parse(content.lasts).amount),
    )
    row.save(force_insert=True)
    signature = keys.sign(keys.code_key(), record.code_message(*_signed_facts(row)))
    facts = {"purpose": purpose, "verifier": who}
    journal.record("code.made", subject=row.holder, actor=row.holder, at=at, facts=facts)
    return code_view(row, token=record.code_token(row.id, signature), at=at)


def read_code(text: str, *, purpose: str, verifier: identity.Actor, at: datetime) -> Assertion:
    """扫码: read a code once, as the verifier and for the purpose it was made for."""
    if isinstance(verifier, identity.Officer):
        identity.require(verifier, "credentials.scan")
    row = _presented(text)
    refusal = _refusal(row, purpose, verifier, at)
    if refusal is None:
        with transaction.atomic():
            assertion = _read(row, verifier, at)
            if assertion is not None:
                return assertion
        refusal = _replayed()
    _record(row, "code.refused", verifier, at, reason=refusal.code)
    raise refusal


def _presented(text: str) -> ShownCode:
    """The code a token names, whose signature holds; the link's address may stand before it."""
    read = record.read_code_token(text.strip().rstrip("/").rpartition("/")[2])
    row = ShownCode.objects.filter(pk=read.number).first()
    if row is None or not keys.is_signed(
        keys.code_key(), record.code_message(*_signed_facts(row)), read.signature
    ):
        raise record.TokenAltered(
            "不是本平台的码，或内容已被改动。", hint="请让持码人在手机上重新亮码。"
        )
    return row


def _refusal(
    row: ShownCode, purpose: str, verifier: identity.Actor, at: datetime
) -> Conflict | NotAllowed | None:
    who = verifier.organ if isinstance(verifier, identity.Officer) else verifier.subject
    if who != row.verifier or purpose != row.purpose:
        return CodeForAnother(
            "这个码不是为本机构或本用途出示的，没有读取任何信息。",
            hint="请让持码人选择本机构和本次用途，重新亮码。",
        )
    if row.used_at is not None:
        return _replayed()
    if at >= row.expires_at or at < row.made_at:
        return CodeExpired("这个码已过有效时间。", hint="请让持码人重新亮码；不要使用截图。")
    return None


def _replayed() -> CodeReplayed:
    return CodeReplayed("这个码已经用过一次，不能再用。", hint="请让持码人重新亮码；不要使用截图。")


def _read(row: ShownCode, verifier: identity.Actor, at: datetime) -> Assertion | None:
    """The assertion, for the first reader only; None for whoever came second."""
    who, name = named(verifier)
    fresh = ShownCode.objects.filter(pk=row.pk, used_at=None, expires_at__gt=at)
    if not fresh.update(used_at=at, used_by=who, used_by_name=name):
        return None
    content = msgspec.convert(row.content, Code)
    found = []
    for license_ in _licenses(row, content):
        told = verification(license_, at=at, with_fields=True)
        write_down(license_, "shown", verifier, at=at, result=told.state, reason=content.title)
        found.append(told)
    _record(row, "code.read", verifier, at, reason=content.title)
    return Assertion(
        purpose=row.purpose,
        purpose_title=content.title,
        holder_kind=row.holder_kind,
        shown=_shown(row, content),
        licenses=tuple(found),
        read_at=at,
        subject=row.holder if "number" in content.shows else "",
        name=row.holder_name if "name" in content.shows else "",
    )


def _licenses(row: ShownCode, content: Code) -> list[License]:
    """The newest licence of each kind that the purpose tells of."""
    found = []
    for kind in content.licenses:
        own = License.objects.select_related("kind").filter(holder=row.holder, kind__ref=kind)
        if newest := own.exclude(state=License.State.REPLACED).order_by("-issued_at").first():
            found.append(newest)
    return found


def _shown(row: ShownCode, content: Code) -> dict[str, str]:
    is_person = row.holder_kind == "person"
    name, number = ("姓名", "公民身份号码") if is_person else ("企业名称", "统一社会信用代码")
    values = {
        "name": (name, row.holder_name),
        "masked_name": (name, mask_name(row.holder_name) if is_person else row.holder_name),
        "number": (number, row.holder),
        "masked_number": (number, mask_id_number(row.holder) if is_person else row.holder),
    }
    return dict(values[one] for one in content.shows)


def _record(
    row: ShownCode, event: str, verifier: identity.Actor, at: datetime, *, reason: str
) -> None:
    who, _ = named(verifier)
    facts = {"code": row.pk[:8], "purpose": row.purpose}
    journal.record(event, subject=row.holder, actor=who, at=at, purpose=reason, facts=facts)
    if event == "code.refused":
        row.refused.create(at=at, actor_name=named(verifier)[1], reason=reason)


def _verifier(content: Code, verifier: str) -> str:
    if content.verifier == "firm":
        text = verifier.strip().upper()
        if uscc.is_valid(text):
            return text
        raise VerifierUnknown(
            "核验企业的统一社会信用代码不正确。", hint="请向对方核对，代码印在营业执照上。"
        )
    if verifier not in {one.id for one in identity.organs()}:
        raise VerifierUnknown("没有这个机构。", hint="请从列表中选择。")
    return verifier


def _signed_facts(row: ShownCode) -> tuple[str, str, str, str, str]:
    return row.pk, row.purpose, row.holder, row.verifier, str(int(row.made_at.timestamp()))
