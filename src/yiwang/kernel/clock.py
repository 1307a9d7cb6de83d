"""Time as an argument: who needs the time is given a clock, tests give a fixed one."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")

Clock = Callable[[], datetime]
"""Returns the present instant, timezone-aware."""


def system_clock() -> datetime:
    """The machine's present instant, aware, in UTC."""
    return datetime.now(UTC)


def fixed_clock(at: datetime) -> Clock:
    """A clock that stands still at ``at`` (aware)."""
    if at.tzinfo is None:
        raise ValueError("a clock needs an aware datetime")
    return lambda: at


def local_date(at: datetime) -> date:
    """The calendar day in China of an aware instant: legal days are counted in local time."""
    return at.astimezone(CHINA).date()
