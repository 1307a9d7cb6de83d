"""秒批: the move that the platform makes itself when the rules before it are met."""

from dataclasses import dataclass

from yiwang.apps.casework import flow
from yiwang.apps.casework.models import Case
from yiwang.apps.casework.queries.cases import find_case, frozen_flow


@dataclass(frozen=True)
class InstantMove:
    """A move and the rules before it, judged on the case's subject."""

    verb: str
    to: str
    rules: tuple[str, ...]
    subject: str


def instant_move(number: str) -> InstantMove | None:
    """What may be made at once where a case stands, as long as nobody took it."""
    row = find_case(number)
    content = frozen_flow(row.flow)
    step = content.steps.get(row.step)
    if row.state != Case.State.OPEN or step is None or step.instant is None:
        return None
    if row.tasks.filter(left_at=None).exclude(officer="").exists():
        return None
    move = next(one for one in step.moves if one.verb == step.instant)
    rules = flow.rules_of(content, row.step, verb=move.verb, to=move.to)
    return InstantMove(move.verb, move.to, rules, row.subject)
