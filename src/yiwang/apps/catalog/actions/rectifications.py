"""Rectification: failing rows go to the organ that answers for them, and are looked at again."""

from datetime import datetime

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog.models import CollectionRun, Dataset, Rectification
from yiwang.apps.catalog.serving import lake
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal

FLOW = "base.rectification"


def follow_up(ref: str, *, run: str, at: datetime) -> Rectification | None:
    """整改跟踪: after a load, re-check the open case of a feed, or open one for its failing rows.

    The case ends by itself when none of the rows it was opened for still fails; an increment, a
    push or a back-fill puts right only the rows that it brings. Other failing rows of the load
    that ends a case become the next one.
    """
    dataset = Dataset.objects.get(ref=ref)
    found = CollectionRun.objects.filter(dataset=dataset, run=run).first()
    if found is None:
        return None
    one = Rectification.objects.filter(dataset=dataset, closed_at=None).first()
    if one is None:
        return _open(dataset, found, at) if found.rejected else None
    if one.checked_run == run:
        return one
    still = lake().still_rejected(ref, before=one.run, after=run)
    with transaction.atomic():
        one.left, one.checked_run = min(still, one.rows), run
        one.closed_at = None if still else at
        one.save()
        if not still:
            end_case(one.case, reason=_closing(one), at=at)
        journal.record(
            "catalog.rectification_checked",
            subject=ref,
            actor="catalog",
            at=at,
            case=one.case,
            facts={"left": one.left},
        )
        if not still and found.rejected:
            return _open(dataset, found, at)
    return one


def end_case(number: str, *, reason: str, at: datetime) -> None:
    """End the case from whichever step it stands at, unless somebody has ended it."""
    for verb in ("handle", "close"):
        try:
            casework.act(number=number, verb=verb, officer="catalog", at=at, reason=reason)
        except casework.MoveNotOpen:
            continue


def _closing(one: Rectification) -> str:
    told = f"原有问题 {one.rows:,} 行均已改正或不再提供"
    return f"复核至批次 {one.checked_run}：{told}，自动办结。"


@transaction.atomic
def _open(dataset: Dataset, run: CollectionRun, at: datetime) -> Rectification | None:
    """Open a case at the feed's organ; a place without that organ or flow has none."""
    organs = {one.id: one for one in identity.organs()}
    if dataset.organ not in organs:
        return None
    try:
        case = casework.open_case(
            flow=FLOW,
            subject=dataset.ref,
            title=f"{dataset.title}：{run.rejected:,} 行未通过质量规则",
            organ=dataset.organ,
            division=organs[dataset.organ].division,
            facts={
                "dataset": dataset.ref,
                "run": run.run,
                "rejected": run.rejected,
                "by_rule": run.by_rule,
                "reason": "数据质量问题",
            },
            actor="catalog",
            at=at,
        )
    except casework.FlowUnknown:
        return None
    return Rectification.objects.create(
        dataset=dataset,
        case=case.number,
        run=run.run,
        rows=run.rejected,
        left=run.rejected,
        checked_run=run.run,
        opened_at=at,
    )
