"""A grant's end, and the keys that open it."""

import secrets
from datetime import datetime

from django.db import transaction
from django.db.models import F

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.actions.notes import note
from yiwang.apps.exchange.holding import digest_of
from yiwang.apps.exchange.models import Grant, Key, Notice
from yiwang.apps.exchange.queries.grants import GrantView, grant_row, grant_view, is_special
from yiwang.apps.exchange.signatures import kind_of
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import Conflict, Invalid


class ReasonMissing(Invalid):
    """A grant is withdrawn without saying why."""

    code = "exchange.reason_missing"


class GrantNotInForce(Conflict):
    """The grant is withdrawn or over."""

    code = "exchange.grant_not_in_force"


class KeyRegistered(Conflict):
    """The public key stands behind this grant already."""

    code = "exchange.key_registered"


class GrantIsSpecial(Conflict):
    """The grant is one officer's for one case: no standing key, no push, no renewal."""

    code = "exchange.grant_is_special"


@transaction.atomic
def withdraw_grant(
    number: str, *, reason: str, officer: identity.Officer, at: datetime
) -> GrantView:
    """撤回授权: the provider ends a grant; the next call is refused."""
    grant = grant_row(number, lock=True)
    identity.require(officer, "exchange.decide", organ=grant.provider)
    require_in_force(grant, at)
    ReasonMissing.unless((bool(reason.strip()), "reason", "撤回授权应当说明理由。"), number=number)
    grant.withdrawn_at, grant.withdrawn_by, grant.withdrawn_reason = at, officer.username, reason
    grant.version += 1
    grant.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason", "version"])
    Notice.objects.create(
        organ=grant.organ,
        kind=Notice.Kind.WITHDRAWAL,
        table=grant.table,
        reference=number,
        text=f"“{catalog.dataset(grant.table).title}”的授权 {number} 已由提供机构撤回，"
        f"此后的调用会被拒绝。理由：{reason.strip()}"[:500],
        at=at,
    )
    note("exchange.grant_withdrawn", grant, officer.username, at)
    return grant_view(grant)


def require_in_force(grant: Grant, at: datetime) -> None:
    """Raise ``GrantNotInForce`` for a grant that is withdrawn or over."""
    if grant.withdrawn_at is not None or at >= grant.active_until:
        state = "已被撤回" if grant.withdrawn_at else "已到期"
        raise GrantNotInForce(
            f"授权 {grant.number} {state}。", hint="请另提数据需求。", number=grant.number
        )


def require_ordinary(grant: Grant) -> None:
    """Raise ``GrantIsSpecial`` for a grant that only its holder uses, look-up by look-up."""
    if is_special(grant):
        raise GrantIsSpecial(
            f"授权 {grant.number} 属于特别授权，只供申请人本人在特别授权页逐次查询，"
            "不签发密钥，不推送，也不续期。",
            hint="系统需要长期使用数据的，请另提数据需求。",
            number=grant.number,
        )


@transaction.atomic
def issue_key(number: str, *, officer: identity.Officer, at: datetime) -> str:
    """签发密钥: a new secret of the using organ; returned once, kept as a digest only."""
    grant = grant_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=grant.organ)
    require_in_force(grant, at)
    require_ordinary(grant)
    secret = f"yw_{secrets.token_urlsafe(32)}"
    Key.objects.create(
        grant=grant,
        digest=digest_of(secret),
        shown=secret[:9],
        issued_by=officer.username,
        issued_at=at,
    )
    note("exchange.key_issued", grant, officer.username, at)
    return secret


@transaction.atomic
def register_key(number: str, *, public: str, officer: identity.Officer, at: datetime) -> str:
    """登记公钥: whose private half signs requests and never leaves the using organ.

    Returns the key's id, which each signature names.
    """
    grant = grant_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=grant.organ)
    require_in_force(grant, at)
    require_ordinary(grant)
    kind = kind_of(public)
    pem = f"{public.strip()}\n"
    keyid = digest_of(f"{number}|{pem}")
    if Key.objects.filter(digest=keyid).exists():
        raise KeyRegistered("这把公钥已为本授权登记过。", hint="如需更换，请生成新的密钥对。")
    Key.objects.create(
        grant=grant,
        digest=keyid,
        shown=keyid[:9],
        kind=kind,
        public=pem,
        issued_by=officer.username,
        issued_at=at,
    )
    note("exchange.key_registered", grant, officer.username, at)
    return keyid


@transaction.atomic
def revoke_key(number: str, *, shown: str, officer: identity.Officer, at: datetime) -> None:
    """停用密钥: by the organ that uses it or the one that provides."""
    grant = grant_row(number, lock=True)
    if not identity.may(officer, "exchange.decide", organ=grant.provider):
        identity.require(officer, "exchange.demand", organ=grant.organ)
    changed = Key.objects.filter(grant=grant, shown=shown, revoked_at=None).update(
        revoked_at=at, revoked_by=officer.username
    )
    if not changed:
        raise GrantNotInForce(f"授权 {number} 没有在用的密钥 {shown}…。", hint="请刷新页面。")
    Grant.objects.filter(pk=grant.pk).update(version=F("version") + 1)
    note("exchange.key_revoked", grant, officer.username, at)


def new_key(grant: Grant, *, by: str, at: datetime) -> str:
    """A key that the platform uses itself, for one look-up; the caller stops it afterwards."""
    secret = f"yw_{secrets.token_urlsafe(32)}"
    Key.objects.create(
        grant=grant, digest=digest_of(secret), shown=secret[:9], issued_by=by, issued_at=at
    )
    return secret


def stop_key(grant: Grant, secret: str, *, by: str, at: datetime) -> None:
    """Stop a key of ``new_key``."""
    Key.objects.filter(grant=grant, digest=digest_of(secret)).update(revoked_at=at, revoked_by=by)
