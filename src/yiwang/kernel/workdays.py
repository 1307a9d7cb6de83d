"""Working days from a dated, sourced table; a year nobody has announced yet is never guessed."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Literal, Self

from yiwang.kernel.errors import Invalid

Kind = Literal["holiday", "workday"]


class YearNotAnnounced(Invalid):
    """The calendar has no row for this year, so its working days are not known yet."""

    code = "kernel.year_not_announced"


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

    def is_working_day(self, day: date) -> bool:
        """Whether ``day`` counts as a working day; ``YearNotAnnounced`` if that is not known."""
        self._demand(day.year)
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

    def _demand(self, year: int) -> None:
        if year not in self.years:
            raise YearNotAnnounced(
                f"{year} 年的节假日安排尚未录入，无法计算工作日。",
                hint=f"请按国务院办公厅发布的 {year} 年节假日通知补充 {self.source}。",
                year=year,
                file=str(self.source),
            )


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
