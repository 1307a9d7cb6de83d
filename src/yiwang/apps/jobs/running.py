"""Running jobs: lease, keep progress, and end; another worker goes on after a kill.

A job is run at least once. Its lease says whose it is: a worker that lost it (it slept, or its
machine did) can neither say progress nor end the job.
"""

import logging
import os
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from yiwang.apps.jobs.kinds import Result, give_up, kind_of
from yiwang.apps.jobs.models import Job
from yiwang.apps.jobs.work import LEASE, HandedBack, LeaseLost, Stopped, Work
from yiwang.kernel.clock import Clock
from yiwang.kernel.errors import Unavailable, YiwangError
from yiwang.kernel.ids import new_id

log = logging.getLogger("yiwang.jobs")
_STOPPED = "作业按要求停止。"


class Worker:
    """One process (or test) that runs jobs; several threads of it may."""

    def __init__(self, *, clock: Clock) -> None:
        self.clock = clock
        self.name = f"{_machine()}:{os.getpid()}:{secrets.token_hex(4)}"
        self.is_ending = False

    def run_next(self) -> bool:
        """Run the job that has waited longest; False when none is due."""
        job = self._lease()
        if job is None:
            return False
        work = Work(job, worker=self)
        try:
            result = kind_of(job.kind).run(work) or Result()
        except HandedBack:
            self._hand_back(work, job, note="执行进程重启，等待继续", tries=job.tries - 1)
        except LeaseLost as lost:
            log.warning("%s", lost)
        except Stopped:
            work.end("stopped")
        except Unavailable as error:
            self._try_later(work, job, error)
        except YiwangError as error:
            work.end("failed", error=str(error)[:2000])
        except Exception:
            trace = new_id()
            log.exception("job %s (%s) failed, number %s", job.number, job.kind, trace)
            work.end("failed", error=f"系统出现故障，请把编号 {trace} 告诉管理员。")
        else:
            told = {"counts": dict(result.counts), "page": list(result.page)}
            work.end("done", result=told, error="", saved=None)
        return True

    def keep_leases(self) -> None:
        """Renew the leases of all jobs this worker runs: to be called well within ``LEASE``."""
        Job.objects.filter(leased_by=self.name, state=Job.State.RUNNING).update(
            leased_until=self.clock() + LEASE
        )

    def free_the_dead(self) -> None:
        """Let go of the leases of processes of this machine that no longer live."""
        running = Job.objects.filter(state=Job.State.RUNNING).exclude(leased_by=self.name)
        for name in set(running.values_list("leased_by", flat=True)):
            machine, _, rest = name.rpartition(":")[0].rpartition(":")
            if machine == _machine() and not _lives(int(rest)):
                running.filter(leased_by=name).update(leased_until=self.clock() - LEASE)

    def _due(self) -> QuerySet[Job]:
        at = self.clock()
        same = Job.objects.filter(
            kind=OuterRef("kind"), about=OuterRef("about"), state=Job.State.RUNNING
        )
        waiting = Q(state=Job.State.WAITING, due_at__lte=at) & ~Exists(same)
        dead = Q(state=Job.State.RUNNING, leased_until__lt=at)
        return Job.objects.filter(waiting | dead).order_by("due_at", "number")

    def _lease(self) -> Job | None:
        if not self._due().exists():  # looking takes no lock
            return None
        try:
            with transaction.atomic():
                job = self._due().select_for_update(skip_locked=True).first()
                if job is None or self._is_given_up(job):
                    return None
                job.state, job.leased_by = Job.State.RUNNING, self.name
                job.leased_until = self.clock() + LEASE
                job.begun_at = job.begun_at or self.clock()
                job.tries += 1
                job.save(update_fields=["state", "leased_by", "leased_until", "begun_at", "tries"])
                return job
        except IntegrityError:  # the same kind and object began elsewhere at this moment
            return None

    def _is_given_up(self, job: Job) -> bool:
        """End a job in which workers died too often, or that was to be stopped when one died."""
        kind_tries = _tries(job.kind)
        if job.stop_at is None and job.tries < kind_tries:
            return False
        job.state = Job.State.STOPPED if job.stop_at else Job.State.FAILED
        if job.stop_at is None:
            job.error = f"执行进程 {job.tries} 次在办理中终止，不再自动重试。"
        job.leased_by, job.leased_until, job.ended_at = "", None, self.clock()
        job.save()
        give_up(job.kind, job.number, job.error or _STOPPED, job.ended_at)
        return True

    def _try_later(self, work: Work, job: Job, error: Unavailable) -> None:
        if job.tries >= _tries(job.kind):
            work.end("failed", error=str(error)[:2000])
            return
        wait = timedelta(minutes=5 ** (job.tries - 1))
        note = f"{error.message} 约 {5 ** (job.tries - 1)} 分钟后自动重试。"
        self._hand_back(work, job, due_at=self.clock() + wait, note=note[:500])

    def _hand_back(self, work: Work, job: Job, **facts: Any) -> None:
        """Back to waiting, unless the same was asked for anew meanwhile: then this one is over."""
        same = Job.objects.filter(kind=job.kind, about=job.about, state=Job.State.WAITING)
        is_over = same.exists()
        work.end("stopped" if is_over else "waiting", **facts)
        if is_over:
            give_up(job.kind, job.number, "同一作业已重新发起。", self.clock())


def _tries(kind: str) -> int:
    try:
        return kind_of(kind).tries
    except YiwangError:
        return 1


def _machine() -> str:
    """This boot of this machine (or container): process numbers mean something only within it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:13]
        return f"{boot}.{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:
        return secrets.token_hex(8)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
