"""Values as the language knows them, and what each type admits.

Numbers have 18 digits: an integer lies within ±(10¹⁸−1), a decimal within ±(10¹²−10⁻⁶) with six
digits behind the point. A result outside is unknown, on every back end.
"""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from yiwang.rules.tree import Scalar, Type

PLACES = 6
SCALE = 10**PLACES
LIMIT = 10**18
"""Integers, and decimals counted in millionths, lie strictly between -LIMIT and LIMIT."""

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_UNIT = Decimal(1).scaleb(-PLACES)


def read_value(value: object, kind: Type) -> Scalar:
    """``value`` as a value of the type, or None when it is missing or not such a value."""
    if value is None:
        return None
    reader = _READERS.get(kind)
    return reader(value) if reader else None


def scaled(value: Decimal) -> int:
    """A decimal counted in millionths."""
    return int(_EXACT.multiply(value, Decimal(SCALE)).to_integral_value(ROUND_HALF_UP))


def unscaled(millionths: int) -> Decimal | None:
    """The decimal of so many millionths, None when out of range."""
    if not -LIMIT < millionths < LIMIT:
        return None
    return _EXACT.multiply(Decimal(millionths), _UNIT)


def whole(value: int) -> int | None:
    """The integer, None when out of range."""
    return value if -LIMIT < value < LIMIT else None


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    if value.isascii():
        return value if "\0" not in value else None
    try:
        value.encode()
    except UnicodeEncodeError:
        return None
    return value if "\0" not in value else None


def _integer(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return whole(value)
    if isinstance(value, str | Decimal):
        number = _decimal_of(value)
        if number is None or number != number.to_integral_value():
            return None
        return whole(int(number))
    return None


def _decimal(value: object) -> Decimal | None:
    if isinstance(value, bool):
        return None
    number = _decimal_of(value) if isinstance(value, int | float | str | Decimal) else None
    if number is None or abs(number) >= LIMIT:
        return None
    return unscaled(scaled(number))


def _decimal_of(value: int | float | str | Decimal) -> Decimal | None:
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _boolean(value: object) -> bool | None:
    if isinstance(value, bool):
        return value
    return bool(value) if isinstance(value, int) and value in (0, 1) else None


def _date(value: object) -> date | None:
    if isinstance(value, datetime):
        return None
    if isinstance(value, date):
        return value
    if isinstance(value, str) and len(value) == 10:
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return None


def _instant(value: object) -> datetime | None:
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, datetime) and value.tzinfo is not None else None


_READERS = {
    "text": _text,
    "integer": _integer,
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "instant": _instant,
}
