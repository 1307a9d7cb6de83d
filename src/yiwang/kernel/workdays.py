"""Working days from a dated, sourced table.

A year whose holidays nobody has announced yet counts by weekdays, provisionally: who counts asks
``Calendar.unannounced`` and says so, and counts again when the notice is entered.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import Literal, Self

from yiwang.kernel.errors import Invalid

Kind = Literal["holiday", "workday"]


class CalendarBroken(Invalid):
    """The calendar file has a row that cannot be read or that contradicts another."""

    code = "kernel.calendar_broken"


@dataclass(frozen=True)
class Calendar:
    """工作日历: which days count in a legal time limit.

    ``days`` holds only what the State Council's yearly notice moves: days off (``holiday``) and
    weekend days worked (``workday``). A year is announced if and only if it has a row.
    """

    days: Mapping[date, Kind]
    source: Path
    hours: tuple[tuple[time, time], ...] = ((time(8, 30), time(12)), (time(14), time(17, 30)))
    """The office hours of a working day."""
    years: frozenset[int] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "years", frozenset(day.year for day in self.days))

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a register with the columns ``day, kind, name, source`` (dates ISO 8601)."""
        days: dict[date, Kind] = {}
        with path.open(encoding="utf-8-sig", newline="") as lines:
            reader = csv.DictReader(lines)
            for row in reader:
                day, kind = _read_row(row, path, reader.line_num)
                if days.setdefault(day, kind) != kind:
                    raise CalendarBroken(
                        f"{path}:{reader.line_num}：{day} 既是假日又是工作日。",
                        hint="对照国务院办公厅通知，保留正确的一行。",
                    )
        return cls(days, path)

    def within(self, hours: Iterable[str]) -> Self:
        """The same days with other office hours, each ``08:30-12:00``; none: as they are."""
        spans = [text.split("-") for text in hours]
        found = tuple((time.fromisoformat(a), time.fromisoformat(b)) for a, b in spans)
        return replace(self, hours=found) if found else self

    def is_working_day(self, day: date) -> bool:
        """Whether ``day`` counts as a working day; by its weekday alone in an unannounced year."""
        kind = self.days.get(day)
        return day.weekday() < 5 if kind is None else kind == "workday"

    def add(self, day: date, n: int) -> date:
        """The ``n``-th working day after ``day`` (before it if negative); ``day`` is not counted.

        ``add(day, 0)`` is ``day`` itself, or the next working day if ``day`` is none.
        """
        if n == 0:
            return day if self.is_working_day(day) else self.add(day, 1)
        step = timedelta(days=1 if n > 0 else -1)
        left = abs(n)
        while left:
            day += step
            left -= self.is_working_day(day)
        return day

    def between(self, a: date, b: date) -> int:
        """Working days after ``a`` up to and including ``b``; negative when ``b`` lies before."""
        if b < a:
            return -self.between(b, a)
        span = range(1, (b - a).days + 1)
        return sum(self.is_working_day(a + timedelta(days=offset)) for offset in span)

    def unannounced(self, since: date, until: date) -> int | None:
        """The first year of the days from ``since`` to ``until`` that nobody has announced."""
        years = range(since.year, until.year + 1)
        return next((year for year in years if year not in self.years), None)


def _read_row(row: Mapping[str, str], path: Path, line: int) -> tuple[date, Kind]:
    try:
        day = date.fromisoformat(row["day"])
    except (KeyError, TypeError, ValueError) as error:
        raise CalendarBroken(
            f"{path}:{line}：“day” 不是日期。", hint="写成 2026-10-01 的形式。"
        ) from error
    match row.get("kind"):
        case "holiday":
            return day, "holiday"
        case "workday":
            return day, "workday"
    raise CalendarBroken(
        f"{path}:{line}：“kind” 只能是 holiday（放假）或 workday（调休上班）。",
        hint="放假写 holiday，周末上班写 workday。",
    )
