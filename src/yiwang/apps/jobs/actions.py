"""Asking for jobs, stopping them, running them again, and clearing away old ones."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from yiwang.apps.identity import public as identity
from yiwang.apps.jobs.kinds import TIMED, give_up, kind_of
from yiwang.apps.jobs.models import Job
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, NotFound

KEPT = timedelta(days=365)
KEPT_TIMED = timedelta(days=7)
_STOPPED_WAITING = "在开始之前被停止。"


class JobUnknown(NotFound):
    """There is no job of this number, or the actor may not see it."""

    code = "jobs.job_unknown"


class JobOver(Conflict):
    """The job has ended, so it cannot be stopped."""

    code = "jobs.job_over"


class JobNotOver(Conflict):
    """The job waits or runs, so it cannot be begun again."""

    code = "jobs.job_not_over"


def ask(
    kind: str,
    *,
    about: str = "",
    params: Mapping[str, Any] | None = None,
    by: identity.Officer | str,
    at: datetime,
    due: datetime | None = None,
    is_more: bool = False,
) -> int:
    """Ask for a job; returns its number. The same kind and ``about`` still waiting is that job.

    What is asked for and ``is_more`` than what waits is done instead: the waiting job takes these
    ``params``. The right to ask is checked by the action that asks. ``params`` must be JSON.
    """
    kind_of(kind)
    asker = by if isinstance(by, str) else by.username
    found = _waiting(kind, about)
    if found is not None and (not is_more or _widened(found, params or {}, asker)):
        return found
    try:
        with transaction.atomic():
            job = Job.objects.create(
                kind=kind,
                about=about,
                params=dict(params or {}),
                asked_by=asker,
                asked_at=at,
                due_at=due or at,
            )
            if kind != TIMED:
                _record("jobs.asked", job, actor=asker, at=at)
    except IntegrityError:  # somebody asked for the same at the same moment
        found = _waiting(kind, about)
        if found is None:
            raise
        return found
    return job.number


@transaction.atomic
def stop(number: int, *, by: identity.Officer, at: datetime) -> None:
    """Stop a job: a waiting one ends at once, a running one at its next word of progress."""
    job = _theirs(number, by)
    if job.state == Job.State.WAITING:
        job.state, job.ended_at, job.error = Job.State.STOPPED, at, _STOPPED_WAITING
        give_up(job.kind, number, _STOPPED_WAITING, at)
    elif job.state != Job.State.RUNNING:
        raise JobOver(
            f"作业 {number} 已经结束（{job.get_state_display()}），不能停止。",
            hint="刷新页面查看结果。",
            number=number,
        )
    job.stop_by, job.stop_at = by.username, at
    job.save(update_fields=["state", "ended_at", "error", "stop_by", "stop_at"])
    _record("jobs.stop_asked", job, actor=by.username, at=at)


@transaction.atomic
def run_again(number: int, *, by: identity.Officer, at: datetime) -> int:
    """Let a failed or stopped job go on from what it saved; a done one is asked for anew."""
    job = _theirs(number, by)
    if job.state in (Job.State.WAITING, Job.State.RUNNING):
        raise JobNotOver(
            f"作业 {number} 还没有结束，不能再次发起。",
            hint="等它结束，或先停止它。",
            number=number,
        )
    waiting = _waiting(job.kind, job.about)
    if waiting is not None:
        return waiting
    if job.state == Job.State.DONE:
        return ask(job.kind, about=job.about, params=job.params, by=by, at=at)
    job.state, job.due_at, job.ended_at, job.tries = Job.State.WAITING, at, None, 0
    job.error, job.stop_by, job.stop_at = "", "", None
    job.save()
    _record("jobs.run_again", job, actor=by.username, at=at)
    return job.number


def clear(at: datetime) -> None:
    """Remove jobs that ended long ago; what was asked and stopped stays in the journal."""
    over = Job.objects.filter(state__in=[Job.State.DONE, Job.State.FAILED, Job.State.STOPPED])
    over.filter(ended_at__lt=at - KEPT).delete()
    over.filter(kind=TIMED, ended_at__lt=at - KEPT_TIMED).delete()


def _waiting(kind: str, about: str) -> int | None:
    rows = Job.objects.filter(kind=kind, about=about, state=Job.State.WAITING)
    return rows.values_list("number", flat=True).first()


def _widened(number: int, params: Mapping[str, Any], asker: str) -> bool:
    """Let a job that waits do what was asked instead; False where it has begun meanwhile."""
    rows = Job.objects.filter(number=number, state=Job.State.WAITING)
    return rows.update(params=dict(params), asked_by=asker) > 0


def _theirs(number: int, officer: identity.Officer) -> Job:
    """The job, locked, if the officer asked for it or may stop any."""
    job = Job.objects.select_for_update().filter(number=number).first()
    if job is None or job.asked_by != officer.username:
        identity.require(officer, "jobs.stop")
    if job is None:
        raise unknown(number)
    return job


def unknown(number: int) -> JobUnknown:
    """What to raise when nobody may know of a job."""
    return JobUnknown(
        f"没有作业 {number}。", hint="作业结束较久后会被清除；其发起记录在留痕日志中。"
    )


def _record(event: str, job: Job, *, actor: str, at: datetime) -> None:
    journal.record(
        event, subject=job.about, actor=actor, at=at, facts={"job": job.number, "kind": job.kind}
    )
