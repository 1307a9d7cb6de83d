"""Entries of the four lists: found, opened with every version, their differences and signatures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from yiwang.apps.catalog import metadata, searching, signing
from yiwang.apps.catalog.models import DataDuty, ListEntry, ListEntryVersion, RegisterEntry
from yiwang.apps.catalog.models.periods import in_force
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import system_clock
from yiwang.kernel.errors import Invalid, NotFound

Codes = dict[str, dict[str, str]]

CODE_TABLES = (
    *dict.fromkeys(
        field.codes for kind in metadata.LISTS.values() for field in kind.fields if field.codes
    ),
    "base.item_type",
)

DUTIES: Mapping[str, str] = {
    "chief": "首席数据官",
    "collect": "归集",
    "process": "加工治理",
    "share": "共享",
    "open": "开放",
    "use": "应用",
    "secure": "安全",
    "store": "存储",
}


class EntryUnknown(NotFound):
    """No entry of a list has this code, or the actor may not know of it."""

    code = "catalog.entry_unknown"


class ListUnknown(Invalid):
    """There are four lists; this is none of them."""

    code = "catalog.list_unknown"


@dataclass(frozen=True)
class EntryLine:
    """清单条目 as one line."""

    number: str
    slug: str
    list: str
    list_title: str
    organ: str
    title: str
    state: str
    state_title: str
    version: int
    origin: str
    about: str
    completeness: float
    touched_at: datetime


@dataclass(frozen=True)
class VersionView:
    """条目版本 with the differences to the one before. ``is_signed`` None: nobody signed it."""

    version: int
    values: dict[str, Any]
    digest: str
    signature: str
    key: str
    signed_by: str
    is_signed: bool | None
    reason: str
    origin: str
    active_from: datetime
    active_until: datetime | None
    changes: tuple[metadata.Difference, ...]


@dataclass(frozen=True)
class EntryView(EntryLine):
    """An entry with what is in force, what is drafted, and all its versions, newest first."""

    values: dict[str, Any]
    draft: dict[str, Any] | None
    draft_changes: tuple[metadata.Difference, ...]
    faults: dict[str, str]
    note: str
    drafted_by: str
    checked_by: str
    versions: tuple[VersionView, ...]


@dataclass(frozen=True)
class DutyView:
    """数据职责: who answers, since when."""

    organ: str
    duty: str
    title: str
    username: str
    post: str
    active_from: datetime
    active_until: datetime | None


def list_kind(name: str) -> metadata.ListKind:
    """The list of this name, or ``ListUnknown``."""
    found = metadata.LISTS.get(name)
    if found is None:
        titles = "、".join(kind.title for kind in metadata.LISTS.values())
        raise ListUnknown(f"没有清单“{name}”。", hint=f"四张清单是：{titles}。", list=name)
    return found


def codes() -> Codes:
    """Every code table that the lists use, codes with titles."""
    rows = RegisterEntry.objects.filter(in_force(system_clock()), register__ref__in=CODE_TABLES)
    found: Codes = {}
    for ref, key, values in rows.order_by("key").values_list("register__ref", "key", "values"):
        found.setdefault(ref, {})[key] = str(values.get("title") or key)
    return found


def _seen(actor: identity.Actor | None) -> Q:
    """What was published anybody may see; drafts are their organ's, and who checks all's."""
    if identity.may(actor, "catalog.check"):
        return Q()
    organ = actor.organ if isinstance(actor, identity.Officer) else ""
    return Q(version__gt=0) | Q(organ=organ)


def _mine(actor: identity.Actor | None, organ: str) -> bool:
    return identity.may(actor, "catalog.check") or (
        isinstance(actor, identity.Officer) and actor.organ == organ
    )


def list_entries(
    name: str,
    *,
    actor: identity.Actor | None,
    query: str = "",
    organ: str = "",
    state: str = "",
    offset: int = 0,
    limit: int = 50,
) -> list[EntryLine]:
    """Entries of a list; with ``query`` those in force that have every word, titles first."""
    kind = list_kind(name)
    if query.strip():
        marks = [searching.mark("list", name)]
        marks += [searching.mark("organ", organ)] if organ else []
        numbers = searching.found("entry", query, marks=marks, offset=offset, limit=limit)
        rows = {one.number: one for one in ListEntry.objects.filter(number__in=numbers)}
        return [_line(rows[number], kind) for number in numbers if number in rows]
    found = _narrowed(name, actor, organ, state)
    numbers = list(found.values_list("pk", flat=True)[offset : offset + limit])
    shown = ListEntry.objects.filter(pk__in=numbers).defer("draft").order_by("-id")
    return [_line(row, kind) for row in shown]


def _narrowed(
    name: str, actor: identity.Actor | None, organ: str, state: str
) -> QuerySet[ListEntry]:
    found = ListEntry.objects.filter(_seen(actor), list=name)
    if organ:
        found = found.filter(organ=organ)
    found = found.filter(state=state) if state else found.exclude(state="withdrawn")
    return found.order_by("-id")


def _line(row: ListEntry, kind: metadata.ListKind) -> EntryLine:
    return EntryLine(**_line_values(row, kind))


def _line_values(row: ListEntry, kind: metadata.ListKind) -> dict[str, Any]:
    return {
        "number": row.number,
        "slug": row.number.replace("/", "-"),
        "list": row.list,
        "list_title": kind.title,
        "organ": row.organ,
        "title": row.title,
        "state": row.state,
        "state_title": row.get_state_display(),
        "version": row.version,
        "origin": row.origin,
        "about": row.about,
        "completeness": row.completeness,
        "touched_at": row.touched_at,
    }


def list_entry(number: str, *, actor: identity.Actor | None) -> EntryView:
    """One entry by its code (``-`` may stand for ``/``), or ``EntryUnknown``."""
    row = ListEntry.objects.filter(_seen(actor), number=number.replace("-", "/")).first()
    if row is None:
        raise EntryUnknown(
            f"没有代码为“{number}”的清单条目。",
            hint="请在清单中检索；别的机构未发布的草稿不可见。",
            number=number,
        )
    kind, known = list_kind(row.list), codes()
    versions = _versions(row, kind, known)
    values = versions[0].values if versions else {}
    draft = row.draft if _mine(actor, row.organ) else None
    return EntryView(
        **_line_values(row, kind),
        values=values,
        draft=draft,
        draft_changes=metadata.differences(kind, values, draft, codes=known) if draft else (),
        faults=metadata.faults(kind, draft, codes=known) if draft is not None else {},
        note=row.note if draft is not None else "",
        drafted_by=row.drafted_by,
        checked_by=row.checked_by,
        versions=versions,
    )


def _versions(row: ListEntry, kind: metadata.ListKind, known: Codes) -> tuple[VersionView, ...]:
    found: list[VersionView] = []
    before: dict[str, Any] = {}
    for one in row.versions.order_by("version"):
        changes = metadata.differences(kind, before, one.values, codes=known) if before else ()
        found.append(_version(row, one, changes))
        before = one.values
    return tuple(reversed(found))


def _version(
    row: ListEntry, one: ListEntryVersion, changes: tuple[metadata.Difference, ...]
) -> VersionView:
    content = metadata.canonical(
        number=row.number,
        list_name=row.list,
        organ=row.organ,
        version=one.version,
        values=one.values,
    )
    is_signed = None
    if one.signature:
        same = metadata.digest(content) == one.digest
        is_signed = same and signing.is_signed(one.key, content, one.signature)
    return VersionView(
        one.version,
        one.values,
        one.digest,
        one.signature,
        one.key,
        one.signed_by,
        is_signed,
        one.reason,
        one.origin,
        one.active_from,
        one.active_until,
        changes,
    )


def entries_about(refs: Sequence[str]) -> dict[str, EntryLine]:
    """Entries of the data list in force by the resource they describe."""
    kind = metadata.LISTS["data"]
    rows = ListEntry.objects.filter(list="data", about__in=refs).exclude(state="withdrawn")
    return {row.about: _line(row, kind) for row in rows}


def chief_of(organ: str, at: datetime) -> str:
    """The registered chief data officer of an organ; empty where none is."""
    held = DataDuty.objects.filter(organ=organ, duty="chief", active_from__lte=at)
    return held.filter(active_until=None).values_list("username", flat=True).first() or ""


def entries_waiting(
    *, officer: identity.Officer, at: datetime, limit: int = 500
) -> list[EntryLine]:
    """Entries whose next step is the officer's, oldest first; their state says which step.

    To check for who checks, to sign for the chief of their organ, and, where one was given back,
    to mend for who drafts.
    """
    name, own, wanted = officer.username, Q(organ=officer.organ), Q(pk__in=())
    if identity.may(officer, "catalog.check"):
        wanted |= Q(state="checking") & ~Q(drafted_by=name)
    if identity.may(officer, "catalog.publish") and chief_of(officer.organ, at) == name:
        wanted |= own & Q(state="checked") & ~Q(checked_by=name)
    if identity.may(officer, "catalog.draft"):
        wanted |= own & Q(state="draft") & ~Q(note="")
    steps = Q(list__in=list(metadata.LISTS), state__in=("draft", "checking", "checked"))
    rows = ListEntry.objects.filter(steps, wanted).defer("draft").order_by("touched_at", "pk")
    return [_line(row, list_kind(row.list)) for row in rows[:limit]]


@dataclass(frozen=True)
class ListTotals:
    """How many entries a list has, by state."""

    list: str
    title: str
    published: int
    checking: int
    checked: int
    drafts: int
    withdrawn: int


def list_totals(*, actor: identity.Actor | None) -> list[ListTotals]:
    """Counts of the four lists, as far as the actor sees them."""
    counts: dict[tuple[str, str], int] = {}
    rows = ListEntry.objects.filter(_seen(actor)).values_list("list", "state")
    for name, state, number in rows.annotate(Count("id")):
        counts[name, state] = number
    return [
        ListTotals(
            name,
            kind.title,
            counts.get((name, "published"), 0),
            counts.get((name, "checking"), 0),
            counts.get((name, "checked"), 0),
            counts.get((name, "draft"), 0),
            counts.get((name, "withdrawn"), 0),
        )
        for name, kind in metadata.LISTS.items()
    ]


def duties(*, organ: str = "", at: datetime | None = None) -> list[DutyView]:
    """The duties held now, or all that were ever held when ``at`` is None."""
    rows = DataDuty.objects.filter(organ=organ) if organ else DataDuty.objects.all()
    if at is not None:
        rows = rows.filter(active_from__lte=at).filter(
            Q(active_until=None) | Q(active_until__gt=at)
        )
    return [
        DutyView(
            one.organ,
            one.duty,
            DUTIES.get(one.duty, one.duty),
            one.username,
            one.post,
            one.active_from,
            one.active_until,
        )
        for one in rows.order_by("organ", "id")
    ]
