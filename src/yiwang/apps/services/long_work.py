"""What services does in the background: the nightly match of everybody, and life events."""

from datetime import date, datetime

from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.services.actions.batches import BY_TIMETABLE, judge_everything
from yiwang.apps.services.actions.bundling import pursue_late_members
from yiwang.apps.services.actions.events import judge_events
from yiwang.apps.services.models import PolicyBatch, PolicyRun
from yiwang.kernel.clock import local_date

MATCH_ALL = "services.match_all"


def match_all(work: jobs.Work) -> jobs.Result:
    """Judge everybody by every policy; table by table, each a batch of its own."""
    as_of = date.fromisoformat(str(work.params["as_of"]))
    made = judge_everything(
        as_of=as_of,
        at=work.at,
        by=str(work.params.get("by") or BY_TIMETABLE),
        say=lambda done, total, note: work.say(done, total, note),
    )
    runs = PolicyRun.objects.filter(batch__in=made)
    people = sum(PolicyBatch.objects.filter(pk__in=made).values_list("people", flat=True))
    return jobs.Result(
        {"判断主体": people, "政策": runs.count(), "符合": sum(runs.values_list("yes", flat=True))},
        ("office:policy_batches",),
    )


def ask_for_match(*, as_of: date, officer: identity.Officer, at: datetime) -> int:
    """Have everybody judged in the background; returns the job's number."""
    identity.require(officer, "services.batch")
    params = {"as_of": as_of.isoformat(), "by": officer.username}
    return jobs.ask(MATCH_ALL, about="all", params=params, by=officer.username, at=at)


def ask_match_all(at: datetime) -> None:
    """The nightly match; asked for again while it still waits, it is the same job."""
    params = {"as_of": local_date(at).isoformat(), "by": BY_TIMETABLE}
    jobs.ask(MATCH_ALL, about="all", params=params, by=BY_TIMETABLE, at=at)


def judge_new_events(at: datetime) -> None:
    """Look what publications and birthdays changed since the latest match."""
    judge_events(at=at)


def pursue(at: datetime) -> None:
    """Give lead organs a case for each member that has not answered in time."""
    pursue_late_members(at=at)
