"""What a running job is given: its words, the progress it says, the lease it holds."""

import logging
import time
from datetime import datetime, timedelta
from typing import Any, Protocol

from django.db.models import QuerySet

from yiwang.apps.jobs.models import Job
from yiwang.kernel.clock import Clock
from yiwang.kernel.errors import Conflict

log = logging.getLogger("yiwang.jobs")

LEASE = timedelta(seconds=60)
SAY_EVERY = 0.5
"""Seconds between two written words of progress that save nothing."""


class Stopped(Conflict):
    """Somebody asked that the job be stopped."""

    code = "jobs.stopped"


class HandedBack(Conflict):
    """The worker ends; the job waits for the next one with what it saved."""

    code = "jobs.handed_back"


class LeaseLost(Conflict):
    """Another worker has the job now."""

    code = "jobs.lease_lost"


class Holder(Protocol):
    """The worker that holds the lease."""

    name: str
    clock: Clock
    is_ending: bool


class Work:
    """What a kind's ``run`` is given: the job's words, and ``say``."""

    def __init__(self, job: Job, *, worker: Holder) -> None:
        self.number = job.number
        self.kind = job.kind
        self.about = job.about
        self.params: dict[str, Any] = job.params
        self.by = job.asked_by
        self.saved: Any = job.saved
        """What an interrupted run saved; None at the first."""
        self.at = worker.clock()
        """When this run began."""
        self._worker = worker
        self._tries = job.tries
        self._said = 0.0

    def now(self) -> datetime:
        """The present instant by the worker's clock."""
        return self._worker.clock()

    def say(self, done: int = 0, total: int = 0, note: str = "", *, saved: Any = None) -> None:
        """Keep the progress; raises ``Stopped`` or ``HandedBack`` when the job must not go on.

        ``saved`` (JSON) is on disk when this returns and is what a later run finds. Without it,
        words that follow each other within half a second are not written.
        """
        if self._worker.is_ending:
            self._write(done, total, note, saved)
            raise HandedBack("执行进程正在退出，作业稍后继续。")
        if saved is None and time.monotonic() - self._said < SAY_EVERY:
            return
        self._said = time.monotonic()
        self._write(done, total, note, saved)
        if Job.objects.filter(number=self.number, stop_at__isnull=False).exists():
            raise Stopped("作业按要求停止。")

    def _write(self, done: int, total: int, note: str, saved: Any) -> None:
        words: dict[str, Any] = {"done": min(done, total or done), "total": total}
        words |= {"note": note[:500], "leased_until": self.now() + LEASE}
        if saved is not None:
            self.saved = words["saved"] = saved
        if not self._mine().update(**words):
            raise LeaseLost(f"作业 {self.number} 已由另一进程接办。")

    def _mine(self) -> QuerySet[Job]:
        """The row, as long as the lease is this worker's."""
        return Job.objects.filter(
            number=self.number,
            state=Job.State.RUNNING,
            leased_by=self._worker.name,
            tries=self._tries,
        )

    def end(self, state: str, **facts: Any) -> None:
        """Write the end of this run, unless another worker has the job by now."""
        ended = None if state == "waiting" else self.now()
        lease = {"leased_by": "", "leased_until": None}
        if not self._mine().update(state=state, ended_at=ended, **lease, **facts):
            log.warning("job %s was taken over by another worker", self.number)
