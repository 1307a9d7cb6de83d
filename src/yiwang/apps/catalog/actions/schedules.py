"""When feeds are loaded: plans from the packs, changed by the steward; due ones asked for."""

from datetime import datetime
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from yiwang.apps.catalog import holding
from yiwang.apps.catalog.feed_sources import bound_sources, library, stamp_of
from yiwang.apps.catalog.models import CollectionRun, Dataset, FeedPlanSetting
from yiwang.apps.catalog.queries.feeds import COLLECT, feed_of
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.kernel.cycles import cycle_of_duration, read_cycle
from yiwang.kernel.errors import Invalid, YiwangError
from yiwang.kernel.workdays import Calendar
from yiwang.lake import Source
from yiwang.packkit import Library


class LimitUnfit(Invalid):
    """A limit of a feed's plan is not a share between 0 and 1."""

    code = "catalog.limit_unfit"


@transaction.atomic
def install_feed_plans(packs: Library, *, at: datetime) -> None:
    """Give every feed without a plan the one its pack says; what a steward set stays."""
    known = set(FeedPlanSetting.objects.values_list("dataset__ref", flat=True))
    rows = Dataset.objects.filter(kind=Dataset.Kind.FEED, active_until=None)
    for dataset in rows.exclude(ref__in=known):
        feed = packs.feeds().get(dataset.ref)
        if feed is None:
            continue
        cycle = feed.schedule or getattr(cycle_of_duration(feed.cycle), "text", "")
        FeedPlanSetting.objects.create(
            dataset=dataset,
            cycle=cycle,
            drop_limit=holding.DROP_LIMIT,
            rejected_limit=holding.REJECTED_LIMIT,
            set_by="pack",
            set_at=at,
        )


@transaction.atomic
def set_feed_plan(
    ref: str,
    *,
    cycle: str,
    is_active: bool,
    drop_limit: Decimal,
    rejected_limit: Decimal,
    officer: identity.Officer,
    at: datetime,
) -> None:
    """设置归集计划: when a feed is loaded and what makes a load wait for a decision."""
    identity.require(officer, "catalog.collect")
    if not (0 <= drop_limit <= 1 and 0 <= rejected_limit <= 1):
        raise LimitUnfit("上限应在 0% 到 100% 之间。", hint="例如减少上限 50%、隔离上限 30%。")
    text = read_cycle(cycle).text if cycle.strip() else ""
    FeedPlanSetting.objects.filter(dataset=feed_of(ref)).update(
        cycle=text,
        is_active=is_active,
        drop_limit=drop_limit,
        rejected_limit=rejected_limit,
        due_at=None,
        set_by=officer.username,
        set_at=at,
    )
    journal.record(
        "catalog.feed_plan_set",
        subject=ref,
        actor=officer.username,
        at=at,
        facts={"cycle": text, "active": int(is_active)},
    )


def ask_for_due_loads(at: datetime) -> list[int]:
    """Ask for a load of each feed that is due by its cycle, or whose folder got new files."""
    bound = bound_sources(Path(settings.HOME))
    calendar = library().calendar
    asked = []
    for plan in FeedPlanSetting.objects.filter(is_active=True).select_related("dataset"):
        feed = library().feeds().get(plan.dataset.ref)
        if feed is None or feed.source not in bound:
            continue
        is_due = _is_due(plan, at, calendar)
        if _has_new_files(plan, bound[feed.source]) or is_due:
            asked.append(jobs.ask(COLLECT, about=plan.dataset.ref, by="system", at=at))
    return asked


def _is_due(plan: FeedPlanSetting, at: datetime, calendar: Calendar) -> bool:
    """Whether a due time has come since the last one; the mark moves for one worker only."""
    if not plan.cycle:
        return False
    try:
        due = read_cycle(plan.cycle).last(at, calendar)
    except YiwangError:
        return False  # the page says why its next time cannot be reckoned
    if due is None or (plan.due_at is not None and plan.due_at >= due):
        return False
    rows = FeedPlanSetting.objects.filter(pk=plan.pk).filter(Q(due_at=None) | Q(due_at__lt=due))
    return bool(rows.update(due_at=due)) and plan.due_at is not None


def _has_new_files(plan: FeedPlanSetting, source: Source) -> bool:
    """Whether files came and lay still for one look: half-copied ones are left to the next."""
    stamp = stamp_of(library().feed_plan(plan.dataset.ref).shape, source)
    if not stamp or plan.seen == stamp:
        return False
    is_first = not plan.seen and CollectionRun.objects.filter(dataset=plan.dataset).exists()
    is_still = plan.seen == f"?{stamp}"
    seen = stamp if is_first or is_still else f"?{stamp}"
    rows = FeedPlanSetting.objects.filter(pk=plan.pk, seen=plan.seen)
    return bool(rows.update(seen=seen)) and is_still
