"""The life of an entry: drafted, checked, published under a signature, changed, withdrawn.

A published version stays in force while its change is drafted and checked, and stays for ever
after it was replaced. Who checks an entry neither drafted it nor signs it; its organ's chief data
officer signs, also what they drafted themselves.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from yiwang.apps.catalog import metadata, searching, signing
from yiwang.apps.catalog.models import Dataset, EntrySeries, ListEntry, ListEntryVersion
from yiwang.apps.catalog.queries.lists import EntryUnknown, chief_of, codes, list_kind
from yiwang.apps.catalog.turns import take_turns
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed

DRAFT, CHECKING, CHECKED, PUBLISHED, WITHDRAWN = ListEntry.State.values


class EntryIncomplete(Invalid):
    """The entry lacks required metadata or has values that no code table knows."""

    code = "catalog.entry_incomplete"


class EntryNotInState(Conflict):
    """The entry is in a state that does not admit this step."""

    code = "catalog.entry_not_in_state"


class EntryTwice(Conflict):
    """The resource has an entry in this list already."""

    code = "catalog.entry_twice"


class NotTheChief(NotAllowed):
    """Only the registered chief data officer of the organ signs its entries."""

    code = "catalog.not_the_chief"


class CheckedByDrafter(NotAllowed):
    """Who drafted an entry does not check it."""

    code = "catalog.checked_by_drafter"


class SignedByChecker(NotAllowed):
    """Who checked an entry does not sign it."""

    code = "catalog.signed_by_checker"


class EntryReasonMissing(Invalid):
    """This step is told to others, so it needs a reason."""

    code = "catalog.entry_reason_missing"


@transaction.atomic
def draft_entry(
    *,
    list_name: str,
    organ: str,
    given: Mapping[str, Any],
    officer: identity.Actor,
    at: datetime,
    about: str = "",
    origin: str = "person",
    drafted_by: str = "",
) -> str:
    """编制: begin an entry as a draft; returns its code. It may still be incomplete.

    Who runs a census begins entries for the organs that answered, ``drafted_by`` who answered.
    """
    if origin != "census":
        _require_drafter(officer, organ)
    else:
        identity.require(officer, "catalog.census")
    by = drafted_by or _name(officer)
    return begin_draft(list_name, organ, given, about=about, origin=origin, by=by, at=at).number


def begin_draft(
    list_name: str,
    organ: str,
    given: Mapping[str, Any],
    *,
    about: str = "",
    origin: str,
    by: str,
    at: datetime,
) -> ListEntry:
    """A new draft; the right to it is checked by whoever calls this."""
    kind = list_kind(list_name)
    values = metadata.taken(kind, given, codes=codes())
    _demand_new(kind, values, about)
    row = ListEntry.objects.create(
        number=new_numbers(organ, kind, [str(values.get("class", ""))])[0],
        list=list_name,
        organ=organ,
        about=about,
        title=str(values["title"])[:200],
        state=DRAFT,
        draft=values,
        origin=origin,
        drafted_by=by,
        completeness=metadata.completeness(kind, values),
        touched_at=at,
    )
    _record("catalog.entry_drafted", row, by, at)
    return row


def _demand_new(kind: metadata.ListKind, values: Mapping[str, Any], about: str) -> None:
    if not values.get("title"):
        raise EntryIncomplete(
            "名称未填。", hint="先写名称，其余可以稍后补。", faults={"title": "名称未填。"}
        )
    taken = ListEntry.objects.filter(list=kind.name, about=about).exclude(state=WITHDRAWN)
    if about and (twice := taken.first()):
        raise EntryTwice(
            f"资源 {about} 在{kind.title}里已有条目 {twice.number}。",
            hint="请打开该条目，用“变更”修改它。",
            number=twice.number,
        )


def new_numbers(organ: str, kind: metadata.ListKind, classes: list[str]) -> list[str]:
    """Codes in a row for one organ: 类、机构段/顺序号 for resources, letters for other lists."""
    series, _ = EntrySeries.objects.select_for_update().get_or_create(organ=organ)
    first = series.last + 1
    series.last += len(classes)
    series.save(update_fields=["last"])
    return [
        f"{kind.letters or (one if one in '123' and one else '3')}{series.pk:05}/{first + n:06}"
        for n, one in enumerate(classes)
    ]


@transaction.atomic
def change_entry(
    *, number: str, given: Mapping[str, Any], officer: identity.Actor, at: datetime
) -> None:
    """变更: write into the draft; of a published entry, a draft begins from what is in force."""
    row = _locked(number)
    _require_drafter(officer, row.organ)
    write_draft(row, given, by=_name(officer), at=at)


def write_draft(row: ListEntry, given: Mapping[str, Any], *, by: str, at: datetime) -> None:
    """Write into the draft of a locked row; the right is checked by whoever calls this."""
    _demand(row, "修改", DRAFT, PUBLISHED)
    kind = list_kind(row.list)
    row.draft = metadata.taken(kind, given, codes=codes())
    row.state, row.drafted_by, row.touched_at = DRAFT, by, at
    row.title = str(row.draft.get("title") or row.title)[:200]
    row.completeness = metadata.completeness(kind, row.draft)
    row.save()
    _record("catalog.entry_changed", row, by, at)


@transaction.atomic
def submit_entry(*, number: str, officer: identity.Actor, at: datetime) -> None:
    """提交审核: a complete draft goes to the data bureau."""
    row = _locked(number)
    _require_drafter(officer, row.organ)
    _demand(row, "提交", DRAFT)
    _demand_complete(row)
    _move(row, CHECKING, at, note="")
    _record("catalog.entry_submitted", row, _name(officer), at)


@transaction.atomic
def check_entry(
    *, number: str, passes: bool, reason: str, officer: identity.Actor, at: datetime
) -> None:
    """审核: the data bureau passes a draft to the chief data officer, or gives it back."""
    row = _locked(number)
    identity.require(officer, "catalog.check")
    _demand(row, "审核", CHECKING)
    if row.drafted_by == _name(officer):
        raise CheckedByDrafter(
            "编制人不能审核自己编制的条目。", hint="请由另一名审核人员办理。", number=row.number
        )
    if not passes and not reason.strip():
        raise _reason_missing("退回")
    row.checked_by = _name(officer) if passes else ""
    _move(row, CHECKED if passes else DRAFT, at, note=reason.strip()[:500])
    _record(
        "catalog.entry_checked" if passes else "catalog.entry_returned", row, _name(officer), at
    )


@transaction.atomic
def publish_entry(*, number: str, officer: identity.Actor, at: datetime, reason: str = "") -> int:
    """发布: the organ's chief data officer signs; the draft becomes the version in force."""
    row = _locked(number)
    _require_chief(officer, row.organ, at)
    _demand(row, "发布", CHECKED)
    if row.checked_by == _name(officer):
        raise SignedByChecker(
            "审核人不能签发自己审核过的条目。",
            hint="请退回后由另一名审核人员重新审核。",
            number=row.number,
        )
    _demand_complete(row)
    values = {**row.draft, **_graded(row)}
    row.version += 1
    content = metadata.canonical(
        number=row.number,
        list_name=row.list,
        organ=row.organ,
        version=row.version,
        values=values,
    )
    key = signing.key_of(_name(officer))
    row.versions.filter(active_until=None).update(active_until=at)
    ListEntryVersion.objects.create(
        entry=row,
        version=row.version,
        values=values,
        digest=metadata.digest(content),
        signature=signing.sign(key, content),
        key=key,
        signed_by=_name(officer),
        reason=reason.strip()[:500],
        origin=row.origin if row.version == 1 else "person",
        active_from=at,
    )
    row.draft, row.turn = None, take_turns()
    _move(row, PUBLISHED, at, note="")
    searching.index("entry", [findable(row, values)])
    _record("catalog.entry_published", row, _name(officer), at)
    return row.version


