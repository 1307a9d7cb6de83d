"""Lines of trail that say what happened beside the flow: a grade, a link, a call back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from yiwang.apps.casework.actions.deciding import require_later
from yiwang.apps.casework.actions.opening import Actor, named
from yiwang.apps.casework.at_hand import trail_of
from yiwang.apps.casework.models import Case, TrailEntry
from yiwang.apps.journal import public as journal


def note(
    row: Case,
    verb: str,
    *,
    title: str,
    actor: Actor,
    at: datetime,
    reason: str = "",
    facts: Mapping[str, Any] | None = None,
) -> TrailEntry:
    """Write a line that changes neither step nor task, with its journal record.

    The caller has locked the row, and answers for the right.
    """
    require_later(row, trail_of(row), at)
    who, name = named(actor)
    row.version += 1
    row.save(update_fields=["version"])
    entry = journal.record(
        f"case.{verb}", subject=row.number, actor=who, at=at, case=row.number, facts=facts or {}
    )
    return TrailEntry.objects.create(
        case=row,
        sequence=row.version,
        at=at,
        actor=who,
        actor_name=name,
        verb=verb,
        from_step=row.step,
        to_step=row.step,
        title=title,
        reason=reason,
        division=row.division,
        entry=entry or "",
    )
