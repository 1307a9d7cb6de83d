"""The return-feed ledger: data of upper levels asked for, answered, received."""

from datetime import datetime

from django.db import transaction

from yiwang.apps.catalog.models import ReturnRequest
from yiwang.apps.catalog.queries.feeds import feed_of
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid, NotFound

_NEXT = {
    "asked": ("agreed", "refused"),
    "agreed": ("receiving", "ended"),
    "receiving": ("ended",),
    "refused": (),
    "ended": (),
}


class ReturnUnknown(NotFound):
    """There is no such entry in the ledger."""

    code = "catalog.return_unknown"


class ReturnMalformed(Invalid):
    """The request lacks what the upper level will ask for."""

    code = "catalog.return_malformed"


class ReturnNotOpen(Conflict):
    """The entry is in a state from which this step does not go."""

    code = "catalog.return_not_open"


@transaction.atomic
def ask_return(
    *,
    title: str,
    level: str,
    provider: str,
    purpose: str,
    officer: identity.Officer,
    at: datetime,
    basis: str = "",
) -> int:
    """申请回流: note a request for upper-level data; returns its number in the ledger."""
    identity.require(officer, "catalog.return")
    ReturnMalformed.unless(
        (bool(title.strip()), "title", "没有写明数据名称。"),
        (level in ("nation", "province", "city"), "level", "没有选择层级。"),
        (bool(provider.strip()), "provider", "没有写明上级部门。"),
        (bool(purpose.strip()), "purpose", "没有写明用途。"),
    )
    row = ReturnRequest.objects.create(
        title=title.strip()[:200],
        level=level,
        provider=provider.strip()[:120],
        organ=officer.organ,
        purpose=purpose.strip()[:500],
        basis=basis.strip()[:300],
        state="asked",
        asked_by=officer.username,
        asked_on=local_date(at),
    )
    _note("catalog.return_asked", row, officer, at)
    return row.pk


@transaction.atomic
def answer_return(
    number: int, *, state: str, answer: str, officer: identity.Officer, at: datetime, feed: str = ""
) -> None:
    """登记答复: agreed, refused, receiving (with the feed that brings it), ended."""
    identity.require(officer, "catalog.return")
    row = ReturnRequest.objects.select_for_update().filter(pk=number).first()
    if row is None:
        raise ReturnUnknown(f"台账里没有第 {number} 条。", hint="从回流台账进入。")
    if state not in _NEXT[row.state]:
        raise ReturnNotOpen(
            f"“{row.title}”目前是“{row.get_state_display()}”，不能这样登记。",
            hint="刷新页面查看可登记的状态。",
        )
    if state == "receiving":
        feed = feed or row.feed
        if not feed:
            raise ReturnMalformed("没有指明接入表。", hint="选择接收这项数据的接入表。")
        row.feed = feed_of(feed).ref
    row.state, row.answer, row.answered_on = state, answer.strip()[:500], local_date(at)
    row.save()
    _note(f"catalog.return_{state}", row, officer, at)


def _note(event: str, row: ReturnRequest, officer: identity.Officer, at: datetime) -> None:
    journal.record(event, subject=f"return:{row.pk}", actor=officer.username, at=at)
