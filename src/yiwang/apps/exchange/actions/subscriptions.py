"""Subscriptions to granted tables, and grants that run out: who is told, and when."""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.actions.notes import note
from yiwang.apps.exchange.models import Grant, Notice, Subscription
from yiwang.apps.exchange.queries.grants import grant_row
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict
from yiwang.lake.store import TableUnknown

RENEW_WITHIN = timedelta(days=30)
"""A grant that ends within this time is announced to its user."""


class AlreadySubscribed(Conflict):
    """The grant has a subscription that is still running."""

    code = "exchange.already_subscribed"


class NotSubscribed(Conflict):
    """The grant has no running subscription."""

    code = "exchange.not_subscribed"


def subscribe(number: str, *, officer: identity.Officer, at: datetime) -> None:
    """订阅: tell the organ of every new snapshot of the granted table from now on."""
    grant = grant_row(number)
    identity.require(officer, "exchange.demand", organ=grant.organ)
    try:
        with transaction.atomic():
            Subscription.objects.create(
                grant=grant,
                snapshot=_snapshot(grant.table),
                begun_by=officer.username,
                begun_at=at,
            )
            note("exchange.subscribed", grant, officer.username, at)
    except IntegrityError as error:
        raise AlreadySubscribed(f"授权 {number} 已订阅。", hint="不必重复订阅。") from error


@transaction.atomic
def unsubscribe(number: str, *, officer: identity.Officer, at: datetime) -> None:
    """退订: no more notices of new snapshots."""
    grant = grant_row(number)
    identity.require(officer, "exchange.demand", organ=grant.organ)
    ended = Subscription.objects.filter(grant=grant, ended_at=None).update(
        ended_at=at, ended_by=officer.username
    )
    if not ended:
        raise NotSubscribed(f"授权 {number} 没有在用的订阅。", hint="请刷新页面。")
    note("exchange.unsubscribed", grant, officer.username, at)


def tell_subscribers(at: datetime) -> int:
    """Tell each subscriber of a new snapshot; of grants no longer in force nothing is told."""
    running = Subscription.objects.filter(
        ended_at=None, grant__withdrawn_at=None, grant__active_until__gt=at
    )
    return sum(_told(row, at) for row in running.select_related("grant"))


@transaction.atomic
def _told(row: Subscription, at: datetime) -> bool:
    snapshot = _snapshot(row.grant.table)
    if not snapshot or snapshot == row.snapshot:
        return False
    title = catalog.dataset(row.grant.table).title
    Notice.objects.get_or_create(
        organ=row.grant.organ,
        kind=Notice.Kind.SNAPSHOT,
        table=row.grant.table,
        reference=snapshot,
        defaults={
            "text": f"“{title}”有新的快照，可按授权 {row.grant.number} 取用。",
            "at": at,
        },
    )
    row.snapshot = snapshot
    row.save(update_fields=["snapshot"])
    return True


def announce_ends(at: datetime) -> int:
    """续期提醒: tell the user of a grant, once, that it ends within thirty days."""
    ending = Grant.objects.filter(
        withdrawn_at=None, active_until__gt=at, active_until__lte=at + RENEW_WITHIN
    ).select_related("demand")
    told = 0
    for grant in ending:
        if grant.active_until - grant.active_from <= RENEW_WITHIN:
            continue  # a short grant is meant to end
        _, is_new = Notice.objects.get_or_create(
            organ=grant.organ,
            kind=Notice.Kind.RENEWAL,
            table=grant.table,
            reference=grant.number,
            defaults={
                "text": f"授权 {grant.number} 将于 {local_date(grant.active_until)} 到期；"
                "仍需使用的请在到期前续期，逾期调用将被拒绝。",
                "at": at,
            },
        )
        told += is_new
    return told


def _snapshot(table: str) -> str:
    try:
        return catalog.lake().snapshots(table)[-1].id
    except TableUnknown:
        return ""
