"""Time limits as packs write them: ``5wd`` working days, ``3d`` days, ``2h`` hours, ``15m``."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, Self, cast

from yiwang.kernel.clock import CHINA, local_date
from yiwang.kernel.errors import Invalid
from yiwang.kernel.workdays import Calendar

Unit = Literal["wd", "d", "h", "m"]
_FORM = re.compile(r"([1-9][0-9]{0,4})(wd|d|h|m)")
_WORDS = {"wd": "个工作日", "d": "天", "h": "小时", "m": "分钟"}


class LimitMistyped(Invalid):
    """A time limit is not a number with one of the units wd, d, h, m."""

    code = "kernel.limit_mistyped"


@dataclass(frozen=True)
class Limit:
    """办理时限: an amount and a unit."""

    amount: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Self:
        """``5wd``, ``3d``, ``2h`` or ``15m``; anything else is ``LimitMistyped``."""
        match = _FORM.fullmatch(text)
        if not match:
            raise LimitMistyped(
                f"时限“{text}”写法不对。",
                hint="写成 5wd（工作日）、3d（自然日）、2h（小时）或 15m（分钟）。",
                text=text,
            )
        return cls(int(match[1]), cast(Unit, match[2]))

    def due(self, at: datetime, calendar: Calendar) -> datetime:
        """The last instant (China time) within the limit that begins at ``at`` (aware).

        Days are counted from the day after ``at`` and end at 24:00, written 23:59:59; a limit in
        natural days whose last day is a day off ends on the next working day (Civil Code,
        articles 201 to 203). Hours and minutes run through nights and days off.
        """
        match self.unit:
            case "wd":
                return _end_of(calendar.add(local_date(at), self.amount))
            case "d":
                last = local_date(at) + timedelta(days=self.amount)
                return _end_of(calendar.add(last, 0))
            case "h":
                return at.astimezone(CHINA) + timedelta(hours=self.amount)
            case "m":
                return at.astimezone(CHINA) + timedelta(minutes=self.amount)

    def __str__(self) -> str:
        return f"{self.amount}{self.unit}"

    @property
    def words(self) -> str:
        """In Chinese: ``5个工作日``."""
        return f"{self.amount}{_WORDS[self.unit]}"


def _end_of(day: date) -> datetime:
    return datetime.combine(day, time(23, 59, 59), tzinfo=CHINA)
