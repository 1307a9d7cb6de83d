"""What each function means, in plain Python: the closure calls these, constants fold through them.

The SQL back ends say the same; the spec tables hold all of them to it. Arguments are never None.
"""

from collections.abc import Callable
from datetime import date, timedelta, timezone
from decimal import Decimal

from yiwang.kernel.ids import check_character
from yiwang.rules.ages import age
from yiwang.rules.tree import Scalar
from yiwang.rules.values import LIMIT, PLACES, SCALE, scaled, unscaled, whole

TRIMMED = " \u3000\t\r\n"
USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
ORGANIZATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
MONTHS_MOST = 120_000
DAYS_MOST = 4_000_000
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_EAST_8 = timezone(timedelta(hours=8))
_DIGITS = frozenset("0123456789")


def _add(a: Decimal | int, b: Decimal | int) -> Scalar:
    if isinstance(a, int) and isinstance(b, int):
        return whole(a + b)
    return unscaled(scaled(Decimal(a)) + scaled(Decimal(b)))


def _subtract(a: Decimal | int, b: Decimal | int) -> Scalar:
    return _add(a, -b)


def _multiply(a: Decimal | int, b: Decimal | int) -> Scalar:
    if isinstance(a, int) and isinstance(b, int):
        return whole(a * b)
    return unscaled(_rounded(scaled(Decimal(a)) * scaled(Decimal(b)), SCALE))


def _divide(a: Decimal | int, b: Decimal | int) -> Scalar:
    numerator, divisor = scaled(Decimal(a)), scaled(Decimal(b))
    if isinstance(a, int) and isinstance(b, int):
        numerator, divisor = a, b
    return unscaled(_rounded(numerator * SCALE, divisor)) if divisor else None


def _rounded(numerator: int, divisor: int) -> int:
    """The quotient rounded half away from zero."""
    size = (2 * abs(numerator) + abs(divisor)) // (2 * abs(divisor))
    return size if (numerator < 0) == (divisor < 0) else -size


def _quotient(a: int, b: int) -> int | None:
    if not b:
        return None
    size = abs(a) // abs(b)
    return size if (a < 0) == (b < 0) else -size


def _remainder(a: int, b: int) -> int | None:
    quotient = _quotient(a, b)
    return None if quotient is None else a - b * quotient


def _round(a: Decimal | int, places: int = 0) -> Scalar:
    unit = 10 ** (PLACES - places)
    return unscaled(_rounded(scaled(Decimal(a)), unit) * unit)


def _substr(text: str, start: int, length: int | None = None) -> str:
    return text[start - 1 : None if length is None else start - 1 + length]


def _replace(text: str, old: str, new: str) -> str:
    return text.replace(old, new) if old else text


def _is_digits(text: str) -> bool:
    return bool(text) and _DIGITS.issuperset(text)


def _is_id_number(text: str) -> bool:
    return birth_in_id(text) is not None


def birth_in_id(text: str) -> date | None:
    """The birth date in a valid citizen's number."""
    if len(text) != 18 or not _DIGITS.issuperset(text[:17]):
        return None
    if check_character(text[:17]) != text[17]:
        return None
    try:
        return date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None


def _sex_of_id(text: str) -> str | None:
    if birth_in_id(text) is None:
        return None
    return "1" if int(text[16]) % 2 else "2"


def _is_uscc(text: str) -> bool:
    if len(text) != 18 or any(character not in USCC_ALPHABET for character in text):
        return False
    if not _is_digits(text[2:8]):
        return False
    total = sum(USCC_ALPHABET.index(text[i]) * pow(3, i, 31) for i in range(17))
    organization = sum(int(text[8 + i], 36) * ORGANIZATION_WEIGHTS[i] for i in range(8))
    return USCC_ALPHABET[-total % 31] == text[17] and "0123456789X"[-organization % 11] == text[16]


def _is_phone(text: str) -> bool:
    if text[:1] == "1":
        return len(text) == 11 and _is_digits(text) and text[1] in "3456789"
    digits = text.replace("-", "")
    return text[:1] == "0" and 10 <= len(digits) <= 12 and _is_digits(digits)


def _is_bank_card(text: str) -> bool:
    if not 13 <= len(text) <= 19 or not _is_digits(text):
        return False
    total = 0
    for place, character in enumerate(reversed(text)):
        digit = int(character) * (1 + place % 2)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0


def _add_days(day: date, days: int) -> date | None:
    if abs(days) > DAYS_MOST:
        return None
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return None


def _add_months(day: date, months: int) -> date | None:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        return None
    return date(year, month + 1, min(day.day, _last_day(year, month + 1)))


def _last_day(year: int, month: int) -> int:
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month in (4, 6, 9, 11) else 31


MEANING: dict[str, Callable[..., Scalar]] = {
    "add": _add,
    "subtract": _subtract,
    "multiply": _multiply,
    "divide": _divide,
    "quotient": _quotient,
    "remainder": _remainder,
    "negative": lambda a: -a,
    "abs": abs,
    "round": _round,
    "least": min,
    "greatest": max,
    "concat": lambda a, b: a + b,
    "length": len,
    "substr": _substr,
    "upper": lambda text: text.translate(_UPPER),
    "lower": lambda text: text.translate(_LOWER),
    "trim": lambda text: text.strip(TRIMMED),
    "replace": _replace,
    "starts_with": lambda text, part: text.startswith(part),
    "ends_with": lambda text, part: text.endswith(part),
    "contains": lambda text, part: part in text,
    "is_digits": _is_digits,
    "is_id_number": _is_id_number,
    "birth_of_id": birth_in_id,
    "sex_of_id": _sex_of_id,
    "is_uscc": _is_uscc,
    "is_phone": _is_phone,
    "is_bank_card": _is_bank_card,
    "age_on_birthday": lambda birth, on: age(birth, on, after=False),
    "age_after_birthday": lambda birth, on: age(birth, on, after=True),
    "days_between": lambda start, end: (end - start).days,
    "add_days": _add_days,
    "add_months": _add_months,
    "date_of": lambda at: at.astimezone(_EAST_8).date(),
    "year_of": lambda day: day.year,
    "month_of": lambda day: day.month,
    "day_of": lambda day: day.day,
}


def widened(value: int) -> Decimal | None:
    """An integer as a decimal, None when out of range."""
    return unscaled(value * SCALE) if -LIMIT < value < LIMIT else None
