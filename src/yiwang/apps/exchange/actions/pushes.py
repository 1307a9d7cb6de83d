"""数据库推送: a grant delivers into the consumer's own table whenever there is a new snapshot."""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange.actions.grants import (
    new_key,
    require_in_force,
    require_ordinary,
    stop_key,
)
from yiwang.apps.exchange.actions.notes import note
from yiwang.apps.exchange.drafts import CallRefused, Draft
from yiwang.apps.exchange.gate import Call
from yiwang.apps.exchange.holding import held_of
from yiwang.apps.exchange.models import Grant, PushRecord
from yiwang.apps.exchange.queries.grants import GrantView, grant_row, grant_view
from yiwang.apps.exchange.queries.pushes import PushView, push_view
from yiwang.apps.exchange.streaming import Stream, open_stream
from yiwang.apps.exchange.targets import target
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import Conflict, Invalid, YiwangError
from yiwang.lake import Push, Pushed, PushUnbalanced, Type, last_pushed, push
from yiwang.lake.store import TableUnknown

PLATFORM = "platform"
SINCE_UNKNOWN = "since_unknown"


class NotPushed(Conflict):
    """The grant cannot be pushed, or has no target."""

    code = "exchange.not_pushed"


class PushMalformed(Invalid):
    """The target of a push is not written as it must be."""

    code = "exchange.push_malformed"


@transaction.atomic
def set_push(
    number: str, *, name: str, relation: str, officer: identity.Officer, at: datetime
) -> GrantView:
    """设定推送: deliver into ``relation`` of the organ's own database ``name`` from now on."""
    grant = grant_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=grant.organ)
    require_in_force(grant, at)
    require_ordinary(grant)
    relation = relation.strip()
    target(name, organ=grant.organ)
    if grant.lookup:
        raise NotPushed(
            f"授权 {number} 只允许按键查询，不能推送。", hint="请另提按页读取的数据需求。"
        )
    if grant.assurance == "signed":
        raise NotPushed(
            f"授权 {number} 要求逐次签名，不能由平台推送。", hint="请改用文件接口，或另提需求。"
        )
    if not relation or len(f"{name}/{relation}") > 80:
        raise PushMalformed("请写明目标表，名称不宜过长。", hint="写 表 或 模式.表。")
    grant.target = f"{name}/{relation}"
    grant.save(update_fields=["target"])
    note("exchange.push_set", grant, officer.username, at)
    return grant_view(grant)


@transaction.atomic
def stop_push(number: str, *, officer: identity.Officer, at: datetime) -> GrantView:
    """停止推送: what was pushed stays with the consumer."""
    grant = grant_row(number, lock=True)
    identity.require(officer, "exchange.demand", organ=grant.organ)
    _place(grant)
    grant.target = ""
    grant.save(update_fields=["target"])
    note("exchange.push_stopped", grant, officer.username, at)
    return grant_view(grant)


def push_now(number: str, *, officer: identity.Officer, at: datetime) -> PushView:
    """立即推送: without waiting for the timetable."""
    grant = grant_row(number)
    identity.require(officer, "exchange.demand", organ=grant.organ)
    _place(grant)
    note("exchange.push_asked", grant, officer.username, at)
    return push_grant(number, at=at)


def push_due(at: datetime) -> int:
    """Push every grant in force whose table has a snapshot that its target does not hold yet."""
    due = Grant.objects.filter(withdrawn_at=None, active_until__gt=at).exclude(target="")
    done = 0
    for grant in due.order_by("pk"):
        last = grant.pushes.filter(fault="").exclude(snapshot="").order_by("-pk").first()
        if not last or last.snapshot != _snapshot(grant.table):
            done += not push_grant(grant.number, at=at).fault
    return done


def push_grant(number: str, *, at: datetime) -> PushView:
    """Deliver once: what changed since the target's snapshot, or everything where that fails.

    Counts must balance; a push that breaks off leaves the target as it was, and is on record.
    """
    grant = grant_row(number)
    _place(grant)
    row, began = PushRecord.objects.create(grant=grant, begun_at=at), time.monotonic()
    try:
        since = _since(grant)
        try:
            pushed = _delivered(grant, row, since=since, at=at)
        except (PushUnbalanced, CallRefused) as error:
            if not since or error.data.get("reason", SINCE_UNKNOWN) != SINCE_UNKNOWN:
                raise
            pushed = _delivered(grant, row, since="", at=at)
        row.added, row.changed, row.removed = pushed.added, pushed.changed, pushed.removed
        row.total = pushed.total
    except YiwangError as error:
        row.fault, row.sentence = error.code[:60], f"{error.message}{error.hint}"[:300]
    row.ended_at = _after(at, began)
    row.save()
    return push_view(row)


def _place(grant: Grant) -> tuple[str, str]:
    name, _, relation = grant.target.partition("/")
    if not relation:
        raise NotPushed(f"授权 {grant.number} 没有设定推送。", hint="请先设定推送目标。")
    return name, relation


def _key(grant: Grant) -> tuple[str, ...]:
    """By which rows are told apart at the consumer; none where the key leaves masked."""
    key, held = catalog.dataset(grant.table).key, held_of(grant)
    is_seen = all(name in grant.columns and name not in held.masks for name in key)
    return tuple(key) if is_seen else ()


def _since(grant: Grant) -> str:
    name, relation = _place(grant)
    held = last_pushed(target(name, organ=grant.organ).binding, relation)
    return held if _key(grant) else ""


def _delivered(grant: Grant, row: PushRecord, *, since: str, at: datetime) -> Pushed:
    """One call of the gate, judged, masked and metered as any other, whose file goes the way."""
    secret = new_key(grant, by=PLATFORM, at=at)
    try:
        call = Call(
            key=secret, table=grant.table, purpose=grant.purpose, case=grant.demand.number,
            form="push", since=since, system=grant.system,
        )  # fmt: skip
        stream = open_stream(Draft(call, at), "arrow")
        row.call, row.since, row.snapshot = stream.draft.number, since, stream.snapshot
        return _sent(grant, stream, since=since, at=at)
    finally:
        stop_key(grant, secret, by=PLATFORM, at=at)


def _sent(grant: Grant, stream: Stream, *, since: str, at: datetime) -> Pushed:
    name, relation = _place(grant)
    held, columns = held_of(grant), stream.export.selection.columns
    stored: Mapping[str, Type] = held.types  # type: ignore[assignment] # the catalogue's words
    wanted = Push(
        relation=relation,
        types={one: "text" if one in held.masks else stored[one] for one in columns},
        key=_key(grant),
        since=since,
        snapshot=stream.snapshot,
        call=stream.draft.number,
        total=catalog.lake().count_selected(stream.export.selection),
        at=at,
    )
    began = time.monotonic()
    try:
        pushed = push(target(name, organ=grant.organ).binding, wanted, stream.parts())
    except BaseException as error:
        stream.end(at=_after(at, began), fault=getattr(error, "code", type(error).__name__))
        raise
    stream.end(at=_after(at, began))
    return pushed


def _after(at: datetime, began: float) -> datetime:
    """The instant now, for a caller whose clock stood at ``at`` when it began."""
    return at + timedelta(seconds=time.monotonic() - began)


def _snapshot(table: str) -> str:
    try:
        return catalog.lake().snapshots(table)[-1].id
    except TableUnknown:
        return ""
