"""How values read in a page: days, moments, amounts. Filters of the templates."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from django.utils.timesince import timesince
from django.utils.timezone import localtime
from django.utils.translation import gettext

NOTHING = "—"
SIGNS = {">=": "≥", "<=": "≤", "<>": "≠", "!=": "≠"}
_NAME = re.compile(r"[a-z_][a-z0-9_]*")
LIMIT_UNITS = {"wd": "个工作日", "d": "天", "wh": "个工作时", "h": "小时", "m": "分钟"}


def day(value: date | datetime | None) -> str:
    """``2026年11月22日``."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = localtime(value).date()
    return f"{value.year}年{value.month}月{value.day}日"


def moment(value: datetime | None) -> str:
    """``2026-11-22 15:04``, local time."""
    return NOTHING if value is None else localtime(value).strftime("%Y-%m-%d %H:%M")


def since(value: datetime | None) -> str:
    """How long ago, in words."""
    return NOTHING if value is None else timesince(value, datetime.now(UTC), depth=1)


def count(value: int | float | Decimal | None) -> str:
    """``12,345``."""
    return NOTHING if value is None else f"{value:,}"


def percent(value: float | Decimal | None, digits: int = 1) -> str:
    """``0.953`` as ``95.3%``."""
    return NOTHING if value is None else f"{value * 100:.{digits}f}%"


def yuan(value: int | Decimal | None) -> str:
    """``1,234.50 元``."""
    return NOTHING if value is None else f"{value:,.2f} 元"


def shown(value: object) -> str:
    """A value of a table whose kind only the table knows: a number, a day, yes or no, a text."""
    match value:
        case bool():
            return gettext("是") if value else gettext("否")
        case datetime():
            return moment(value)
        case Decimal():
            return f"{value:,.2f}" if value == round(value, 2) else f"{value.normalize():,f}"
        case int():
            return f"{value:,}"
        case date():
            return day(value)
        case _:
            return NOTHING if value is None else str(value)


def limit(text: str) -> str:
    """A pack's limit as people say it: ``5wd`` is ``5 个工作日``."""
    for suffix, unit in LIMIT_UNITS.items():
        if text.endswith(suffix) and text.removesuffix(suffix).isdigit():
            return f"{text.removesuffix(suffix)} {unit}"
    return text or NOTHING


def in_words(expression: str, names: Mapping[str, object]) -> str:
    """An expression for people: ``late >= late_times`` with its columns and values by name."""
    words = {"and": "且", "or": "或", "not": "非", **names}
    for sign, said in SIGNS.items():
        expression = expression.replace(sign, said)
    return _NAME.sub(lambda found: str(words.get(found[0], found[0])), expression)


FILTERS = {
    "day": day,
    "moment": moment,
    "since": since,
    "count_of": count,
    "percent": percent,
    "yuan": yuan,
    "limit": limit,
    "shown": shown,
    "in_words": in_words,
}
