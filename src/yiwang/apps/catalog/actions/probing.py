"""探测: every listed system is asked whether it answers, over IPv4 and IPv6, and leads where."""

from datetime import datetime, timedelta

from yiwang.apps.catalog.addresses import is_address
from yiwang.apps.catalog.answering import FAMILIES, answer_of
from yiwang.apps.catalog.models import ListEntryVersion, SystemProbe
from yiwang.apps.jobs import public as jobs
from yiwang.kernel.clock import local_date

PROBE = "catalog.probe"
PLATFORM = "platform"
KEPT = timedelta(days=400)
"""Probes are kept so long: a year and a month."""


def probe_all(at: datetime) -> None:
    """The timetable: ask every system, and forget what is too old."""
    SystemProbe.objects.filter(probed_at__lt=at - KEPT).delete()
    jobs.ask(PROBE, by=PLATFORM, at=at)


def run_probing(work: jobs.Work) -> jobs.Result:
    """The job: every system of the list that says where it is reached."""
    asked = _addresses()
    answered = 0
    for done, (entry, address) in enumerate(sorted(asked.items())):
        work.say(done, len(asked))
        answered += _probe(entry, address, at=work.now())
    counts = {"系统": len(asked), "两种地址都有应答": answered}
    return jobs.Result(counts, ("steward:entries", "system"))


def _addresses() -> dict[int, str]:
    """Entries of the system list in force, each with its address."""
    in_force = ListEntryVersion.objects.filter(
        active_until=None, entry__state="published", entry__list="system"
    )
    said = in_force.values_list("entry_id", "values__address")
    return {entry: address for entry, address in said if address and is_address(address)}


def _probe(entry: int, address: str, *, at: datetime) -> bool:
    """Ask one system and keep what it answered; whether it answered over both."""
    answers = {family: answer_of(address, family=family) for family in FAMILIES}
    for family, answer in answers.items():
        SystemProbe.objects.update_or_create(
            entry_id=entry,
            kind=family,
            probed_on=local_date(at),
            defaults={
                "probed_at": at,
                "is_answered": not answer.fault,
                "note": answer.fault,
                "leads_to": answer.leads_to,
            },
        )
    return not any(answer.fault for answer in answers.values())
