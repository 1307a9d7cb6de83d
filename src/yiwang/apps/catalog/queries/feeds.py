"""How feeds are collected: plans with their next time, loads, decisions, drift, the ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db.models import Count, QuerySet, Sum

from yiwang.apps.catalog.feed_sources import bound_sources, library, shown
from yiwang.apps.catalog.models import (
    ColumnSource,
    Dataset,
    FeedLoad,
    FeedPlanSetting,
    ReturnRequest,
)
from yiwang.apps.catalog.queries.columns import DatasetUnknown
from yiwang.apps.jobs import public as jobs
from yiwang.kernel.cycles import read_cycle
from yiwang.kernel.errors import NotFound, YiwangError

COLLECT = "catalog.collect"
"""The kind of job that loads a feed."""
MODES: Mapping[str, str] = {
    "": "自动",
    "whole": "全量",
    "increment": "增量",
    "backfill": "回补",
    "push": "接口推送",
}
DECISIONS: Mapping[str, str] = {"publish": "照常入库", "map": "对应列后继续", "refuse": "作废"}
LEVELS: Mapping[str, str] = {"nation": "国家", "province": "省", "city": "市"}


class LoadUnknown(NotFound):
    """There is no load of this name."""

    code = "catalog.load_unknown"


@dataclass(frozen=True, kw_only=True)
class LoadView:
    """归集作业 as pages show it; counts balance: read = accepted + rejected."""

    run: str
    ref: str
    title: str
    organ: str
    mode_title: str
    state: str
    state_title: str
    job: int | None
    source: str
    asked_by: str
    asked_at: datetime
    begun_at: datetime | None
    ended_at: datetime | None
    since: str
    until: str
    newest: str
    read: int
    accepted: int
    rejected: int
    inserted: int
    changed: int
    deleted: int
    same: int
    total: int
    reasons: tuple[str, ...]
    missing: Mapping[str, str]
    found: tuple[str, ...]
    unused: tuple[str, ...]
    """Columns of the source that the feed does not read."""
    choices: tuple[str, ...]
    """The decisions that it may be given now."""
    overtaken_by: str
    """The batch that has brought newer data since, while it waits."""
    error: str
    decision: str
    decided_by: str
    decided_at: datetime | None
    decision_reason: str

    @property
    def seconds(self) -> float | None:
        """How long it took, a decision's waiting aside."""
        if self.begun_at is None or self.ended_at is None:
            return None
        return (self.ended_at - self.begun_at).total_seconds()


@dataclass(frozen=True, kw_only=True)
class FeedView:
    """A feed with its plan and its last load."""

    ref: str
    title: str
    organ: str
    source: str
    source_kind: str
    cycle: str
    cycle_title: str
    is_active: bool
    drop_limit: Decimal
    rejected_limit: Decimal
    next_at: datetime | None
    problem: str
    increment: str
    last: LoadView | None
    waiting: int
    """Loads that wait for a decision."""
    job: jobs.JobView | None
    """The job that waits or runs now."""
    mappings: tuple[tuple[str, str, str, str, datetime], ...]
    """Decided columns in force: name, title, source column (empty: gone), who, when."""
    has_push_key: bool


@dataclass(frozen=True, kw_only=True)
class ReturnView:
    """A line of the return-feed ledger with what came of it."""

    number: int
    title: str
    level: str
    provider: str
    organ: str
    purpose: str
    basis: str
    feed: str
    state: str
    state_title: str
    asked_by: str
    asked_on: date
    answered_on: date | None
    answer: str
    loads: int
    rows: int
    last_at: datetime | None
    identified: int | None
    """Persons or firms in the table after the last load; None where they cannot be told."""
    matched: int | None
    """Those of them that the base library knows from other sources."""
    used_by: tuple[str, ...]


def feed_of(ref: str) -> Dataset:
    """The dataset of a feed, or ``DatasetUnknown``."""
    found = Dataset.objects.filter(ref=ref, kind=Dataset.Kind.FEED, active_until=None).first()
    if found is None:
        raise DatasetUnknown.of(ref)
    return found


def feed_plans(*, at: datetime) -> list[FeedView]:
    """Every feed with its plan, those with loads to decide first."""
    rows = FeedPlanSetting.objects.select_related("dataset").filter(dataset__active_until=None)
    found = [_feed(row, at) for row in rows.order_by("dataset__ref")]
    return sorted(found, key=lambda one: (not one.waiting, one.organ, one.ref))


def feed_plan(ref: str, *, at: datetime) -> FeedView:
    """One feed with its plan."""
    return _feed(feed_of(ref).plan, at)


def loads(*, ref: str = "", state: str = "", offset: int = 0, limit: int = 50) -> list[LoadView]:
    """Loads, newest first."""
    rows = FeedLoad.objects.select_related("dataset")
    rows = rows.filter(dataset__ref=ref) if ref else rows
    rows = rows.filter(state=state) if state else rows
    return [_load(row) for row in rows.order_by("-id")[offset : offset + limit]]


def load(run: str) -> LoadView:
    """One load, or ``LoadUnknown``."""
    row = FeedLoad.objects.select_related("dataset").filter(run=run).first()
    if row is None:
        raise LoadUnknown(f"没有归集作业 {run}。", hint="从归集作业列表进入。")
    return _load(row)


