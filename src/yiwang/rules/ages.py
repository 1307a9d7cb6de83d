"""周岁: full years under both conventions, and age tests as literal bounds on the birth date.

The two conventions differ by one day, and a text must say which one it means:

- ``on_birthday``: the age is reached on the birthday itself (usual for benefits);
- ``after_birthday``: it is reached on the day after (法释〔2006〕1 号第二条：从周岁生日的第二天
  起算).

Born on 29 February: in a common year the corresponding day is missing and the last day of the
month takes its place (《民法典》第二百零二条), so the birthday is 28 February.
"""

from datetime import date, timedelta

_DAY = timedelta(days=1)


def age(birth: date, on: date, *, after: bool) -> int | None:
    """Full years on a day; None (unknown) when born later."""
    if birth > on:
        return None
    if after:
        if birth == on:
            return 0
        on -= _DAY
    return (reckoned(on) - plain(birth)) // 10000


def birth_bound(years: int, on: date, *, after: bool) -> date | None:
    """The last birth date of those who are at least ``years`` old on a day.

    None when nobody can be: the bound would lie before the year 1.
    """
    if years <= 0:
        return on
    if on.year - years < 1:
        return None
    if after:
        on -= _DAY
        if on.year - years < 1:
            return None
    year = on.year - years
    if is_end_of_february(on):
        return date(year, 3, 1) - _DAY
    return on.replace(year=year)


def plain(day: date) -> int:
    """The day as a number, yyyymmdd."""
    return day.year * 10000 + day.month * 100 + day.day


def reckoned(on: date) -> int:
    """The day as a number, with the end of February in a common year counted as the 29th."""
    return plain(on) + (1 if (on.month, on.day) == (2, 28) and is_end_of_february(on) else 0)


def is_end_of_february(day: date) -> bool:
    """Whether it is the last day of a February."""
    return day.month == 2 and (day + _DAY).month == 3
