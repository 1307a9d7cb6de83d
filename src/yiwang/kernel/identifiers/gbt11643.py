"""公民身份号码 (GB 11643): form, check digit, birth date and sex of a person's number.

A valid number is a string of 18 characters, never a numeral: as a float it loses its last digits.
The division prefix is not judged here, since history is noisy: ask ``kernel.divisions``.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Literal

from yiwang.kernel.errors import Invalid
from yiwang.kernel.ids import check_character

Sex = Literal["1", "2"]
"""GB/T 2261.1: 1 男, 2 女."""

OLDEST = 130
"""Full years above which a living person's birth date is more likely wrong than true."""

_EIGHTEEN = re.compile(r"[0-9]{17}[0-9X]")
_FIFTEEN = re.compile(r"[0-9]{15}")
_CENTENARIANS = ("996", "997", "998", "999")


class IdNumberMistyped(Invalid):
    """Not a citizen's number: its form, birth date or check digit is wrong."""

    code = "kernel.id_number_mistyped"


@dataclass(frozen=True)
class IdNumber:
    """公民身份号码: a number that passed its own checks, with what it says.

    ``prefix`` is the division code at the time the number was given (see
    ``kernel.divisions.division_at``). ``over_130`` flags an age beyond ``OLDEST`` as of the day
    of the check: a doubt to look into, no refusal.
    """

    text: str
    birth_on: date
    sex: Sex
    prefix: str
    over_130: bool = False


def check(text: str, *, as_of: date | None = None) -> IdNumber:
    """The number in ``text``, normalized (no spaces, upper-case X), or ``IdNumberMistyped``.

    With ``as_of`` a birth date after that day is refused and ``over_130`` is decided.
    """
    cleaned = normalize(text)
    if not _EIGHTEEN.fullmatch(cleaned):
        raise _mistyped("应为 18 位：前 17 位数字，末位数字或 X", "form")
    birth_on = _birth_date(cleaned[6:14])
    if birth_on is None:
        raise _mistyped("第 7 至 14 位不是真实日期", "birth_date")
    if as_of is not None and birth_on > as_of:
        raise _mistyped("出生日期在将来", "future")
    if check_digit(cleaned[:17]) != cleaned[17]:
        raise _mistyped("末位校验码与前 17 位不符", "check_digit")
    sex: Sex = "1" if int(cleaned[16]) % 2 else "2"
    over = as_of is not None and _full_years(birth_on, as_of) > OLDEST
    return IdNumber(cleaned, birth_on, sex, cleaned[:6], over)


def is_valid(text: str) -> bool:
    """Whether ``check(text)`` would accept it."""
    cleaned = normalize(text)
    return (
        _EIGHTEEN.fullmatch(cleaned) is not None
        and check_digit(cleaned[:17]) == cleaned[17]
        and _birth_date(cleaned[6:14]) is not None
    )


def normalize(text: str) -> str:
    """Without white space, ``x`` as ``X``; nothing else is repaired."""
    return "".join(text.split()).replace("x", "X")


def check_digit(first17: str) -> str:
    """The 18th character of 17 digits: ISO 7064 MOD 11-2."""
    return check_character(first17)


def upgrade15(text: str) -> str:
    """The 18-character form of a first-generation number of 15 digits.

    The century is 19, except for the sequence numbers 996 to 999, which were kept for persons
    born before 1900.
    """
    cleaned = normalize(text)
    if not _FIFTEEN.fullmatch(cleaned):
        raise _mistyped("一代号码应为 15 位数字", "form")
    century = "18" if cleaned[12:] in _CENTENARIANS else "19"
    first17 = cleaned[:6] + century + cleaned[6:]
    if _birth_date(first17[6:14]) is None:
        raise _mistyped("第 7 至 12 位不是真实日期", "birth_date")
    return first17 + check_digit(first17)


def _birth_date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _full_years(birth: date, on: date) -> int:
    return on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))


def _mistyped(why: str, failed: str) -> IdNumberMistyped:
    # The number itself is personal and stays out of the error.
    return IdNumberMistyped(
        f"公民身份号码有误：{why}。",
        hint="请对照身份证逐位核对；15 位旧号码先升为 18 位。",
        failed=failed,
    )