def choices(row: FeedLoad) -> tuple[str, ...]:
    """The decisions that a load may be given now; none unless it waits for one."""
    if row.state != "held":
        return ()
    if row.drift:
        can_be_mapped = row.drift.get("missing") and not row.drift.get("doubled")
        return ("map", "refuse") if can_be_mapped else ("refuse",)
    return ("refuse",) if overtaken_by(row) else ("publish", "refuse")


def overtaken_by(row: FeedLoad) -> FeedLoad | None:
    """The load that has brought newer data than this one read, if there is one.

    A later read of the source holds all that an earlier one could bring; what was pushed, or read
    of a past period, is overtaken only by a read of the whole.
    """
    later = FeedLoad.objects.filter(dataset=row.dataset, state__in=["done", "same"])
    later = later.filter(begun_at__gt=row.begun_at) if row.begun_at else later.none()
    if row.mode in ("push", "backfill"):
        later = later.filter(mode="whole")
    return later.order_by("-begun_at").first()


def count_held() -> int:
    """Loads that wait for a decision."""
    return FeedLoad.objects.filter(state="held").count()


def returns() -> list[ReturnView]:
    """回流台账: every request for upper-level data, newest first."""
    return [_return(row) for row in ReturnRequest.objects.order_by("-id")]


def _feed(row: FeedPlanSetting, at: datetime) -> FeedView:
    dataset: Dataset = row.dataset
    feed = library().feeds().get(dataset.ref)
    bound = bound_sources(Path(settings.HOME)).get(feed.source) if feed else None
    next_at, problem, title = None, "", "手动"
    try:
        if row.cycle:
            cycle = read_cycle(row.cycle)
            title, next_at = cycle.title, cycle.next(at, library().calendar)
    except YiwangError as error:
        problem = str(error)
    last = FeedLoad.objects.select_related("dataset").filter(dataset=dataset).order_by("-id")
    titles = {column.name: column.title for column in dataset.columns.all()}
    running = jobs.jobs(kind=COLLECT, about=dataset.ref, state="open", limit=1)
    return FeedView(
        ref=dataset.ref,
        title=dataset.title,
        organ=dataset.organ,
        source=feed.source if feed else "",
        source_kind=shown(bound) if bound else "未绑定",
        cycle=row.cycle,
        cycle_title=title,
        is_active=row.is_active,
        drop_limit=row.drop_limit,
        rejected_limit=row.rejected_limit,
        next_at=next_at if row.is_active else None,
        problem=problem,
        increment=titles.get(feed.increment.by, "") if feed and feed.increment else "",
        last=_load(last[0]) if last else None,
        waiting=last.filter(state="held").count(),
        job=running[0] if running else None,
        mappings=_mappings(dataset, titles),
        has_push_key=dataset.push_keys.filter(stopped_at=None).exists(),
    )


def _mappings(
    dataset: Dataset, titles: Mapping[str, str]
) -> tuple[tuple[str, str, str, str, datetime], ...]:
    return tuple(
        (
            one.column,
            titles.get(one.column, one.column),
            one.source,
            one.decided_by,
            one.active_from,
        )
        for one in dataset.mappings.filter(active_until=None)
    )


_SAME = (
    "run state job source asked_by asked_at begun_at ended_at since until newest read accepted "
    "rejected inserted changed deleted same total error decision_reason decided_by decided_at"
).split()


def _load(row: FeedLoad) -> LoadView:
    later = overtaken_by(row) if row.state == "held" else None
    return LoadView(
        **{name: getattr(row, name) for name in _SAME},
        ref=row.dataset.ref,
        title=row.dataset.title,
        organ=row.dataset.organ,
        mode_title=MODES.get(row.mode, row.mode),
        state_title=row.get_state_display(),
        reasons=tuple(row.reasons),
        missing=row.drift.get("missing") or {},
        found=tuple(row.drift.get("found") or ()),
        unused=tuple(row.unused),
        choices=choices(row),
        overtaken_by=later.run if later else "",
        decision=DECISIONS.get(row.decision, row.decision),
    )


def _return(row: ReturnRequest) -> ReturnView:
    done: QuerySet[FeedLoad] = FeedLoad.objects.filter(dataset__ref=row.feed, state="done")
    told = done.aggregate(loads=Count("id"), rows=Sum("accepted"))
    last = done.order_by("-id").first()
    users = ColumnSource.objects.filter(source_table=row.feed) if row.feed else ()
    names = (
        {one.column.dataset.title for one in users.select_related("column__dataset")}
        if users
        else set()
    )
    same = "title provider organ purpose basis feed state asked_by asked_on answered_on answer"
    return ReturnView(
        **{name: getattr(row, name) for name in same.split()},
        number=row.pk,
        level=LEVELS.get(row.level, row.level),
        state_title=row.get_state_display(),
        loads=told["loads"],
        rows=told["rows"] or 0,
        last_at=last.ended_at if last else None,
        identified=last.identified if last else None,
        matched=last.matched if last else None,
        used_by=tuple(sorted(names)),
    )
