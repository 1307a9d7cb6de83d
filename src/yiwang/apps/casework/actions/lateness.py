"""What the clock itself does: the move that silence counts as; work that nobody took goes up."""

import logging
from datetime import datetime

from django.db import transaction

from yiwang.apps.casework import place
from yiwang.apps.casework.actions.finding import NoTierAbove
from yiwang.apps.casework.actions.moving import act
from yiwang.apps.casework.models import StepTask
from yiwang.apps.casework.queries.cases import frozen_flow
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import YiwangError

log = logging.getLogger("yiwang.casework")

AT_ONCE = 500
"""Tasks of each sort that one run acts on; what is left waits for the next, a minute later."""
CLOCK = "clock"
"""The part of the platform that acts."""


def act_on_late(at: datetime) -> jobs.Result:
    """逾期与无人领取: make the moves that time makes; running it twice changes nothing more."""
    # Silence counts as nothing in a year whose working days nobody has announced.
    certain = {} if local_date(at).year in place.calendar().years else {"case__provisional": None}
    late = sum(_made(task, at) for task in _waiting(late_at__lte=at, **certain))
    risen = sum(_risen(task, at) for task in _waiting(officer="", unattended_until__lte=at))
    return jobs.Result({"逾期视为": late, "逐级上报": risen})


def _waiting(**when: object) -> list[StepTask]:
    rows = StepTask.objects.filter(left_at=None, is_paused=False, is_held=False, **when)
    return list(rows.select_related("case", "case__flow").order_by("id")[:AT_ONCE])


def _made(task: StepTask, at: datetime) -> bool:
    step = frozen_flow(task.case.flow).steps[task.step]
    reason = "期限内没有办理，按流程规定视为已作出这一操作。"
    return bool(step.late) and _acted(task, str(step.late), reason, at)


def _risen(task: StepTask, at: datetime) -> bool:
    limit = frozen_flow(task.case.flow).steps[task.step].unattended
    try:
        return _acted(task, "escalate", f"超过 {limit} 无人领取，自动上报上一级。", at)
    except NoTierAbove:
        _note_top(task, at)
        return False


def _acted(task: StepTask, verb: str, reason: str, at: datetime) -> bool:
    number = task.case.number
    try:
        act(number=number, verb=verb, officer=CLOCK, at=at, reason=reason, task=task.number)
    except NoTierAbove:
        raise
    except YiwangError as refusal:  # somebody was quicker, or the move needs what silence lacks
        log.warning("the clock cannot %s %s: %s", verb, number, refusal.code)
        return False
    return True


@transaction.atomic
def _note_top(task: StepTask, at: datetime) -> None:
    """Nobody is above: said once, in the journal; the work-list keeps showing it."""
    StepTask.objects.filter(pk=task.pk).update(unattended_until=None)
    number = task.case.number
    journal.record("case.unattended", subject=number, actor=CLOCK, at=at, case=number)