@transaction.atomic
def return_entry(*, number: str, reason: str, officer: identity.Actor, at: datetime) -> None:
    """不予签发: the chief data officer gives a checked draft back to who drafts, with a reason."""
    row = _locked(number)
    _require_chief(officer, row.organ, at)
    _demand(row, "退回", CHECKED)
    if not reason.strip():
        raise _reason_missing("退回")
    row.checked_by = ""
    _move(row, DRAFT, at, note=reason.strip()[:500])
    _record("catalog.entry_returned", row, _name(officer), at)


@transaction.atomic
def recall_entry(*, number: str, officer: identity.Actor, at: datetime) -> None:
    """撤回: who drafts takes a submitted draft back, until it is signed."""
    row = _locked(number)
    _require_drafter(officer, row.organ)
    _demand(row, "撤回", CHECKING, CHECKED)
    row.checked_by = ""
    _move(row, DRAFT, at, note="")
    _record("catalog.entry_recalled", row, _name(officer), at)


@transaction.atomic
def drop_draft(*, number: str, officer: identity.Actor, at: datetime) -> None:
    """放弃草稿: what is in force stays; an entry that never was in force is withdrawn."""
    row = _locked(number)
    _require_drafter(officer, row.organ)
    _demand(row, "放弃草稿", DRAFT)
    row.draft = None
    if row.version:
        row.title = str(row.versions.get(active_until=None).values.get("title", row.title))[:200]
    _move(row, PUBLISHED if row.version else WITHDRAWN, at, note="")
    _record("catalog.entry_draft_dropped", row, _name(officer), at)


