"""The door of jobs: ask for long work, watch it, stop it; boot makes kinds and timetable known.

An app offers ``JOBS: tuple[jobs.Kind, ...]`` and ``TIMETABLE: tuple[jobs.Entry, ...]`` (or plain
tuples) in its own door; nobody edits the worker.
"""

from yiwang.apps.jobs.actions import (
    JobNotOver,
    JobOver,
    JobUnknown,
    ask,
    clear,
    run_again,
    stop,
)
from yiwang.apps.jobs.events import EVENTS
from yiwang.apps.jobs.kinds import TIMED, Entry, Kind, KindUnknown, Result, register
from yiwang.apps.jobs.probing import (
    Availability,
    Day,
    Outage,
    availability,
    clear_probes,
    record_probe,
)
from yiwang.apps.jobs.published import published
from yiwang.apps.jobs.queries import EntryView, JobView, count_jobs, job, jobs, timetable
from yiwang.apps.jobs.running import Worker
from yiwang.apps.jobs.timetable import ask_for_what_is_due, run_entry
from yiwang.apps.jobs.work import LEASE, HandedBack, LeaseLost, Stopped, Work

RIGHTS = {
    "jobs.see": "查看全部后台作业和定时任务",
    "jobs.stop": "停止或重新发起任何后台作业",
}
JOBS = (Kind("jobs.timed", "定时任务", run_entry),)
TIMETABLE = (
    Entry("jobs.clear", "清除结束已久的作业", "daily 03:40", clear),
    Entry("jobs.probes", "清除过期的可用性记录", "monthly 1 03:50", clear_probes),
)

__all__ = [
    "EVENTS",
    "JOBS",
    "LEASE",
    "RIGHTS",
    "TIMED",
    "TIMETABLE",
    "Availability",
    "Day",
    "Entry",
    "EntryView",
    "HandedBack",
    "JobNotOver",
    "JobOver",
    "JobUnknown",
    "JobView",
    "Kind",
    "KindUnknown",
    "LeaseLost",
    "Outage",
    "Result",
    "Stopped",
    "Work",
    "Worker",
    "ask",
    "ask_for_what_is_due",
    "availability",
    "clear",
    "clear_probes",
    "count_jobs",
    "job",
    "jobs",
    "published",
    "record_probe",
    "register",
    "run_again",
    "run_entry",
    "stop",
    "timetable",
]
