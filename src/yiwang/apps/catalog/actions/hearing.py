"""取用邻目录: a neighbour's changes become drafts here; nothing is published by it.

A page of changes and the place it reaches are committed together, so a pull that was interrupted
goes on behind the last page it kept, and no change is taken twice.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from yiwang.apps.catalog import metadata
from yiwang.apps.catalog.actions.lists import begin_draft, write_draft
from yiwang.apps.catalog.actions.neighbours import RIGHT, NeighbourStopped, kept_key
from yiwang.apps.catalog.models import (
    CatalogueNeighbour,
    ListEntry,
    NeighbourEntry,
    NeighbourPull,
)
from yiwang.apps.catalog.neighbour_wire import OfferedEntry, OfferedPage, ask_neighbour
from yiwang.apps.catalog.queries.lists import codes
from yiwang.apps.catalog.queries.neighbours import neighbour_row
from yiwang.apps.identity import public as identity
from yiwang.apps.jobs import public as jobs
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Unavailable, YiwangError

HEAR = "catalog.hear"
PLATFORM = "platform"
KIND = metadata.LISTS["data"]
MOST_REFUSALS = 20
DRAFT, PUBLISHED, WITHDRAWN = "draft", "published", "withdrawn"
LINKED, CONFLICT, GONE = NeighbourEntry.State.values


def ask_for_pull(number: int, *, officer: identity.Actor, at: datetime) -> int:
    """立即取用: in the background; returns the number of the job."""
    identity.require(officer, RIGHT)
    row = neighbour_row(number)
    if not row.takes or row.stopped_at is not None:
        raise NeighbourStopped(f"我方现在不取用“{row.title}”。", hint="需要时请重新登记。")
    return _ask(row, by=officer.username, at=at)


def hear_neighbours(at: datetime) -> None:
    """The timetable: every neighbour whose entries we take."""
    for row in CatalogueNeighbour.objects.filter(takes=True, stopped_at=None):
        _ask(row, by=PLATFORM, at=at)


def _ask(row: CatalogueNeighbour, *, by: str, at: datetime) -> int:
    return jobs.ask(HEAR, about=str(row.pk), params={"neighbour": row.pk}, by=by, at=at)


def run_hearing(work: jobs.Work) -> jobs.Result:
    """The job: all changes of one neighbour, a page at a time."""
    row = neighbour_row(int(work.params["neighbour"]))
    work.say(0, 0, row.title)
    pull = hear(row, at=work.at, say=lambda read: work.say(read, 0, row.title))
    counts = {
        "收到": pull.read,
        "新草稿": pull.drafted,
        "变更草稿": pull.changed,
        "两边都改过": pull.conflicts,
        "对方撤下": pull.gone,
        "不可用": pull.refused,
    }
    return jobs.Result(counts, ("steward:neighbour", row.pk))


def hear(row: CatalogueNeighbour, *, at: datetime, say: Any = None) -> NeighbourPull:
    """Take every change since the last; an open pull that was interrupted is gone on with."""
    pull, _ = NeighbourPull.objects.get_or_create(
        neighbour=row, ended_at=None, defaults={"begun_at": at}
    )
    has_more = row.takes and row.stopped_at is None
    try:
        while has_more:
            page = ask_neighbour(row.address, key=kept_key(row), after=row.cursor)
            _take_page(row, pull, page, at=at)
            has_more = page.has_more
            if say:
                say(pull.read)
    except YiwangError as error:
        if error.code.startswith("catalog."):
            pull.fault = str(error)[:300]
            pull.ended_at = None if isinstance(error, Unavailable) else at
            pull.save()
        raise
    pull.fault, pull.ended_at = "", at
    pull.save()
    if pull.read:
        facts = {"read": pull.read, "drafted": pull.drafted, "conflicts": pull.conflicts}
        journal.record(
            "catalog.neighbour_heard",
            subject=f"neighbour:{row.pk}",
            actor=PLATFORM,
            at=at,
            facts=facts,
        )
    return pull


@transaction.atomic
def _take_page(
    row: CatalogueNeighbour, pull: NeighbourPull, page: OfferedPage, *, at: datetime
) -> None:
    known = codes()
    for offered in page.entries:
        outcome = "refused"
        if wrong := _wrong(offered):
            pull.refusals = [*pull.refusals, f"{offered.number[:40]}：{wrong}"][-MOST_REFUSALS:]
        else:
            values = metadata.taken(KIND, offered.values, codes=known)
            outcome = _take(row, offered, values, at=at)
        pull.read += 1
        setattr(pull, outcome, getattr(pull, outcome) + 1)
    row.cursor = page.next
    row.save(update_fields=["cursor"])
    pull.save()


def _wrong(offered: OfferedEntry) -> str:
    """Why an entry cannot be taken; its bytes must be those that its organ signed."""
    if not offered.number or len(offered.number) > 40:
        return "没有可用的代码。"
    if offered.state == WITHDRAWN:
        return ""
    if offered.state != PUBLISHED or not offered.values.get("title"):
        return "没有名称，或状态不明。"
    content = metadata.canonical(
        number=offered.number,
        list_name="data",
        organ=offered.organ,
        version=offered.version,
        values=offered.values,
    )
    if metadata.digest(content) != offered.digest:
        return "内容与摘要不符。"
    try:
        metadata.content_digest(KIND, offered.values)
    except (AttributeError, TypeError, ValueError):
        return "元数据的写法读不懂。"
    return ""


def _take(
    row: CatalogueNeighbour, offered: OfferedEntry, values: dict[str, Any], *, at: datetime
) -> str:
    """One change: ``drafted``, ``changed``, ``same``, ``conflicts`` or ``gone``."""
    links = NeighbourEntry.objects.select_related("entry").filter(neighbour=row)
    link = links.filter(number=offered.number).first()
    if offered.state == WITHDRAWN:
        if link is None or link.state == GONE:
            return "same"
        _note(link, offered, link.values, GONE, at)
        return "gone"
    mark = metadata.content_digest(KIND, values)
    entry = link.entry if link else _counterpart(row, offered)
    if entry is None:
        made = begin_draft("data", row.organ, values, origin="neighbour", by=PLATFORM, at=at)
        link = NeighbourEntry(neighbour=row, number=offered.number, entry=made, agreed=mark)
        _note(link, offered, values, LINKED, at)
        return "drafted"
    link = link or NeighbourEntry(neighbour=row, number=offered.number, entry=entry)
    ours = metadata.content_digest(KIND, _said(entry))
    outcome = _judge(entry, ours=ours, theirs=mark, merged={link.agreed, offered.based})
    if outcome == "changed":
        write_draft(entry, values, by=PLATFORM, at=at)
    if outcome != "conflicts":
        link.agreed = mark
    _note(link, offered, values, CONFLICT if outcome == "conflicts" else LINKED, at)
    return outcome


def _judge(entry: ListEntry, *, ours: str, theirs: str, merged: set[str]) -> str:
    """Three-way: whoever did not change since both agreed gives way; if both did, people decide."""
    if theirs == ours or theirs in merged:
        return "same"
    if ours in merged and entry.state in (DRAFT, PUBLISHED):
        return "changed"
    return "conflicts"


def _counterpart(row: CatalogueNeighbour, offered: OfferedEntry) -> ListEntry | None:
    """Our own entry that they took from us, or one of the same organ and title."""
    free = ListEntry.objects.filter(list="data").exclude(state=WITHDRAWN)
    free = free.exclude(pk__in=NeighbourEntry.objects.filter(neighbour=row).values("entry"))
    if offered.yours and row.gives:
        given = free.filter(number=offered.yours)
        if row.gives_organ:
            given = given.filter(organ=row.gives_organ)
        if found := given.first():
            return found
    return free.filter(organ=row.organ, title=str(offered.values["title"])[:200]).first()


def _said(entry: ListEntry) -> Mapping[str, Any]:
    """What our side says: its draft, else what is or last was in force."""
    if entry.draft is not None:
        return dict(entry.draft)
    return dict(entry.versions.latest("version").values)


def _note(
    link: NeighbourEntry, offered: OfferedEntry, values: dict[str, Any], state: str, at: datetime
) -> None:
    link.title = str(values.get("title") or offered.title)[:200]
    link.organ_title = offered.organ_title[:120]
    link.version, link.values, link.state, link.heard_at = offered.version, values, state, at
    link.save()
