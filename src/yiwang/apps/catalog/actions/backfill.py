"""Back-filling: past periods of a feed read one after another, each a load of its own."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from yiwang.apps.catalog.actions.loads import run_load
from yiwang.apps.catalog.feed_sources import library
from yiwang.apps.catalog.queries.feeds import feed_of
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Invalid

BACKFILL = "catalog.backfill"
_MOST = 400


class BackfillUnfit(Invalid):
    """The feed has no increment by date, or the period cannot be cut into so many steps."""

    code = "catalog.backfill_unfit"


def ask_for_backfill(
    ref: str, *, since: date, until: date, step: str, officer: identity.Officer, at: datetime
) -> int:
    """回补: read ``since`` to ``until`` (exclusive) again, by ``day`` or ``month``."""
    identity.require(officer, "catalog.collect")
    feed_of(ref)
    plan = library().feed_plan(ref)
    if plan.increment is None or plan.types[plan.increment.by] == "integer":
        raise BackfillUnfit(
            "这个接入没有按时间的增量列，不能分期回补。", hint="改用“全量归集”。", feed=ref
        )
    steps = len(list(periods(since, until, step)))
    if not 0 < steps <= _MOST:
        raise BackfillUnfit(f"期间应分为 1 到 {_MOST} 段。", hint="缩短期间，或按月回补。")
    journal.record("catalog.backfill_asked", subject=ref, actor=officer.username, at=at)
    params = {"since": since.isoformat(), "until": until.isoformat(), "step": step}
    return jobs.ask(BACKFILL, about=ref, params=params, by=officer, at=at)


def run_backfill(work: jobs.Work) -> jobs.Result:
    """The job: period after period; a killed one goes on at the period it was in."""
    given = work.params
    whole = list(
        periods(
            date.fromisoformat(given["since"]), date.fromisoformat(given["until"]), given["step"]
        )
    )
    for number in range(work.saved or 0, len(whole)):
        since, until = whole[number]
        part = {"run": f"{work.about}@{work.number}-{number + 1}", "mode": "backfill"}
        work.params = {**part, "since": since.isoformat(), "until": until.isoformat()}
        run_load(work)
        work.say(number + 1, len(whole), f"{since} 至 {until}", saved=number + 1)
    return jobs.Result({"回补期数": len(whole)}, ("steward:feed", work.about))


def periods(since: date, until: date, step: str) -> Iterator[tuple[date, date]]:
    """``since`` to ``until`` cut at days or at firsts of months."""
    while since < until:
        if step == "day":
            end = since + timedelta(days=1)
        else:
            end = (since.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield since, min(end, until)
        since = end
