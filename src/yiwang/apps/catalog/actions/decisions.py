"""Decisions on loads that wait: published, gone on with other columns, or thrown away."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from yiwang.apps.catalog.feed_sources import library
from yiwang.apps.catalog.models import ColumnMapping, FeedLoad
from yiwang.apps.catalog.queries.feeds import COLLECT, LoadUnknown, choices, feed_of, overtaken_by
from yiwang.apps.catalog.serving import lake
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import CHINA
from yiwang.kernel.errors import Conflict, Invalid


class LoadNotHeld(Conflict):
    """The load does not wait for a decision."""

    code = "catalog.load_not_held"


class LoadOvertaken(Conflict):
    """What was held is older than what has been loaded since."""

    code = "catalog.load_overtaken"


class DecisionUnfit(Invalid):
    """The decision does not fit what the load waits for."""

    code = "catalog.decision_unfit"


class MappingNotInForce(Conflict):
    """No decision on this column is in force."""

    code = "catalog.mapping_not_in_force"


def decide_load(
    run: str,
    *,
    decision: str,
    officer: identity.Officer,
    at: datetime,
    reason: str,
    mapping: Mapping[str, str] | None = None,
) -> None:
    """决定: publish a held load, let it go on with other columns, or throw it away.

    ``publish`` and ``refuse`` for loads held by their counts; ``map`` and ``refuse`` for changed
    columns: ``mapping`` names the source's column of each missing one, empty when it is gone.
    What goes on is a job, as every load is.
    """
    identity.require(officer, "catalog.collect")
    if not reason.strip():
        raise DecisionUnfit("没有写理由。", hint="写明与提供部门核对的结果。")
    with transaction.atomic():
        load = _held(run, decision)
        if decision == "map":
            _map(load, mapping or {}, officer, at, reason)
            load.drift, load.reasons = {}, []
        load.decision, load.decided_by, load.decided_at = decision, officer.username, at
        load.decision_reason = reason[:500]
        load.state = "refused" if decision == "refuse" else "waiting"
        if decision != "refuse":
            load.job = jobs.ask(
                COLLECT, about=f"{load.dataset.ref}#{run}", params={"run": run}, by=officer, at=at
            )
        load.save()
        journal.record(
            "catalog.load_decided",
            subject=run,
            actor=officer.username,
            at=at,
            facts={"decision": decision},
        )
    if decision == "refuse":
        lake().discard(load.dataset.ref, run)


def _held(run: str, decision: str) -> FeedLoad:
    """The load, locked, if it waits and the decision fits."""
    load = FeedLoad.objects.select_for_update().filter(run=run).first()
    if load is None:
        raise LoadUnknown(f"没有归集作业 {run}。", hint="从归集作业列表进入。")
    if load.state != "held":
        raise LoadNotHeld(
            f"归集作业 {load.run} 不在待决定状态（{load.get_state_display()}）。",
            hint="刷新页面查看结果。",
        )
    later = overtaken_by(load) if decision == "publish" else None
    if later is not None and later.begun_at is not None:
        raise LoadOvertaken(
            f"这一批之后，批次 {later.run}（{later.begun_at.astimezone(CHINA):%m-%d %H:%M} 读取）"
            "已经入库；照常入库会用旧数据盖掉新数据。",
            hint="作废这一批；需要时重新归集。",
            run=load.run,
            later=later.run,
        )
    if decision not in choices(load):
        raise DecisionUnfit("这个决定不适用于此作业。", hint="按页面给出的选项决定。")
    return load


def _map(
    load: FeedLoad, mapping: Mapping[str, str], officer: identity.Officer, at: datetime, reason: str
) -> None:
    missing: Mapping[str, str] = load.drift.get("missing") or {}
    feed = library().feeds()[load.dataset.ref]
    for column in missing:
        source = mapping.get(column, "").strip()
        if not source and (column in feed.key or feed.columns[column].required):
            raise DecisionUnfit(
                f"“{feed.columns[column].title}”是主键或必填项，不能缺少。",
                hint="指明来源现在的列名；确实没有时只能作废这一批，并修改数据规范。",
            )
        if source and source not in (load.drift.get("found") or ()):
            raise DecisionUnfit(f"来源没有列“{source}”。", hint="从来源现有的列中选择。")
        load.dataset.mappings.filter(column=column, active_until=None).update(active_until=at)
        ColumnMapping.objects.create(
            dataset=load.dataset,
            column=column,
            source=source,
            reason=reason[:500],
            decided_by=officer.username,
            active_from=at,
        )


@transaction.atomic
def end_mapping(
    ref: str, *, column: str, officer: identity.Officer, at: datetime, reason: str
) -> None:
    """取消列对应: read the column by its declared names again; the next load reads everything."""
    identity.require(officer, "catalog.collect")
    if not reason.strip():
        raise DecisionUnfit("没有写理由。", hint="写明与提供部门核对的结果。")
    rows = feed_of(ref).mappings.filter(column=column, active_until=None)
    if not rows.update(active_until=at, ended_by=officer.username, end_reason=reason.strip()[:500]):
        raise MappingNotInForce(
            f"{ref} 没有对列 {column} 的有效决定。", hint="刷新页面查看现行的列对应。"
        )
    journal.record(
        "catalog.mapping_ended",
        subject=ref,
        actor=officer.username,
        at=at,
        facts={"column": column},
    )