@transaction.atomic
def withdraw_entry(*, number: str, reason: str, officer: identity.Actor, at: datetime) -> None:
    """撤下: the chief data officer ends what is in force; every version stays readable."""
    row = _locked(number)
    _require_chief(officer, row.organ, at)
    _demand(row, "撤下", PUBLISHED)
    if not reason.strip():
        raise _reason_missing("撤下")
    row.versions.filter(active_until=None).update(active_until=at)
    row.turn = take_turns()
    _move(row, WITHDRAWN, at, note=reason.strip()[:500])
    searching.forget("entry", [row.number])
    _record("catalog.entry_withdrawn", row, _name(officer), at)


def findable(row: ListEntry, values: Mapping[str, Any]) -> searching.Indexed:
    """What a search finds of a published entry."""
    items = [
        text
        for item in values.get("items") or ()
        if isinstance(item, dict)
        for text in item.values()
    ]
    names = [str(one) for name in ("resources", "linked") for one in values.get(name, ())]
    plain = [str(value) for value in values.values() if isinstance(value, str) and len(value) > 1]
    return searching.Indexed(
        key=row.number,
        organ=row.organ,
        title=str(values.get("title", row.title)),
        texts=(row.number, row.about, *plain, *items, *names),
        marks=(searching.mark("list", row.list),),
    )


def _locked(number: str) -> ListEntry:
    wanted = ListEntry.objects.select_for_update().filter(number=number.replace("-", "/"))
    row = wanted.first()
    if row is None:
        raise EntryUnknown(
            f"没有代码为“{number}”的清单条目。", hint="请在清单中检索。", number=number
        )
    return row


def _graded(row: ListEntry) -> dict[str, str]:
    """The grade of the dataset that a data-list entry describes: the highest of its columns."""
    found = Dataset.objects.filter(ref=row.about, active_until=None).first()
    return {"grade": str(found.grade)} if found and row.list == "data" else {}


def _require_drafter(officer: identity.Actor, organ: str) -> None:
    identity.require(officer, "catalog.draft", organ=organ)


def _require_chief(officer: identity.Actor, organ: str, at: datetime) -> None:
    identity.require(officer, "catalog.publish", organ=organ)
    if chief_of(organ, at) != _name(officer):
        raise NotTheChief(
            "只有本机构登记在册的首席数据官才能签发、撤下条目。",
            hint="请由数据主管部门在“数据职责”页登记首席数据官。",
            organ=organ,
        )


def _demand(row: ListEntry, step: str, *states: str) -> None:
    if row.state not in states:
        raise EntryNotInState(
            f"条目 {row.number} 不能{step}：当前状态为“{row.get_state_display()}”。",
            hint="刷新页面查看最新状态。",
            number=row.number,
            state=row.state,
        )


def _demand_complete(row: ListEntry) -> None:
    if found := metadata.faults(list_kind(row.list), row.draft or {}, codes=codes()):
        raise EntryIncomplete(
            f"条目 {row.number} 还有 {len(found)} 处要改：{''.join(found.values())[:300]}",
            hint="补齐后再提交。",
            faults=found,
        )


def _move(row: ListEntry, state: str, at: datetime, *, note: str) -> None:
    row.state, row.touched_at, row.note = state, at, note
    row.save()


def _reason_missing(step: str) -> EntryReasonMissing:
    return EntryReasonMissing(f"{step}要写明理由。", hint="理由会告知编制机构并留存。")


def _name(officer: identity.Actor) -> str:
    return officer.username


def _record(event: str, row: ListEntry, by: str, at: datetime) -> None:
    facts: dict[str, str | int] = {"list": row.list, "organ": row.organ, "version": row.version}
    journal.record(event, subject=row.number, actor=by, at=at, facts=facts)
