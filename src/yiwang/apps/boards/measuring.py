"""From counts to a value: a rate needs a denominator, a count does not. No Django here."""

import re
from dataclasses import dataclass
from decimal import Decimal

_TARGET = re.compile(r"value\s*(>=|<=|>|<|=)\s*([0-9]+(?:\.[0-9]+)?)")
_SIGNS = {">=": "≥", "<=": "≤", ">": ">", "<": "<", "=": "="}
PLACES = Decimal("0.000001")
HUNDRED_MILLION = Decimal(10**8)
SUMMED = ("days", "hours", "yuan")
"""Units of which the numerator adds up the column ``value`` instead of counting rows."""


@dataclass(frozen=True)
class Counts:
    """Numerator, denominator (None for a plain count), what is left out: rows or sums."""

    numerator: Decimal
    denominator: Decimal | None
    excluded: Decimal = Decimal(0)


def value_of(counts: Counts) -> Decimal | None:
    """The value, to six places; None where nothing is left to divide by: 无可比对象, not zero."""
    if counts.denominator is None:
        return counts.numerator
    counted = counts.denominator - counts.excluded
    if counted <= 0:
        return None
    return (counts.numerator / counted).quantize(PLACES)


def shown(value: Decimal | None, *, unit: str) -> str:
    """The value as a person reads it."""
    if value is None:
        return "无可比对象"
    if unit == "percent":
        return f"{value * 100:.1f}%"
    if unit == "count":
        return f"{value:,.0f}"
    if unit == "yuan" and abs(value) >= HUNDRED_MILLION:
        return f"{value / HUNDRED_MILLION:,.2f} 亿元"
    if unit == "yuan":
        return f"{value:,.2f}".removesuffix(".00") + " 元"
    return f"{value:,.1f} " + {"days": "天", "hours": "小时"}[unit]


def target_shown(target: str, *, unit: str) -> str:
    """A target as a person reads it: ``value >= 0.95`` of a share is ``≥ 95.0%``.

    A target of another form than one comparison is shown as it is written.
    """
    match = _TARGET.fullmatch(target.strip())
    if not match:
        return target
    return f"{_SIGNS[match[1]]} {shown(Decimal(match[2]), unit=unit)}"


def plain(amount: Decimal) -> Decimal:
    """The amount without trailing zeros: 66.000000 is 66, and 66.50 is 66.5."""
    whole = amount.to_integral_value()
    return whole if amount == whole else amount.normalize()


def grouped(sql: str, *, by: str, sums: bool) -> str:
    """The query that counts the rows of ``sql``, or adds up their ``value``, by a column."""
    inner = sql.strip().rstrip(";")
    what = "COALESCE(SUM(counted.value), 0)" if sums else "COUNT(*)"
    return (
        f"SELECT counted.{by} AS name, {what} AS n FROM ({inner}) AS counted GROUP BY counted.{by}"
    )


def counting(sql: str, *, sums: bool) -> str:
    """The query that counts the rows of ``sql``, or adds up their ``value``."""
    inner = sql.strip().rstrip(";")
    if sums:
        return f"SELECT COALESCE(SUM(counted.value), 0) AS n FROM ({inner}) AS counted"
    return f"SELECT COUNT(*) AS n FROM ({inner}) AS counted"
