"""Cycles: when something that repeats is due, in the place's local time.

A cycle is written as people say it::

    every 5m            every 30s · every 2h: counted from midnight
    daily 02:30         workday 08:30 (working days only)
    weekly 1 03:00      1 is Monday
    monthly 5 04:00     monthly -1 04:00 (the last day) · monthly 3wd 04:00 (the third working day)
    quarterly 1 05:00   yearly 01-15 05:00

A day that a month does not have is its last day. Working days come from the calendar; a year that
nobody has announced is not guessed.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from yiwang.kernel.clock import CHINA
from yiwang.kernel.errors import Invalid
from yiwang.kernel.workdays import Calendar

_EVERY = re.compile(r"every (\d{1,4})([smh])")
_AT = re.compile(
    r"(?P<kind>daily|workday|weekly|monthly|quarterly|yearly)"
    r"(?: (?P<day>-?\d{1,2}(?:wd)?|\d{2}-\d{2}))? (?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
)
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_UNITS = {"s": "秒", "m": "分钟", "h": "小时"}
_WEEKDAYS = "一二三四五六日"
_DAY_RANGES = {"weekly": range(1, 8), "monthly": range(-1, 32), "quarterly": range(-1, 93)}
_REACH = {"daily": 2, "workday": 15, "weekly": 8, "monthly": 62, "quarterly": 184, "yearly": 731}
"""Days within which a due day certainly lies."""


class CycleUnreadable(Invalid):
    """The text is no cycle."""

    code = "kernel.cycle_unreadable"


@dataclass(frozen=True)
class Cycle:
    """周期: due every ``seconds``, or at ``clock`` on the days that ``kind`` and ``day`` name."""

    text: str
    kind: str
    seconds: int = 0
    day: str = ""
    clock: time = time(0)

    @property
    def title(self) -> str:
        """As it reads in a page: ``每月第3个工作日 04:00``."""
        if self.kind == "every":
            amount, unit = re.findall(r"\d+|[smh]$", self.text)
            return f"每 {amount} {_UNITS[unit]}"
        at = f"{self.clock:%H:%M}"
        match self.kind:
            case "daily":
                return f"每天 {at}"
            case "workday":
                return f"每个工作日 {at}"
            case "weekly":
                return f"每周{_WEEKDAYS[int(self.day) - 1]} {at}"
            case "yearly":
                month, day = self.day.split("-")
                return f"每年{int(month)}月{int(day)}日 {at}"
        period = "每月" if self.kind == "monthly" else "每季"
        if self.day == "-1":
            return f"{period}最后一天 {at}"
        if self.day.endswith("wd"):
            return f"{period}第{self.day[:-2]}个工作日 {at}"
        day = f"{self.day}日" if self.kind == "monthly" else f"第{self.day}天"
        return f"{period}{day} {at}"

    def last(self, at: datetime, calendar: Calendar) -> datetime | None:
        """The latest due instant up to and including ``at``; None if there is none in reach."""
        local = at.astimezone(CHINA)
        if self.kind == "every":
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
            passed = int((local - midnight).total_seconds()) // self.seconds * self.seconds
            return midnight + timedelta(seconds=passed)
        for day in self._days(local.date(), -1):
            due = datetime.combine(day, self.clock, CHINA)
            if due <= at and self._is_due_on(day, calendar):
                return due
        return None

    def next(self, after: datetime, calendar: Calendar) -> datetime | None:
        """The first due instant after ``after``; None if there is none in reach."""
        local = after.astimezone(CHINA)
        if self.kind == "every":
            midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
            passed = int((local - midnight).total_seconds()) // self.seconds + 1
            due = midnight + timedelta(seconds=passed * self.seconds)
            return min(due, midnight + timedelta(days=1))
        for day in self._days(local.date(), 1):
            due = datetime.combine(day, self.clock, CHINA)
            if due > after and self._is_due_on(day, calendar):
                return due
        return None

    def _days(self, start: date, step: int) -> Iterator[date]:
        return (start + timedelta(days=step * n) for n in range(_REACH[self.kind] + 1))

    def _is_due_on(self, day: date, calendar: Calendar) -> bool:
        return _DUE[self.kind](self, day, calendar)


def read_cycle(text: str) -> Cycle:
    """The cycle that ``text`` says, or ``CycleUnreadable``."""
    text = " ".join(text.split())
    if found := _EVERY.fullmatch(text):
        seconds = int(found[1]) * _SECONDS[found[2]]
        if 0 < seconds <= 86400:
            return Cycle(text, "every", seconds=seconds)
    elif found := _AT.fullmatch(text):
        day = found["day"] or ""
        if _is_possible(found["kind"], day):
            clock = time(int(found["hour"]), int(found["minute"]))
            return Cycle(text, found["kind"], day=day, clock=clock)
    raise CycleUnreadable(
        f"“{text}”不是周期。",
        hint="写成 every 5m、daily 02:30、workday 08:30、weekly 1 03:00、monthly 5 04:00、"
        "monthly 3wd 04:00、quarterly 1 05:00 或 yearly 01-15 05:00。",
        cycle=text,
    )


def cycle_of_duration(duration: str, *, clock: str = "02:00") -> Cycle | None:
    """The cycle that loads as often as an ISO 8601 duration says; None for one of no fixed time.

    ``P1D`` is daily, ``P7D`` and ``P1W`` weekly on Monday, ``P1M`` on the first, ``P3M``
    quarterly, ``P1Y`` on the first of January; ``PT5M`` every five minutes.
    """
    if found := re.fullmatch(r"PT(\d{1,4})([HMS])", duration):
        return read_cycle(f"every {found[1]}{found[2].lower()}")
    words = {
        "P1D": "daily", "P7D": "weekly 1", "P1W": "weekly 1", "P1M": "monthly 1",
        "P3M": "quarterly 1", "P1Y": "yearly 01-01",
    }  # fmt: skip
    return read_cycle(f"{words[duration]} {clock}") if duration in words else None


def days_of_duration(duration: str) -> int | None:
    """The days after which what renews itself so often is old; None for any other text.

    ``PT…`` and real time (``PT0S``) are one day, a month is its longest, 31, a year 366.
    """
    if duration.startswith("PT"):
        return 1
    found = re.fullmatch(r"P(\d{1,4})([DWMY])", duration)
    return int(found[1]) * _MOST_DAYS[found[2]] if found else None


_MOST_DAYS = {"D": 1, "W": 7, "M": 31, "Y": 366}


def _is_possible(kind: str, day: str) -> bool:
    if kind in ("daily", "workday"):
        return day == ""
    if kind == "yearly":
        try:
            return bool(date.fromisoformat(f"2024-{day}"))
        except ValueError:
            return False
    if kind == "monthly" and day.endswith("wd"):
        return 1 <= int(day[:-2]) <= 23
    return day.lstrip("-").isdigit() and int(day) in _DAY_RANGES[kind] and int(day) != 0


def _first_of_quarter(day: date) -> date:
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def _first_of_next(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def _is_day_of_month(cycle: Cycle, day: date, calendar: Calendar) -> bool:
    first = day.replace(day=1)
    if cycle.day.endswith("wd"):
        return day == calendar.add(first - timedelta(days=1), int(cycle.day[:-2]))
    length = (_first_of_next(first, 1) - first).days
    wanted = int(cycle.day)
    return day.day == (length if wanted < 0 else min(wanted, length))


def _is_day_of_quarter(cycle: Cycle, day: date, calendar: Calendar) -> bool:
    first = _first_of_quarter(day)
    length = (_first_of_next(first, 3) - first).days
    wanted = int(cycle.day)
    return (day - first).days + 1 == (length if wanted < 0 else min(wanted, length))


def _is_day_of_year(cycle: Cycle, day: date, calendar: Calendar) -> bool:
    month, wanted = (int(part) for part in cycle.day.split("-"))
    last = (_first_of_next(date(day.year, month, 1), 1) - timedelta(days=1)).day
    return day == date(day.year, month, min(wanted, last))


_DUE: dict[str, Callable[[Cycle, date, Calendar], bool]] = {
    "daily": lambda cycle, day, calendar: True,
    "workday": lambda cycle, day, calendar: calendar.is_working_day(day),
    "weekly": lambda cycle, day, calendar: day.isoweekday() == int(cycle.day),
    "monthly": _is_day_of_month,
    "quarterly": _is_day_of_quarter,
    "yearly": _is_day_of_year,
}
