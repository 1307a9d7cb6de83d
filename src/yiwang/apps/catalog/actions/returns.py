"""The return-feed ledger: data of upper levels asked for, answered, received, matched."""

from datetime import datetime

from django.db import transaction

from yiwang.apps.catalog.feed_sources import library
from yiwang.apps.catalog.models import FeedLoad, ReturnRequest
from yiwang.apps.catalog.queries.feeds import feed_of
from yiwang.apps.catalog.serving import lake
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.packkit.entities import VALUES
from yiwang.packkit.entity_sql import cleaned, identifier_element

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


def match_return(ref: str, *, run: str) -> None:
    """比对: how many of a received feed's persons (or firms) the base library knows from others."""
    found = _base_library(ref)
    is_received = ReturnRequest.objects.filter(feed=ref, state="receiving").exists()
    if not is_received or found is None or found[1] not in lake().tables():
        return
    column, values = found
    ours = f"SELECT DISTINCT {cleaned(column)} AS id FROM {ref} WHERE {column} IS NOT NULL"  # noqa: S608 - names of checked packs
    known = f"SELECT DISTINCT identifier FROM {values} WHERE source <> $feed"  # noqa: S608 - a name of checked packs
    [counts] = lake().rows(
        "SELECT COUNT(*) AS identified, COUNT(known.identifier) AS matched "  # noqa: S608 - as above
        f"FROM ({ours}) AS ours LEFT JOIN ({known}) AS known ON known.identifier = ours.id",
        values={"feed": ref},
    )
    FeedLoad.objects.filter(run=run).update(**counts)


def _base_library(ref: str) -> tuple[str, str] | None:
    """The column of a feed that identifies a person, else a firm; the values known of them."""
    elements = {column.element: name for name, column in library().feeds()[ref].columns.items()}
    for entity, one in sorted(library().entities().items(), key=lambda e: e[1].subject != "person"):
        column = elements.get(identifier_element(one.subject))
        if column:
            return column, entity + VALUES
    return None


def _note(event: str, row: ReturnRequest, officer: identity.Officer, at: datetime) -> None:
    journal.record(event, subject=f"return:{row.pk}", actor=officer.username, at=at)
