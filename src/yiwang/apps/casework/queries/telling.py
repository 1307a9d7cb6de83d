"""What is told of a day and of a quarter: 值班日报 of the command centre, trends of reports.

The report comes from the log, the trails and the plans; the trends from signals, week by week, by
kind and channel, with the words that rise.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Q, QuerySet

from yiwang.apps.casework.access import visible_to
from yiwang.apps.casework.models import (
    Case,
    CaseLink,
    DutyShift,
    IncidentKind,
    PlanSwitch,
    ShiftLine,
    Signal,
)
from yiwang.apps.casework.queries.command import LineView, ShiftView, line_views
from yiwang.apps.casework.queries.rolls import RollView, roll_calls
from yiwang.apps.casework.topics import Rising, rising
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import CHINA

GRAVE = 2
"""Incidents of this grade and graver are told one by one."""
MOST_TOLD = 50


@dataclass(frozen=True)
class DailyIncident:
    """A grave incident, or one that is late."""

    number: str
    title: str
    grade: int
    division: str
    opened_at: datetime
    state: str
    is_late: bool


@dataclass(frozen=True)
class DailyPlan:
    """A plan that was on."""

    title: str
    level: str
    on_at: datetime
    off_at: datetime | None
    reason: str


@dataclass(frozen=True)
class Daily:
    """A day from midnight to midnight in China; of the officer's organ, and what it may see."""

    day: date
    organ: str
    shifts: tuple[ShiftView, ...]
    lines: tuple[LineView, ...]
    rolls: tuple[RollView, ...]
    opened: int
    ended: int
    standing: int
    late: int
    by_kind: tuple[tuple[str, int], ...]
    told: tuple[DailyIncident, ...]
    plans: tuple[DailyPlan, ...]
    instructions: int


def daily(*, day: date, officer: identity.Officer, at: datetime) -> Daily:
    """The report of a day, as it stood at its end (today: as it stands)."""
    identity.require(officer, "command.see")
    begin = datetime(day.year, day.month, day.day, tzinfo=CHINA)
    end = begin + timedelta(days=1)
    then = min(end, at)
    seen = Case.objects.filter(visible_to(officer, "incident.see"), profile="incident")
    opened = seen.filter(opened_at__gte=begin, opened_at__lt=end)
    standing = seen.filter(opened_at__lt=then).filter(Q(ended_at=None) | Q(ended_at__gte=then))
    late = standing.filter(due_at__lt=then)
    titles = dict(IncidentKind.objects.values_list("ref", "title"))
    kinds = Counter(opened.values_list("kind", flat=True))
    told = (opened.filter(grade__lte=GRAVE) | late).distinct().order_by("grade", "opened_at")
    return Daily(
        day=day,
        organ=officer.organ,
        shifts=_shifts(officer, begin, end),
        lines=_lines(officer, begin, end),
        rolls=tuple(roll_calls(officer=officer, at=at, since=begin, until=end)),
        opened=sum(kinds.values()),
        ended=seen.filter(ended_at__gte=begin, ended_at__lt=end).count(),
        standing=standing.count(),
        late=late.count(),
        by_kind=tuple((str(titles.get(kind, kind)), count) for kind, count in kinds.most_common()),
        told=tuple(_told(one, then) for one in told[:MOST_TOLD]),
        plans=_plans(begin, end),
        instructions=CaseLink.objects.filter(
            relation=CaseLink.Relation.INSTRUCTION, other__in=seen, at__gte=begin, at__lt=end
        ).count(),
    )


def _shifts(officer: identity.Officer, begin: datetime, end: datetime) -> tuple[ShiftView, ...]:
    rows = DutyShift.objects.filter(organ=officer.organ, begins_at__lt=end, ends_at__gt=begin)
    return tuple(
        ShiftView(
            one.officer,
            identity.account(one.officer, at=end).name,
            one.get_part_display(),
            one.begins_at,
            one.ends_at,
            one.accepted_at,
        )
        for one in rows.order_by("begins_at", "part", "id")
    )


def _plans(begin: datetime, end: datetime) -> tuple[DailyPlan, ...]:
    rows = PlanSwitch.objects.filter(on_at__lt=end).filter(Q(off_at=None) | Q(off_at__gt=begin))
    return tuple(
        DailyPlan(one.title, one.level, one.on_at, one.off_at, one.reason)
        for one in rows.order_by("on_at")
    )


