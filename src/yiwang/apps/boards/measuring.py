"""From counts to a value: a rate needs a denominator, a count does not. No Django here."""

from dataclasses import dataclass
from decimal import Decimal

PLACES = Decimal("0.000001")
SUMMED = ("days", "hours", "yuan")
"""Units of which the numerator adds up the column ``value`` instead of counting rows."""


@dataclass(frozen=True)
class Counts:
    """Numerator (rows, or a sum), denominator (None for a plain count), and what is left out."""

    numerator: Decimal
    denominator: int | None
    excluded: int


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
    return f"{value:,.1f}{ {'days': ' 天', 'hours': ' 小时', 'yuan': ' 元'}[unit] }"


def counting(sql: str, *, unit: str) -> str:
    """The query that counts the rows of ``sql``, or adds up their ``value``."""
    inner = sql.strip().rstrip(";")
    if unit in SUMMED:
        return f"SELECT COALESCE(SUM(counted.value), 0) AS n FROM ({inner}) AS counted"
    return f"SELECT COUNT(*) AS n FROM ({inner}) AS counted"
