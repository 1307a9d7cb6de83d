"""Numbers that a person writes: what cannot be compared, added up or rounded is no number."""

from decimal import Decimal, InvalidOperation

LARGEST = Decimal(10**15)
PLACES = 12
"""Digits after the point that are kept."""


def number_in(text: str) -> Decimal:
    """The number that a text says; ``ValueError`` for none, NaN, infinity and what is beyond use.

    >>> number_in(" 60.00 ")
    Decimal('60.00')
    """
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        raise ValueError(text) from None
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or not -PLACES <= exponent <= PLACES:
        raise ValueError(text)
    if abs(number) >= LARGEST:
        raise ValueError(text)
    return number
