"""Reading jobs and the timetable."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.identity import public as identity
from yiwang.apps.jobs.actions import unknown
from yiwang.apps.jobs.kinds import TIMED, entries, title_of
from yiwang.apps.jobs.models import Job, TimetableMark
from yiwang.apps.jobs.timetable import calendar
from yiwang.kernel.cycles import read_cycle
from yiwang.kernel.errors import YiwangError


@dataclass(frozen=True, slots=True, kw_only=True)
class JobView:
    """A job as pages show it."""

    number: int
    kind: str
    title: str
    about: str
    state: str
    state_title: str
    asked_by: str
    asked_at: datetime
    due_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    tries: int
    done: int
    total: int
    note: str
    error: str
    counts: Mapping[str, int | str]
    page: tuple[str | int, ...]
    """The route that shows the result, with its arguments."""
    stop_by: str

    @property
    def is_over(self) -> bool:
        """Whether it neither waits nor runs."""
        return self.state not in ("waiting", "running")

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None when the total is unknown."""
        return self.done / self.total if self.total else None

    @property
    def seconds(self) -> float | None:
        """How long it took, from its first beginning."""
        if self.begun_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.begun_at).total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryView:
    """A line of the timetable."""

    name: str
    title: str
    cycle: str
    last_at: datetime | None
    next_at: datetime | None
    problem: str
    """Why the next time cannot be reckoned."""
    last: JobView | None


def job(number: int, *, viewer: identity.Actor | None = None) -> JobView:
    """One job. With ``viewer``: only if they asked for it or may see all, else ``JobUnknown``."""
    row = Job.objects.filter(number=number).first()
    if row is None:
        raise unknown(number)
    is_theirs = viewer is None or row.asked_by == viewer.username
    if not is_theirs and not identity.may(viewer, "jobs.see"):
        raise unknown(number)
    return _view(row)


def jobs(
    *,
    kind: str = "",
    about: str = "",
    state: str = "",
    asked_by: str = "",
    is_timed: bool | None = None,
    offset: int = 0,
    limit: int = 50,
) -> list[JobView]:
    """Jobs, newest first; ``state`` may be ``open`` (waits or runs)."""
    rows = Job.objects.all()
    given = {"kind": kind, "about": about, "asked_by": asked_by}
    rows = rows.filter(**{name: value for name, value in given.items() if value})
    if state == "open":
        rows = rows.filter(state__in=["waiting", "running"])
    elif state:
        rows = rows.filter(state=state)
    if is_timed is not None:
        rows = rows.filter(kind=TIMED) if is_timed else rows.exclude(kind=TIMED)
    return [_view(row) for row in rows[offset : offset + limit]]


def count_jobs() -> dict[str, int]:
    """How many jobs are in each state (one count per state, over an index)."""
    return {state: Job.objects.filter(state=state).count() for state in Job.State.values}


def timetable(*, at: datetime) -> list[EntryView]:
    """Every entry with its last and next due time, soonest first."""
    marks = {mark.name: mark for mark in TimetableMark.objects.select_related("job")}
    found = []
    for entry in entries().values():
        mark = marks.get(entry.name)
        cycle, next_at, problem = entry.cycle, None, ""
        try:
            read = read_cycle(entry.cycle)
            cycle, next_at = read.title, read.next(at, calendar())
        except YiwangError as error:
            problem = str(error)
        found.append(
            EntryView(
                name=entry.name,
                title=entry.title,
                cycle=cycle,
                last_at=mark.due_at if mark and mark.job_id else None,
                next_at=next_at,
                problem=problem,
                last=_view(mark.job) if mark and mark.job else None,
            )
        )
    return sorted(found, key=lambda one: (one.next_at is None, one.next_at, one.name))


def _view(row: Job) -> JobView:
    result = row.result or {}
    same = (
        "number kind about state asked_by asked_at due_at begun_at ended_at tries done total note "
        "error stop_by"
    ).split()
    return JobView(
        **{name: getattr(row, name) for name in same},
        title=title_of(row.kind, row.about),
        state_title=row.get_state_display(),
        counts=result.get("counts", {}),
        page=tuple(result.get("page", ())),
    )
