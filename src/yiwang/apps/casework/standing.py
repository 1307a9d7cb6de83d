"""How a case stands, without what it is about: for apps that opened it and keep its number."""

from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.casework.models import Case
from yiwang.apps.casework.queries.cases import find_case, frozen_flow


@dataclass(frozen=True)
class Standing:
    """The title of the step or end, and the clock; no applicant, no facts."""

    is_ended: bool
    title: str
    step: str
    """The id of the step or end."""
    opened_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    provisional: int | None
    """The year whose working days its limits count by weekdays until it is announced."""


def standing(number: str) -> Standing:
    """How a case stands; the caller answers for who may know that there is one."""
    row: Case = find_case(number)
    flow = frozen_flow(row.flow)
    step = flow.steps.get(row.step)
    return Standing(
        is_ended=row.state == Case.State.ENDED,
        title=step.title if step else flow.ends.get(row.step, row.step),
        step=row.step,
        opened_at=row.opened_at,
        due_at=row.due_at,
        ended_at=row.ended_at,
        provisional=row.provisional,
    )
