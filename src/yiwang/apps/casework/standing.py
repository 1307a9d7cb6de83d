"""How cases stand, without what they are about: for apps that opened one, or count a flow's."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

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


def cases_by_flow(flows: Collection[str]) -> Mapping[str, tuple[int, int]]:
    """How many cases each of these flows had, and how many of them have ended.

    One pass over the cases of these flows.
    """
    found: dict[str, tuple[int, int]] = {}
    rows = Case.objects.filter(flow__ref__in=flows).values_list("flow__ref", "state")
    for ref, state, many in rows.annotate(many=Count("pk")).order_by():
        cases, ended = found.get(ref, (0, 0))
        found[ref] = (cases + many, ended + many * (state == Case.State.ENDED))
    return found
