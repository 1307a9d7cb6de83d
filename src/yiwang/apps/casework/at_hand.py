"""The tasks, parties and lines of a case, as lists: read once for many, else asked for.

Django makes a manager and a query for every ``row.tasks.all()``, even of what was prefetched; for
a thousand cases in one act that is most of the work. So ``with_all`` keeps plain lists on the row.
"""

from django.db.models import Prefetch, QuerySet

from yiwang.apps.casework.models import Case, Party, StepTask, TrailEntry


def with_all(rows: QuerySet[Case]) -> QuerySet[Case]:
    """Cases with everything an act on them reads, in five queries whatever their number."""
    return rows.prefetch_related(
        "flow",
        *(Prefetch(name, to_attr=_kept(name)) for name in ("tasks", "trail", "parties")),
    )


def tasks_of(row: Case) -> list[StepTask]:
    """Every task that a case has or had."""
    kept: list[StepTask] | None = row.__dict__.get(_kept("tasks"))
    return list(row.tasks.all()) if kept is None else kept


def parties_of(row: Case) -> list[Party]:
    """The parties of a case beside its own organ."""
    kept: list[Party] | None = row.__dict__.get(_kept("parties"))
    return list(row.parties.all()) if kept is None else kept


def trail_of(row: Case) -> list[TrailEntry]:
    """The lines of a case's trail, oldest first."""
    kept: list[TrailEntry] | None = row.__dict__.get(_kept("trail"))
    return sorted(row.trail.all() if kept is None else kept, key=lambda line: line.sequence)


def _kept(name: str) -> str:
    return f"{name}_at_hand"