def _lines(officer: identity.Officer, begin: datetime, end: datetime) -> tuple[LineView, ...]:
    rows = ShiftLine.objects.filter(organ=officer.organ, at__gte=begin, at__lt=end)
    return tuple(line_views(rows.select_related("case").order_by("at", "id")))


def _told(row: Case, then: datetime) -> DailyIncident:
    is_open = row.ended_at is None or row.ended_at >= then
    return DailyIncident(
        number=row.number,
        title=row.title,
        grade=row.grade or 4,
        division=row.division,
        opened_at=row.opened_at,
        state="open" if is_open else "ended",
        is_late=is_open and row.due_at is not None and row.due_at < then,
    )


WEEK = timedelta(days=7)
WEEKS = 12
MOST_READ = 50_000


@dataclass(frozen=True)
class KindTrend:
    """A kind of incident: signals of each week, the last one latest."""

    kind: str
    title: str
    weeks: tuple[int, ...]
    open: int
    on_time: int | None
    """Of what ended in these weeks, how many of a hundred in time."""


@dataclass(frozen=True)
class Trends:
    """Signals of the last weeks that the officer may see."""

    begins: tuple[datetime, ...]
    kinds: tuple[KindTrend, ...]
    channels: tuple[tuple[str, int], ...]
    words: tuple[Rising, ...]
    total: int
    groups: tuple[str, ...]
    """The groups that kinds of incident belong to."""


def trends(*, officer: identity.Officer, at: datetime, group: str = "") -> Trends:
    """Signals of the last twelve weeks by kind, of a group or of all that anybody may report.

    The words are those of the last four weeks against the four before. Reads the signals of these
    weeks: at most ``MOST_READ``, the newest.
    """
    identity.require(officer, "incident.see")
    contents = _contents()
    kinds = _kinds(contents, group)
    begins = tuple(at - WEEK * n for n in range(WEEKS, 0, -1))
    cases = Case.objects.filter(
        visible_to(officer, "incident.see"), profile="incident", kind__in=kinds
    )
    rows = list(
        Signal.objects.filter(case__in=cases, at__gte=begins[0], at__lte=at)
        .order_by("-at")
        .values_list("kind", "at", "channel", "summary")[:MOST_READ]
    )
    counted = Counter(
        (kind, min(int((when - begins[0]) / WEEK), WEEKS - 1)) for kind, when, _, _ in rows
    )
    titles = dict(IncidentKind.objects.values_list("ref", "title"))
    standing = _standing(cases, since=begins[0])
    seen = Counter(kind for kind, _, _, _ in rows)
    return Trends(
        begins=begins,
        kinds=tuple(
            KindTrend(
                kind,
                titles.get(kind, kind),
                tuple(counted[kind, week] for week in range(WEEKS)),
                *standing.get(kind, (0, None)),
            )
            for kind, _ in seen.most_common()
        ),
        channels=tuple(Counter(channel for _, _, channel, _ in rows).most_common()),
        words=tuple(_words(rows, at)),
        total=len(rows),
        groups=tuple(sorted({str(one.get("group") or "") for one in contents.values()} - {""})),
    )


def _kinds(contents: dict[str, dict[str, object]], group: str) -> set[str]:
    """The kinds of a group; of none, those that anybody may report."""
    return {
        ref
        for ref, one in contents.items()
        if (one.get("group") == group if group else one.get("public"))
    }


def _words(rows: Iterable[tuple[str, datetime, str, str]], at: datetime) -> list[Rising]:
    late = [text for _, when, _, text in rows if when > at - 4 * WEEK]
    early = [text for _, when, _, text in rows if at - 8 * WEEK < when <= at - 4 * WEEK]
    return rising(late, early)


def _standing(cases: QuerySet[Case], *, since: datetime) -> dict[str, tuple[int, int | None]]:
    """Kind → how many are open, and how many of a hundred ended in time."""
    found = (
        cases.filter(Q(ended_at=None) | Q(ended_at__gte=since))
        .values("kind")
        .annotate(
            open=Count("pk", filter=Q(ended_at=None)),
            ended=Count("pk", filter=Q(ended_at__isnull=False)),
            timely=Count("pk", filter=Q(ended_at__lte=F("due_at"))),
        )
    )
    return {
        one["kind"]: (
            one["open"],
            round(100 * one["timely"] / one["ended"]) if one["ended"] else None,
        )
        for one in found
    }


def _contents() -> dict[str, dict[str, object]]:
    return dict(IncidentKind.objects.values_list("ref", "content"))
