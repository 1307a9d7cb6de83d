"""Accounts: made, stopped, unlocked; passwords and one-time codes."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction

from yiwang.apps.identity import passwords, totp
from yiwang.apps.identity.access import require
from yiwang.apps.identity.actions.organs import hold_post
from yiwang.apps.identity.actor import Actor, Officer
from yiwang.apps.identity.models import Account, FormerPassword, LiveSession
from yiwang.apps.identity.queries import AccountUnknown, AccountView
from yiwang.apps.identity.queries import account as account_view
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid


class AccountExists(Conflict):
    """An account with this name, or for this subject, exists already."""

    code = "identity.account_exists"


class AccountIncomplete(Invalid):
    """What was given does not make an account of this kind."""

    code = "identity.account_incomplete"


class PasswordWrong(Invalid):
    """The present password was not given correctly."""

    code = "identity.password_wrong"


class CodeWrong(Invalid):
    """The one-time code is not right now, or was used already."""

    code = "identity.code_wrong"


class OwnAccountStopped(Conflict):
    """An administrator would lock themselves out."""

    code = "identity.own_account_stopped"


class TotpInUse(Conflict):
    """One-time codes are in use already."""

    code = "identity.totp_in_use"


class PasswordJustChanged(Conflict):
    """The password was changed by another request at the same time."""

    code = "identity.password_just_changed"


class TotpNotBegun(Conflict):
    """No enrolment of one-time codes has been begun."""

    code = "identity.totp_not_begun"


def create_account(
    *,
    username: str,
    name: str,
    password: str | passwords.HashedPassword,
    at: datetime,
    kind: str = "officer",
    subject: str = "",
    organ: str = "",
    posts: Sequence[str] = (),
    divisions: Sequence[str] = (),
    duty: str = "",
    password_at: datetime | None = None,
    by: Officer | None = None,
) -> AccountView:
    """建立账户. ``by`` is the system administrator; None is the installation itself.

    An officer gets ``posts`` of ``organ`` over ``divisions`` (empty: the organ's own); a citizen
    (``person``) or firm a ``subject``: id number or uscc. ``password_at``: when it was made.
    """
    _demand_right(by, posts)
    subject = subject.upper()
    _demand_complete(kind, subject, organ, posts, duty)
    passwords.demand_good(password, username=username, name=name, at=at)
    row = Account(
        username=username,
        kind=kind,
        name=name,
        subject=subject,
        duty=duty,
        password=passwords.digest(password),  # slow on purpose, so outside the transaction
        password_set_at=password_at or at,
        created_at=at,
        created_by=by.username if by else "system",
    )
    with transaction.atomic():
        _save_new(row, at)
        for post in posts:
            hold_post(row, organ, post, divisions=divisions, at=at, by=row.created_by)
    return account_view(username, at=at)


def _demand_right(by: Officer | None, posts: Sequence[str]) -> None:
    if by is not None:
        require(by, "identity.account.manage")
        if posts:
            require(by, "identity.post.assign")


@transaction.atomic
def stop_account(*, username: str, officer: Officer, at: datetime) -> None:
    """停用账户: it cannot sign in any more, and its sessions end now."""
    require(officer, "identity.account.manage")
    if username == officer.username:
        raise OwnAccountStopped("不能停用自己的账户。", hint="请另一位系统管理员办理。")
    row = _locked(username)
    row.is_active = False
    row.save(update_fields=["is_active"])
    LiveSession.objects.filter(account=row).delete()
    journal.record("identity.account_stopped", subject=username, actor=officer.username, at=at)


@transaction.atomic
def unlock_account(*, username: str, officer: Officer, at: datetime) -> None:
    """解锁: end a lock-out before its time (security administration)."""
    require(officer, "identity.account.unlock")
    row = _locked(username)
    row.failures, row.locked_until = 0, None
    row.save(update_fields=["failures", "locked_until"])
    journal.record("identity.account_unlocked", subject=username, actor=officer.username, at=at)


def change_password(*, actor: Actor, old: str, new: str, at: datetime) -> None:
    """Change one's own password; all other sessions of the account end."""
    row = Account.objects.get(username=actor.username)
    if not passwords.fits(old, row):
        raise PasswordWrong("原口令不对。", hint="请重新输入；忘记口令请找系统管理员。")
    passwords.demand_good(new, username=row.username, name=row.name, at=at)
    passwords.demand_fresh(row, new, at=at)
    former, fresh = row.password, passwords.digest(new)
    with transaction.atomic():  # digests are slow on purpose, so they are made before
        changed = Account.objects.filter(username=row.username, password=former).update(
            password=fresh, password_set_at=at
        )
        if not changed:
            raise PasswordJustChanged("口令刚被别处更改。", hint="请用新口令重新登录。")
        FormerPassword.objects.create(account=row, password=former, replaced_at=at)
        LiveSession.objects.filter(account=row).delete()
        name = row.username
        journal.record("identity.password_changed", subject=name, actor=name, at=at)


@transaction.atomic
def begin_totp(*, actor: Actor) -> None:
    """Begin to enrol one-time codes; ``totp_address`` is then what the QR code says.

    Codes are demanded only after ``confirm_totp``, so a lost QR code locks nobody out.
    """
    row = _locked(actor.username)
    if row.totp_since is not None:
        raise TotpInUse("动态口令已启用。", hint="如需更换手机，请先停用再重新绑定。")
    secret = totp.new_secret()
    row.totp_secret = totp.encrypted(secret, username=row.username)
    row.save(update_fields=["totp_secret"])


def totp_address(actor: Actor) -> str:
    """The otpauth:// address of an enrolment begun and not yet confirmed, else empty."""
    row = Account.objects.get(username=actor.username)
    if row.totp_secret is None or row.totp_since is not None:
        return ""
    secret = totp.decrypted(bytes(row.totp_secret), username=row.username)
    return totp.address(secret, username=row.username, issuer=f"一网 {settings.PLACE}")


@transaction.atomic
def confirm_totp(*, actor: Actor, code: str, at: datetime) -> None:
    """Enrol one-time codes by showing that the app gives the right one."""
    row = _locked(actor.username)
    if row.totp_secret is None or row.totp_since is not None:
        raise TotpNotBegun("没有待确认的动态口令绑定。", hint="请先扫描二维码。")
    demand_code(row, code, at=at)
    row.totp_since = at
    row.save(update_fields=["totp_since", "totp_step"])
    journal.record("identity.totp_enrolled", subject=row.username, actor=row.username, at=at)


@transaction.atomic
def end_totp(*, actor: Actor, password: str, code: str, at: datetime) -> None:
    """Stop using one-time codes; needs the password and a last code."""
    row = _locked(actor.username)
    if row.totp_since is None:
        raise TotpNotBegun("动态口令没有启用。", hint="无需停用。")
    if not passwords.fits(password, row):
        raise PasswordWrong("口令不对。", hint="请重新输入。")
    demand_code(row, code, at=at)
    row.totp_secret, row.totp_since = None, None
    row.save(update_fields=["totp_secret", "totp_since", "totp_step"])
    journal.record("identity.totp_ended", subject=row.username, actor=row.username, at=at)


def demand_code(row: Account, code: str, *, at: datetime) -> None:
    """Use up ``code`` if it is right now; the caller saves ``totp_step``."""
    secret = totp.decrypted(bytes(row.totp_secret or b""), username=row.username)
    step = totp.step_of(secret, code, at=at, after=row.totp_step)
    if step is None:
        raise CodeWrong("动态口令不对，或已用过。", hint="请等下一个动态口令；并校准手机时间。")
    row.totp_step = step


def _save_new(row: Account, at: datetime) -> None:
    taken = Account.objects.filter(username=row.username)
    if row.subject:
        taken = taken | Account.objects.filter(subject=row.subject)
    if taken.exists():
        raise AccountExists("已有同名账户，或此主体已有账户。", hint="请换一个账户名，或找回账户。")
    row.save(force_insert=True)
    facts: dict[str, str | int] = {"kind": row.kind, "duty": row.duty}
    journal.record(
        "identity.account_created", subject=row.username, actor=row.created_by, at=at, facts=facts
    )


def _demand_complete(kind: str, subject: str, organ: str, posts: Sequence[str], duty: str) -> None:
    if kind not in Account.Kind.values:
        raise AccountIncomplete(f"没有“{kind}”类账户。", hint="可用：officer、person、firm。")
    if (kind == "officer") == bool(subject):
        raise AccountIncomplete(
            "申请人账户须有主体号码，工作人员账户不得有。", hint="请核对账户类别。"
        )
    if kind != "officer" and (organ or posts or duty):
        raise AccountIncomplete("申请人账户不能任职。", hint="请另建工作人员账户。")
    if posts and not organ:
        raise AccountIncomplete("任职须指明机构。", hint="请补充机构。")


def _locked(username: str) -> Account:
    found = Account.objects.select_for_update().filter(username=username).first()
    if found is None:
        raise AccountUnknown("没有这个账户。", hint="请核对账户名。")
    return found
