"""Time limits as packs write them.

``5wd`` working days, ``3d`` days, ``4wh`` working hours, ``2h`` hours around the clock, ``15m``.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, Self, cast

from yiwang.kernel.clock import CHINA, local_date
from yiwang.kernel.errors import Invalid
from yiwang.kernel.workdays import Calendar

Unit = Literal["wd", "d", "wh", "h", "m"]
_FORM = re.compile(r"([1-9][0-9]{0,4})(wd|d|wh|h|m)")
_WORDS = {"wd": "个工作日", "d": "天", "wh": "个工作时", "h": "小时", "m": "分钟"}


class LimitMistyped(Invalid):
    """A time limit is not a number with one of the units wd, d, wh, h, m."""

    code = "kernel.limit_mistyped"


@dataclass(frozen=True)
class Limit:
    """办理时限: an amount and a unit."""

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Self:
        """``5wd``, ``3d``, ``4wh``, ``2h`` or ``15m``; anything else is ``LimitMistyped``."""
        match = _FORM.fullmatch(text)
        if not match:
            raise LimitMistyped(
                f"时限“{text}”写法不对。",
                hint="写成 5wd（工作日）、3d（自然日）、2h（小时）、4wh（工作时）或 15m（分钟）。",
                text=text,
            )
        return cls(int(match[1]), cast(Unit, match[2]))

    def due(self, at: datetime, calendar: Calendar) -> datetime:
        """The last instant (China time) within the limit that begins at ``at`` (aware).

        Days are counted from the day after ``at`` and end at 24:00, written 23:59:59; a limit in
        natural days whose last day is a day off ends on the next working day (Civil Code,
        articles 201 to 203). Hours and minutes run through nights and days off; working hours
        only within the place's office hours on working days.
        """
        match self.unit:
            case "wd":
                return _end_of(calendar.add(local_date(at), self.amount))
            case "d":
                last = local_date(at) + timedelta(days=self.amount)
                return _end_of(calendar.add(last, 0))
            case "wh":
                return working_due(self.amount, at, calendar)
            case "h":
                return at.astimezone(CHINA) + timedelta(hours=self.amount)
            case "m":
                return at.astimezone(CHINA) + timedelta(minutes=self.amount)

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    @property
    def counts_days(self) -> bool:
        """Whether its end depends on which days are working days."""
        return self.unit in ("wd", "d", "wh")

    @property
    def words(self) -> str:
        """In Chinese: ``5个工作日``."""
        return f"{self.amount}{_WORDS[self.unit]}"


def working_due(
    hours: int,
    at: datetime,
    calendar: Calendar,
    stopped: Iterable[tuple[datetime, datetime]] = (),
) -> datetime:
    """When so many office hours have passed; the spans ``stopped`` do not count."""
    left, halts = timedelta(hours=hours), sorted(stopped)
    for begin, end in _office_spans(at.astimezone(CHINA), calendar):
        for since, until in _without(begin, end, halts):
            if until - since >= left:
                return since + left
            left -= until - since
    raise AssertionError("the calendar ends before the limit does")


def _office_spans(at: datetime, calendar: Calendar) -> Iterator[tuple[datetime, datetime]]:
    day = at.date()
    while True:
        for opens, closes in calendar.hours if calendar.is_working_day(day) else ():
            begin = max(at, datetime.combine(day, opens, tzinfo=CHINA))
            end = datetime.combine(day, closes, tzinfo=CHINA)
            if begin < end:
                yield begin, end
        day += timedelta(days=1)


def _without(
    begin: datetime, end: datetime, halts: Iterable[tuple[datetime, datetime]]
) -> Iterator[tuple[datetime, datetime]]:
    """The parts of a span outside the halts, in order."""
    for since, until in halts:
        if until <= begin or since >= end:
            continue
        if since > begin:
            yield begin, since
        begin = until
        if begin >= end:
            return
    yield begin, end


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), tzinfo=CHINA)
