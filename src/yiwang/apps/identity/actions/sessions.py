"""Sessions: signing in and out, and who is behind a request.

A session lives in Django's session store; beside it stands one row of ``LiveSession`` whose loss
ends it: that is how limits, stopping an account and changing a password act at once.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Protocol

from django.contrib.sessions.models import Session as WebSession
from django.db import transaction
from django.db.models import Q

from yiwang.apps.identity import passwords
from yiwang.apps.identity.actions.accounts import CodeWrong, demand_code
from yiwang.apps.identity.actor import Actor, Officer
from yiwang.apps.identity.limits import limit
from yiwang.apps.identity.models import Account, LiveSession
from yiwang.apps.identity.queries import actor_from, holdings_of
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import NotAllowed

_KEY = "identity_session"
PASSWORD_IS_DUE = "identity_password_is_due"  # noqa: S105 - a mark in the session
_SEEN_EVERY = timedelta(seconds=60)


class SignInRefused(NotAllowed):
    """Name and password do not go together (which of the two is not said)."""

    code = "identity.sign_in_refused"


class AccountLockedOut(NotAllowed):
    """Too many failures in a row; the account is locked for a while."""

    code = "identity.account_locked_out"
    status = 429


class CodeNeeded(NotAllowed):
    """Name and password are right; a one-time code is needed as well."""

    code = "identity.code_needed"


class OrganNotHeld(NotAllowed):
    """The officer holds no post in this organ."""

    code = "identity.organ_not_held"


class Session(Protocol):
    """What is needed of Django's session."""

    def __setitem__(self, key: str, value: str) -> None: ...

    def get(self, key: str) -> str | None:
        """A value."""

    def cycle_key(self) -> None:
        """A new key for the same content."""

    def flush(self) -> None:
        """Forget everything."""


def sign_in(
    *, session: Session, username: str, password: str, code: str = "", at: datetime
) -> Actor:
    """登录: check name, password and code, and bind the session to the account.

    Failures count against the account and lock it for a while; every outcome is journalled.
    """
    refusal: NotAllowed | None = None
    known = Account.objects.filter(username=username, is_active=True).first()
    is_right = passwords.fits(password, known)  # slow on purpose, so outside the transaction
    with transaction.atomic():
        row = Account.objects.select_for_update().filter(username=username, is_active=True).first()
        try:
            _demand_unlocked(row, at)
            _demand_credentials(row, is_right, code, at)
        except NotAllowed as error:  # raised after the failure has been committed
            refusal = error
            _count(row, error, at)
    if refusal is not None:
        raise refusal
    assert row is not None
    return _begin(session, row, at)


def sign_out(*, session: Session, at: datetime) -> None:
    """退出: end the session here and now."""
    live = _live(session)
    if live is not None:
        name = live.account.username
        live.delete()
        journal.record("identity.signed_out", subject=name, actor=name, at=at)
    session.flush()


def actor_of(session: Session, *, at: datetime, is_use: bool = True) -> Actor | None:
    """Who is signed in with this session, or None; ends it when it is over its limits.

    Without ``is_use`` nobody is taken to sit there: the session idles on.
    """
    live = _live(session)
    if live is None:
        return None
    day = local_date(at)
    idle = timedelta(minutes=limit("idle_minutes", on=day))
    whole = timedelta(hours=limit("session_hours", on=day))
    if not live.account.is_active or at - live.seen_at > idle or at - live.began_at > whole:
        live.delete()
        session.flush()
        return None
    if is_use and at - live.seen_at > _SEEN_EVERY:
        LiveSession.objects.filter(key=live.key).update(seen_at=at)
    return actor_from(live.account, organ=live.organ, assurance=live.assurance, at=at)


@transaction.atomic
def clear_sessions(at: datetime) -> int:
    """Remove sessions that are over their limits, and those of the web that expired."""
    day = local_date(at)
    idle = timedelta(minutes=limit("idle_minutes", on=day))
    whole = timedelta(hours=limit("session_hours", on=day))
    over = Q(seen_at__lt=at - idle) | Q(began_at__lt=at - whole)
    count, _ = LiveSession.objects.filter(over).delete()
    WebSession.objects.filter(expire_date__lt=at).delete()
    return count


