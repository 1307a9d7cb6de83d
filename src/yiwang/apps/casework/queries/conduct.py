"""How officers did the work of each day, measured from tasks and trails alone.

Counts only: no case, no applicant. What is too much is a rule's to say, not this module's.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from yiwang.apps.casework.models import StepTask, TrailEntry
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import CHINA, local_date

MONTH = timedelta(days=30)
"""The days, the one measured included, over which the ``_month`` counts reach."""
AT_ONCE = timedelta(minutes=1)
"""Answered sooner than this after it came, a task was hardly looked at."""


@dataclass
class _Day:
    """One officer on one day, being counted."""

    done: int = 0
    late: int = 0
    latest_days: int = 0
    """The days by which the latest of them was late."""
    at_once: int = 0
    returned: int = 0
    recalled: int = 0
    paused_again: int = 0
    """Pauses of a sort that the case had had before: asked for further materials once more."""


COUNTS = tuple(one.name for one in fields(_Day))
SUMMED = ("done", "late", "paused_again")


def conduct(*, since: date, until: date) -> Iterator[Mapping[str, Any]]:
    """One row for each officer and day with work, from ``since`` to ``until`` inclusive."""
    days: dict[tuple[str, date], _Day] = defaultdict(_Day)
    begin = datetime.combine(since - MONTH, time(), tzinfo=CHINA)
    end = datetime.combine(until + timedelta(days=1), time(), tzinfo=CHINA)
    _count_tasks(days, begin, end)
    _count_acts(days, begin, end)
    organs = {officer: _organ_of(officer) for officer, _ in days}
    for (officer, day), one in sorted(days.items()):
        if day >= since and (organ := organs[officer]):
            yield {
                "officer": officer,
                "organ": organ,
                "day": day,
                **{name: getattr(one, name) for name in COUNTS},
                **{f"{name}_month": _sum(days, officer, day, name) for name in SUMMED},
            }


def _count_tasks(days: dict[tuple[str, date], _Day], begin: datetime, end: datetime) -> None:
    rows = StepTask.objects.filter(left_at__gte=begin, left_at__lt=end).exclude(verb="cut")
    names = ("left_by", "left_at", "entered_at", "due_at", "verb")
    for officer, left_at, entered_at, due_at, verb in rows.values_list(*names).iterator(5000):
        one = days[officer, local_date(left_at)]
        one.done += 1
        one.at_once += left_at - entered_at < AT_ONCE
        one.returned += verb == "return"
        if due_at and left_at > due_at:
            one.late += 1
            one.latest_days = max(one.latest_days, -(-(left_at - due_at) // timedelta(days=1)))


def _count_acts(days: dict[tuple[str, date], _Day], begin: datetime, end: datetime) -> None:
    rows = TrailEntry.objects.filter(at__lt=end, verb__in=("recall", "pause")).order_by("id")
    paused: set[tuple[int, str]] = set()
    names = ("case_id", "actor", "at", "verb", "detail")
    for case, officer, at, verb, detail in rows.values_list(*names).iterator(5000):
        sort = (case, str(detail.get("pause", "")))
        if at >= begin:
            one = days[officer, local_date(at)]
            one.recalled += verb == "recall"
            one.paused_again += verb == "pause" and sort in paused
        if verb == "pause":
            paused.add(sort)


def _sum(days: Mapping[tuple[str, date], _Day], officer: str, day: date, name: str) -> int:
    before = (day - timedelta(days=n) for n in range(MONTH.days))
    return sum(getattr(days[officer, one], name) for one in before if (officer, one) in days)


def _organ_of(officer: str) -> str:
    """Where somebody works; empty for residents and for the parts of the platform."""
    try:
        return identity.officer(officer).organ
    except identity.AccountUnknown:
        return ""
