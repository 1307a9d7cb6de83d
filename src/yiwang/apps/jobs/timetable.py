"""The timetable: what is due is asked for as a job, once for each due time.

The mark of an entry moves forward in the transaction that asks for the job, so that of many
workers one wins. While no worker ran, due times pass; the latest is made up for, once.
"""

import logging
from datetime import datetime

from django.conf import settings
from django.db import transaction

from yiwang.apps.jobs.actions import ask
from yiwang.apps.jobs.kinds import TIMED, Entry, Result, entries
from yiwang.apps.jobs.models import TimetableMark
from yiwang.apps.jobs.work import Work
from yiwang.kernel.cycles import read_cycle
from yiwang.kernel.errors import YiwangError
from yiwang.kernel.workdays import Calendar
from yiwang.packkit.current import current_library

log = logging.getLogger("yiwang.jobs")


def calendar() -> Calendar:
    """The working days of the place."""
    return current_library(settings.PACKS, settings.PLACE, settings.HOME).calendar


def ask_for_what_is_due(*, at: datetime) -> list[int]:
    """Ask for a job for each entry with a due time since its mark; returns their numbers."""
    marks = dict(TimetableMark.objects.values_list("name", "due_at"))
    asked = []
    for entry in entries().values():
        try:
            due = read_cycle(entry.cycle).last(at, calendar())
        except YiwangError as error:  # a year not announced stops this entry, not the others
            log.warning("the timetable's %s cannot be reckoned: %s", entry.name, error)
            continue
        if due is None or (entry.name in marks and marks[entry.name] >= due):
            continue
        number = _begin(entry, due, at)
        if number:
            asked.append(number)
    return asked


@transaction.atomic
def _begin(entry: Entry, due: datetime, at: datetime) -> int:
    """Move the mark to ``due`` and ask for the job; 0 at first sight or if another worker did."""
    mark, is_new = TimetableMark.objects.get_or_create(name=entry.name, defaults={"due_at": due})
    if is_new:
        return 0  # what was due before the platform knew of the entry is not made up for
    if not TimetableMark.objects.filter(name=entry.name, due_at__lt=due).update(due_at=due):
        return 0
    number = ask(
        TIMED, about=entry.name, params={"due": due.isoformat()}, by="system", at=at, due=due
    )
    mark.job_id = number
    TimetableMark.objects.filter(name=entry.name).update(job=number)
    return number


def run_entry(work: Work) -> Result | None:
    """The kind ``TIMED``: act as the entry says."""
    found = entries().get(work.about)
    if found is None:
        return None  # the entry went with an update of the platform
    told = found.act(work.at)
    return told if isinstance(told, Result) else None
