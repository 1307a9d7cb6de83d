"""Loads of feeds: asked for, run as jobs, held for a decision, made known to the rest."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from yiwang.apps.catalog import holding
from yiwang.apps.catalog.actions.corrections import carry_corrections
from yiwang.apps.catalog.actions.publications import republish
from yiwang.apps.catalog.actions.rectifications import follow_up
from yiwang.apps.catalog.actions.returns import match_return
from yiwang.apps.catalog.actions.runs import record_collection
from yiwang.apps.catalog.feed_sources import digest_of, library, shown, source_of
from yiwang.apps.catalog.models import CollectionRun, Dataset, FeedLoad
from yiwang.apps.catalog.queries.feeds import COLLECT, feed_of, overtaken_by
from yiwang.apps.catalog.queries.standards import elements_in_force, plan_in_force
from yiwang.apps.catalog.serving import lake
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import YiwangError
from yiwang.lake import Collection, FeedPlan, SchemaDrift, Shape, Source, Window
from yiwang.lake.backends.windows import earlier

Follower = Callable[[str, datetime], object]
"""What a room above does once a feed was loaded and the tables made of it are published."""
_followers: dict[str, Follower] = {}
_STEPS = ("打开来源", "逐行判定", "提交")


def ask_for_load(
    ref: str,
    *,
    officer: identity.Officer,
    at: datetime,
    mode: str = "",
    since: str = "",
    until: str = "",
) -> int:
    """归集: have a feed loaded; returns the job's number. ``mode``: whole, increment or empty.

    A load that waits already is done in the mode asked for, if one is.
    """
    dataset = feed_of(ref)
    identity.require(officer, "catalog.collect")
    params = {"mode": mode, "since": since, "until": until}
    journal.record("catalog.load_asked", subject=dataset.ref, actor=officer.username, at=at)
    return jobs.ask(COLLECT, about=ref, params=params, by=officer, at=at, is_more=bool(mode))


def run_load(work: jobs.Work) -> jobs.Result:
    """The job: one load of a feed, from its source to the tables made of it."""
    load = _begin(work)
    try:
        if load.state == "refused":
            return _result(load, "已作废")
        return _publish(work, load) if load.decision == "publish" else _load(work, load)
    except jobs.LeaseLost:
        raise  # another worker has the load
    except jobs.HandedBack:
        FeedLoad.objects.filter(pk=load.pk).update(state="waiting")
        raise
    except SchemaDrift as drift:
        return _hold_for_drift(load, drift, work.now())
    except Exception as error:
        fault = f"系统出现故障，见作业 {work.number}。"
        why = str(error) if isinstance(error, YiwangError) else fault
        end_load(work.number, why=why, at=work.now())
        raise


def end_load(job: int, *, why: str, at: datetime) -> None:
    """Note that a load failed, or that its job is over without a word: given up, or stopped."""
    rows = FeedLoad.objects.filter(job=job, state__in=["waiting", "running"])
    rows.update(state="failed", error=why[:1000], ended_at=at)


def _begin(work: jobs.Work) -> FeedLoad:
    """The row of this load: made by the first try, taken up by later ones."""
    given, ref = work.params, work.about.partition("#")[0]
    run = given.get("run") or f"{ref}@{work.number}"
    load, _ = FeedLoad.objects.get_or_create(
        run=run,
        defaults={
            "dataset": feed_of(ref),
            "mode": given.get("mode", ""),
            "since": given.get("since", ""),
            "until": given.get("until", ""),
            "source": library().feeds()[ref].source,
            "asked_by": work.by,
            "asked_at": work.at,
        },
    )
    if load.state == "refused":
        return load
    if given.get("mode"):  # a load that waits to be tried again may have been asked for anew
        load.mode = given["mode"]
    load.state, load.job, load.error, load.ended_at = "running", work.number, "", None
    if load.decision != "publish":  # what was held was read when it was begun
        load.begun_at = work.at
    load.save()
    return load


def _publish(work: jobs.Work, load: FeedLoad) -> jobs.Result:
    """Commit what was held, as it was read; waits again when something newer came meanwhile."""
    ref = load.dataset.ref
    if lake().collection(ref, load.run) is None and overtaken_by(load):
        again = {"state": "held", "decision": "", "decided_by": "", "decided_at": None}
        FeedLoad.objects.filter(pk=load.pk).update(**again, ended_at=work.now())
        return _result(load, "已有更新的批次入库，仍待决定")
    work.say(_STEPS.index("提交"), len(_STEPS), "提交")
    found = lake().release(mapped(library().feed_plan(ref), load.dataset), load.run)
    _settle(load, found, at=work.now())
    return _result(load, f"{ref} 已入库")


def _load(work: jobs.Work, load: FeedLoad) -> jobs.Result:
    ref = load.dataset.ref
    plan, source = _plan_and_source(load)
    merge, window = _window(load, plan)
    digest = digest_of(plan, source)
    before = _before(load.dataset, is_whole=not merge)
    FeedLoad.objects.filter(pk=load.pk).update(
        mode=load.mode, digest=digest, source=shown(source), since=load.since, until=load.until
    )
    if digest and not merge and digest == _last_digest(load) and before.at is not None:
        return _nothing_new(load, work.now(), "文件与上次相同")

    def say(step: str) -> None:
        work.say(_STEPS.index(step) if step in _STEPS else 0, len(_STEPS), step)

    found = lake().collect(
        plan,
        source,
        at=work.at,
        run=load.run,
        window=window,
        merge=merge,
        gate=lambda one: holding.verdict(one, before),
        say=say,
    )
    if found.skipped:
        _count(load, found)
        return _nothing_new(load, work.now(), "内容与上次相同")
    if found.held:
        _count(load, found)
        held = {"state": "held", "reasons": list(found.held), "ended_at": work.now()}
        FeedLoad.objects.filter(pk=load.pk).update(**held)
        return _result(load, "暂缓，等待决定")
    _settle(load, found, at=work.now())
    return _result(load, f"{ref} 已入库")


def _plan_and_source(load: FeedLoad) -> tuple[FeedPlan, Source]:
    ref = load.dataset.ref
    now = system_clock()  # the elements and code tables of today
    plan = library().feed_plan(ref, elements=elements_in_force(at=now))
    plan = plan_in_force(plan, at=now)
    plan = mapped(plan, load.dataset)
    if load.mode != "push":
        return plan, source_of(ref)
    file = drop_file(ref, load.run)
    columns = tuple(replace(c, sources=(*c.sources, c.name)) for c in plan.columns)
    shape = Shape(file=file.name, encoding="utf-8")
    return replace(plan, shape=shape, columns=columns), Source(kind="folder", path=file.parent)


def drop_file(ref: str, run: str) -> Path:
    """Where rows that were pushed lie until they are loaded."""
    return Path(settings.HOME) / "drops" / ref / f"{run.rpartition('@')[2]}.csv"


def mapped(plan: FeedPlan, dataset: Dataset) -> FeedPlan:
    """The plan with what was decided about renamed and missing columns."""
    decided = dict(dataset.mappings.filter(active_until=None).values_list("column", "source"))
    columns = tuple(
        column
        if column.name not in decided
        else replace(column, sources=(decided[column.name], *column.sources))
        if decided[column.name]
        else replace(column, absent=True)
        for column in plan.columns
    )
    return replace(plan, columns=columns)


def _window(load: FeedLoad, plan: FeedPlan) -> tuple[bool, Window | None]:
    """Whether the load is merged by key, and what is read of the source; notes it on the load."""
    ref, feed = load.dataset.ref, library().feeds()[load.dataset.ref]
    if load.mode == "push":
        return True, None
    if load.mode == "backfill":
        return True, Window(since=load.since, until=load.until)
    newest = lake().newest(ref)
    is_due_whole = load.mode == "whole" or plan.increment is None or not newest
    is_due_whole = is_due_whole or lake().columns(ref) != plan.types  # the packs have moved on
    if is_due_whole or (load.mode != "increment" and _whole_is_due(load, feed.increment)):
        load.mode = "whole"
        return False, None
    load.mode = "increment"
    assert plan.increment is not None and feed.increment is not None
    load.since = earlier(newest, plan.types[plan.increment.by], feed.increment.overlap)
    return True, Window(since=load.since)


def _whole_is_due(load: FeedLoad, increment: Any) -> bool:
    """Whether everything is to be compared again: deletions that nobody flagged are found so."""
    wholes = FeedLoad.objects.filter(
        dataset=load.dataset, mode="whole", state__in=["done", "same"], ended_at__isnull=False
    )
    last = wholes.order_by("-id").values_list("ended_at", flat=True).first()
    if last is None:
        first = CollectionRun.objects.filter(dataset=load.dataset).order_by("-id").first()
        last = first.collected_at if first else None
    if last is None or load.begun_at is None:
        return True
    is_read_anew = load.dataset.mappings.filter(active_until__gt=last).exists()
    return is_read_anew or (load.begun_at - last).days >= increment.whole_days


def _before(dataset: Dataset, *, is_whole: bool) -> holding.Before:
    store, plan = lake(), dataset.plan
    known = dataset.ref in store.tables()
    latest = store.snapshots(dataset.ref)[-1] if known else None
    last = CollectionRun.objects.filter(dataset=dataset).order_by("-id").first()
    found = store.collection(dataset.ref, last.run) if last else None
    return holding.Before(
        rows=latest.rows if latest else 0,
        newest=store.newest(dataset.ref) if known else "",
        at=latest.at if latest else None,
        rejected_mark=found.rejected_mark if found else "",
        drop_limit=plan.drop_limit,
        rejected_limit=plan.rejected_limit,
        is_whole=is_whole,
    )


def _last_digest(load: FeedLoad) -> str:
    rows = FeedLoad.objects.filter(dataset=load.dataset, state__in=["done", "same"])
    rows = rows.exclude(pk=load.pk).exclude(mode="push").order_by("-id")
    return rows.values_list("digest", flat=True).first() or ""


def _nothing_new(load: FeedLoad, at: datetime, why: str) -> jobs.Result:
    FeedLoad.objects.filter(pk=load.pk).update(state="same", ended_at=at, error="")
    return _result(load, why)


def _hold_for_drift(load: FeedLoad, drift: SchemaDrift, at: datetime) -> jobs.Result:
    told = {name: drift.data.get(name) for name in ("missing", "found", "doubled", "file")}
    FeedLoad.objects.filter(pk=load.pk).update(
        state="held", reasons=[drift.message], drift=told, ended_at=at
    )
    return _result(load, "来源的列有变，等待决定")


def _result(load: FeedLoad, note: str) -> jobs.Result:
    return jobs.Result({"结果": note}, ("steward:load", load.run))


def _count(load: FeedLoad, found: Collection) -> None:
    changes = found.changes
    counts = {name: getattr(found, name) for name in ("read", "accepted", "rejected", "total")}
    if changes is not None:
        counts |= {n: getattr(changes, n) for n in ("inserted", "changed", "deleted", "same")}
    told = {"newest": found.newest, "unused": list(found.unused)}
    FeedLoad.objects.filter(pk=load.pk).update(**counts, **told)


def _settle(load: FeedLoad, found: Collection, *, at: datetime) -> None:
    """Note what was committed, then bring it to corrections, tables and owners. Idempotent."""
    with transaction.atomic():
        record_collection(found, at=found.at, mode=load.mode)
        _count(load, found)
        FeedLoad.objects.filter(pk=load.pk).update(state="done", ended_at=at)
    ref = load.dataset.ref
    carry_corrections(at=at, feed=ref)
    republish([ref], at=at)
    follow_up(ref, run=found.run, at=at)
    match_return(ref, run=found.run)
    for follow in _followers.values():
        follow(ref, at)


def when_loaded(name: str, *, act: Follower) -> None:
    """Have ``act(ref, at)`` called after each load; boot says so for the rooms above."""
    _followers[name] = act


@transaction.atomic
def note_load(found: Collection, *, by: str, at: datetime) -> None:
    """补记: note a load that was committed outside the jobs, and hand its failing rows over."""
    dataset = feed_of(found.feed)
    load, _ = FeedLoad.objects.get_or_create(
        run=found.run,
        defaults={
            "dataset": dataset,
            "mode": "whole",
            "state": "done",
            "source": library().feeds()[found.feed].source,
            "asked_by": by,
            "asked_at": at,
            "begun_at": at,
            "ended_at": at,
        },
    )
    _count(load, found)
    follow_up(found.feed, run=found.run, at=at)
