"""What begins when a case ends, linked with it: approval and supervision, both ways visible."""

from collections.abc import Sequence
from datetime import datetime

from yiwang.apps.casework import states
from yiwang.apps.casework.actions.opening import create, current_flow
from yiwang.apps.casework.models import Case, CaseLink

PLATFORM = "casework"


def follow(steps: Sequence[states.Step], *, at: datetime) -> None:
    """Begin what the flows of ended cases say, in the same transaction."""
    for step in steps:
        rule = step.content.follows.get(step.row.step)
        if rule is None or step.after.state != "ended":
            continue
        new = Case(
            title=f"{rule.title}：{step.row.title}"[:200],
            subject=step.row.subject,
            organ=rule.organ,
            division=step.row.division,
            facts={"前件": step.row.number},
        )
        create(current_flow(rule.flow), [new], [{}], actor=PLATFORM, at=at)
        CaseLink.objects.create(
            case=new, other=step.row, relation=CaseLink.Relation.SUPERVISION, at=at, by=PLATFORM
        )