def act_in(*, session: Session, organ: str, at: datetime) -> Actor:
    """Go on in another organ where the officer holds a post."""
    live = _live(session)
    if live is None:
        raise SignInRefused("尚未登录。", hint="请先登录。")
    if organ not in {held.post.organ_id for held in holdings_of(live.account, at=at)}:
        raise OrganNotHeld("您在此机构没有任职。", hint="请选择您任职的机构。")
    LiveSession.objects.filter(key=live.key).update(organ=organ)
    return actor_from(live.account, organ=organ, assurance=live.assurance, at=at)


def _demand_unlocked(row: Account | None, at: datetime) -> None:
    if row is not None and row.locked_until is not None and at < row.locked_until:
        minutes = int((row.locked_until - at).total_seconds() // 60) + 1
        raise AccountLockedOut(
            f"连续多次失败，账户已锁定，约 {minutes} 分钟后可再试。",
            hint="忘记口令请找系统管理员；急用可请安全管理员解锁。",
        )


def _demand_credentials(row: Account | None, is_right: bool, code: str, at: datetime) -> None:
    if row is None or not is_right:
        raise SignInRefused("账户名或口令不对。", hint="请核对后重试；连续失败会锁定账户。")
    if row.totp_since is None:
        return
    if not code:
        raise CodeNeeded("请输入动态口令。", hint="打开手机上的动态口令应用查看六位数字。")
    try:
        demand_code(row, code, at=at)
    except CodeWrong as error:
        raise SignInRefused(error.message, hint=error.hint) from error


def _count(row: Account | None, error: NotAllowed, at: datetime) -> None:
    """Count a failure and lock when there are too many; a locked account counts no further."""
    if isinstance(error, CodeNeeded):
        return
    name = row.username if row else ""
    facts: dict[str, str | int] = {"code": error.code}
    journal.record("identity.sign_in_refused", subject=name, actor="", at=at, facts=facts)
    if row is None or isinstance(error, AccountLockedOut):
        return
    day = local_date(at)
    row.failures += 1
    if row.failures >= limit("lock_after", on=day):
        row.failures = 0
        row.locked_until = at + timedelta(minutes=limit("lock_minutes", on=day))
        journal.record("identity.account_locked", subject=name, actor="system", at=at)
    row.save(update_fields=["failures", "locked_until"])


@transaction.atomic
def _begin(session: Session, row: Account, at: datetime) -> Actor:
    assurance = 1 if row.totp_since is None else 2
    row.failures, row.locked_until = 0, None
    row.save(update_fields=["failures", "locked_until", "totp_step"])
    session.cycle_key()
    secret = secrets.token_urlsafe(32)
    session[_KEY] = secret
    if passwords.is_due(row.password_set_at, at=at):
        session[PASSWORD_IS_DUE] = "1"
    actor = actor_from(row, organ="", assurance=assurance, at=at)
    LiveSession.objects.create(
        key=_digest(secret),
        account=row,
        organ=actor.organ if isinstance(actor, Officer) else "",
        assurance=assurance,
        began_at=at,
        seen_at=at,
    )
    allowed = limit("sessions_at_once", on=local_date(at))
    surplus = LiveSession.objects.filter(account=row).order_by("-began_at", "key")[allowed:]
    LiveSession.objects.filter(key__in=[live.key for live in surplus]).delete()
    facts: dict[str, str | int] = {"assurance": assurance}
    journal.record(
        "identity.signed_in", subject=row.username, actor=row.username, at=at, facts=facts
    )
    return actor


def _live(session: Session) -> LiveSession | None:
    secret = session.get(_KEY)
    if not secret:
        return None
    return LiveSession.objects.select_related("account").filter(key=_digest(secret)).first()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
