"""How each grant was used on each day, measured from the meter and the journal.

The meter knows calls, rows and hours; only the journal knows, under a pseudonym, how often one
person or firm was looked up. Nothing measured here says who that was.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import chain
from typing import Any

from yiwang.apps.exchange.models import CallRecord
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import CHINA, local_date

BEFORE = timedelta(days=28)
"""The days before one with which it is compared."""
AT_ONCE = 10_000
"""Entries of the journal that are read at once."""
APART = timedelta(hours=1)
"""How far the clocks of entries that follow one another may be apart."""
EVENING, MORNING = 22, 6


@dataclass
class _Day:
    """One grant on one day, being counted."""

    calls: int = 0
    refused: int = 0
    rows: int = 0
    lookups: int = 0
    hours: Counter[int] = field(default_factory=Counter)
    subjects: Counter[str] = field(default_factory=Counter)


def uses(*, since: date, until: date) -> Iterator[Mapping[str, Any]]:
    """One row for each grant and day with calls, from ``since`` to ``until`` inclusive.

    ``usual_calls`` is the mean of the days with calls among the 28 before; None without any.
    """
    days, grants = _counted(since - BEFORE, until)
    _add_subjects(days, since)
    tables = defaultdict(set)
    for grant, day in days:
        tables[grants[grant]["organ"], day].add(grants[grant]["table"])
    for (grant, day), one in sorted(days.items()):
        if day >= since:
            facts = grants[grant]
            yield {
                "grant": grant,
                "organ": facts["organ"],
                "provider": facts["provider"],
                "table": facts["table"],
                "day": day,
                "calls": one.calls,
                "refused": one.refused,
                "rows": one.rows,
                "lookups": one.lookups,
                "busiest_hour": max(one.hours.values(), default=0),
                "at_night": sum(n for h, n in one.hours.items() if h >= EVENING or h < MORNING),
                "subjects": len(one.subjects),
                "most_repeated": max(one.subjects.values(), default=0),
                "tables_of_organ": len(tables[facts["organ"], day]),
                "usual_calls": _usual(days, grant, day),
            }


def _counted(
    since: date, until: date
) -> tuple[dict[tuple[str, date], _Day], dict[str, dict[str, str]]]:
    begin = datetime.combine(since, time(), tzinfo=CHINA)
    end = datetime.combine(until + timedelta(days=1), time(), tzinfo=CHINA)
    rows = CallRecord.objects.filter(at__gte=begin, at__lt=end, grant__isnull=False)
    days: dict[tuple[str, date], _Day] = defaultdict(_Day)
    grants: dict[str, dict[str, str]] = {}
    names = ("grant__number", "grant__organ", "grant__provider", "grant__table")
    for row in rows.values(*names, "at", "code", "rows", "lookup").iterator(5000):
        grant = row["grant__number"]
        grants[grant] = {name.removeprefix("grant__"): row[name] for name in names}
        one = days[grant, local_date(row["at"])]
        one.calls += 1
        one.refused += row["code"] != "allowed"
        one.rows += row["rows"]
        one.lookups += bool(row["lookup"])
        one.hours[row["at"].astimezone(CHINA).hour] += 1
    return dict(days), grants


def _add_subjects(days: dict[tuple[str, date], _Day], since: date) -> None:
    begin = datetime.combine(since, time(), tzinfo=CHINA)
    for entry in chain(_entries("gate.answered", begin), _entries("gate.looked_at", begin)):
        key = (str(entry.facts.get("grant", "")), local_date(entry.at))
        if key in days and entry.subject and entry.subject != entry.facts.get("table"):
            days[key].subjects[entry.subject] += 1


def _entries(event: str, begin: datetime) -> Iterator[journal.EntryView]:
    """Every entry of the gate since ``begin``, newest first; the gate's are sealed at once."""
    before: int | None = None
    while True:
        found = journal.entries(event=event, before=before, limit=AT_ONCE)
        yield from (entry for entry in found if entry.at >= begin)
        if len(found) < AT_ONCE or found[-1].at < begin - APART:
            return
        before = found[-1].number


def _usual(days: Mapping[tuple[str, date], _Day], grant: str, day: date) -> int | None:
    before = [
        one.calls
        for (number, other), one in days.items()
        if number == grant and day - BEFORE <= other < day
    ]
    return round(sum(before) / len(before)) if before else None
