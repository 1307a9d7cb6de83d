"""Passwords: what a good one is, and whether a given one is right."""

import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from yiwang.apps.identity.limits import limit
from yiwang.apps.identity.models import Account
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Invalid


class PasswordTooWeak(Invalid):
    """The password does not meet the policy in force."""

    code = "identity.password_too_weak"


def demand_good(
    password: "str | HashedPassword", *, username: str, name: str, at: datetime
) -> None:
    """Return if the password meets the policy of the day; else say everything that is wrong."""
    password = password if isinstance(password, str) else password.plain
    day = local_date(at)
    wrong = []
    if len(password) < (length := limit("password_length", on=day)):
        wrong.append(f"不足 {length} 个字符")
    if _classes(password) < (classes := limit("password_classes", on=day)):
        wrong.append(f"大写字母、小写字母、数字、符号中不足 {classes} 类")
    if username.casefold() in password.casefold() or (name and name in password):
        wrong.append("含有账户名或姓名")
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        wrong.append("是常见口令")
    if wrong:
        raise PasswordTooWeak(f"口令{'；'.join(wrong)}。", hint="请换一个更长、不易猜的口令。")


def demand_fresh(account: Account, password: str, *, at: datetime) -> None:
    """Return if the password is neither the present one nor one of the last few."""
    count = limit("password_history", on=local_date(at))
    former = account.former_passwords.order_by("-replaced_at")[: max(count - 1, 0)]
    digests = [account.password, *(row.password for row in former)] if count else []
    password = unicodedata.normalize("NFKC", password)
    if any(check_password(password, kept) for kept in digests):
        raise PasswordTooWeak(f"口令与最近 {count} 次用过的口令重复。", hint="请换一个新口令。")


def is_due(set_at: datetime, *, at: datetime) -> bool:
    """Whether a password of that day is older than the policy allows."""
    days = limit("password_days", on=local_date(at))
    return bool(days) and at - set_at > timedelta(days=days)


def digest(password: "str | HashedPassword") -> str:
    """The salted digest under which a password is kept, unless it was made before."""
    if isinstance(password, HashedPassword):
        return password.digest
    return make_password(unicodedata.normalize("NFKC", password))


@dataclass(frozen=True)
class HashedPassword:
    """A password and the digest of one account to come, with a salt of its own."""

    plain: str = field(repr=False)
    digest: str = field(repr=False)


def hashed(password: str) -> HashedPassword:
    """Hash a password before its account is made: slow on purpose, so many are hashed at once.

    Other threads run meanwhile. Each account needs one of its own.
    """
    return HashedPassword(password, digest(password))


def fits(password: str, account: Account | None) -> bool:
    """Whether the password is the account's; an unknown account takes as long to refuse."""
    password = unicodedata.normalize("NFKC", password)
    if account is None:
        make_password(password)
        return False
    return check_password(password, account.password)


def _classes(password: str) -> int:
    tests = (str.isupper, str.islower, str.isdigit, lambda sign: not sign.isalnum())
    return sum(any(test(sign) for sign in password) for test in tests)
