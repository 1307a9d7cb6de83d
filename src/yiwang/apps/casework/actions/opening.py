"""Open cases: one for an applicant, or thousands for a policy."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NotRequired, TypedDict, Unpack

from django.db import transaction

from yiwang.apps.casework import clock, machine, place, tiles
from yiwang.apps.casework.access import CaseNotYours
from yiwang.apps.casework.evidence_store import KeptFile
from yiwang.apps.casework.models import (
    LISTED,
    Case,
    Evidence,
    FlowVersion,
    NumberSeries,
    Party,
    StepTask,
    TrailEntry,
)
from yiwang.apps.casework.queries.cases import CaseView, case_view, frozen_flow
from yiwang.apps.casework.states import holders_of, listed, read_clocks, task_row
from yiwang.apps.casework.storing import insert_rows, new_case_ids, prepared
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel import ids
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Invalid, NotFound
from yiwang.packkit.kinds.work import Flow

Actor = identity.Actor | str
"""Who acts: an officer, an applicant, or a part of the platform by its name (``sensing``)."""


Parties = Mapping[str, str]
"""The organ of each party, by the names that the flow gives them."""


class FlowUnknown(NotFound):
    """No flow of this name is in force."""

    code = "casework.flow_unknown"


class PartyMissing(Invalid):
    """A case names each party of its flow, no other, and each is an organ of the place."""

    code = "casework.party_missing"


@dataclass(frozen=True, kw_only=True)
class NewCase:
    """A case to be opened."""

    subject: str
    title: str
    organ: str
    division: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    applicant: str = ""
    limit: str = ""
    """Over the whole, where what is asked for promises its own; else the flow's."""
    legal_limit: str = ""
    """The same for what the law demands."""
    parties: Mapping[str, str] = field(default_factory=dict)
    """The organ of each party that the flow names."""


class CaseFacts(TypedDict):
    """The words of ``NewCase``."""

    subject: str
    title: str
    organ: str
    division: str
    facts: Mapping[str, Any]
    applicant: NotRequired[str]
    limit: NotRequired[str]
    legal_limit: NotRequired[str]
    parties: NotRequired[Mapping[str, str]]


@transaction.atomic
def open_case(
    *,
    flow: str,
    actor: Actor,
    at: datetime,
    files: Mapping[str, KeptFile] | None = None,
    **facts: Unpack[CaseFacts],
) -> CaseView:
    """立案: begin a case, start its clocks, and put it on the first role's work-list.

    ``parties`` names the organ of each party of the flow; ``files`` are what is handed in with
    the application, by title.
    """
    one = NewCase(**facts)
    _require_opening(actor, [one])
    (row,) = create(current_flow(flow), [_row(one)], [one.parties], actor=actor, at=at)
    first = row.trail.get()
    Evidence.objects.bulk_create(
        [
            Evidence(trail=first, name=title, digest=kept.digest, kind=kept.kind, size=kept.size)
            for title, kept in (files or {}).items()
        ]
    )
    return case_view(row, actor=actor, at=at)


@transaction.atomic
def open_cases(*, flow: str, cases: Iterable[NewCase], actor: Actor, at: datetime) -> list[str]:
    """立案（批量）: begin many cases of one flow at once; returns their numbers in order."""
    wanted = list(cases)
    _require_opening(actor, wanted)
    parties = [one.parties for one in wanted]
    rows = create(current_flow(flow), [_row(one) for one in wanted], parties, actor=actor, at=at)
    return [row.number for row in rows]


def current_flow(ref: str) -> FlowVersion:
    """The version of a flow that new cases begin with."""
    version = FlowVersion.objects.filter(ref=ref, is_current=True).first()
    if version is None:
        raise FlowUnknown(f"没有流程 {ref}。", hint="先安装包含该流程的场景包。", flow=ref)
    return version


def create(
    version: FlowVersion,
    rows: Sequence[Case],
    parties: Sequence[Parties],
    *,
    actor: Actor,
    at: datetime,
) -> Sequence[Case]:
    """Store unsaved rows as begun cases of ``version``, each with number, task, trail, journal.

    ``parties`` has the organs of each row, by the names that the flow gives them.
    """
    content = frozen_flow(version)
    for organs in {tuple(sorted(one.items())) for one in parties}:
        _require_parties(version.ref, content, dict(organs))
    numbers = _next_numbers(version.number_prefix, at, len(rows))
    for row in rows:
        row.flow = version
    readings = {
        key: _reading(row, content, at) for key, row in {_limits(r): r for r in rows}.items()
    }
    for row, id_, number in zip(rows, new_case_ids(len(rows)), numbers, strict=True):
        row.id, row.number = id_, number
        row.profile, row.step = content.profile, content.start
        row.opened_at, row.opened_by = at, named(actor)[0]
        reading = readings[_limits(row)]
        row.due_at, row.legal_due_at = reading.due_at, reading.legal_due_at
        row.provisional = reading.provisional
    _insert_cases(rows)
    pairs = list(zip(rows, parties, strict=True))
    _insert_parties(pairs)
    _insert_tasks(pairs, content, readings, at)
    _insert_first_lines(rows, actor=actor, at=at)
    if content.profile == "incident":
        tiles.opened(rows)
    return rows


def _limits(row: Case) -> tuple[str, str]:
    return row.limit, row.legal_limit


def _reading(row: Case, content: Flow, at: datetime) -> clock.Reading:
    return read_clocks(row, content, [clock.Mark(at, "open", content.start)])


CASE_OWN = (
    "id", "number", "title", "subject", "applicant", "organ", "division", "facts", "limit",
    "legal_limit", "due_at", "legal_due_at", "provisional", "object", "grade", "lon", "lat",
    "signals", "last_signal_at",
)  # fmt: skip
"""What differs from case to case of one opening."""


def _insert_cases(rows: Sequence[Case]) -> None:
    if not rows:
        return
    first = rows[0]
    shared = {
        one.attname: getattr(first, one.attname)
        for one in Case._meta.concrete_fields
        if one.attname not in CASE_OWN
    }
    dues: dict[datetime | None, Any] = {}

    def own(row: Case) -> tuple[Any, ...]:
        for due in (row.due_at, row.legal_due_at):
            if due not in dues:
                dues[due] = prepared(Case, "due_at", due)
        return (
            row.id, row.number, row.title, row.subject, row.applicant, row.organ, row.division,
            prepared(Case, "facts", row.facts) if row.facts else NO_FACTS, row.limit,
            row.legal_limit, dues[row.due_at], dues[row.legal_due_at], row.provisional,
            row.object, row.grade, row.lon, row.lat, row.signals,
            prepared(Case, "last_signal_at", row.last_signal_at),
        )  # fmt: skip

    insert_rows(Case, shared, CASE_OWN, map(own, rows))


NO_FACTS = "{}"


def _insert_parties(pairs: Sequence[tuple[Case, Parties]]) -> None:
    found = [
        (row.id, name, organ, row.division, *listed(row).values())
        for row, organs in pairs
        for name, organ in organs.items()
    ]
    if found:
        insert_rows(Party, {}, ("case_id", "name", "organ", "division", *LISTED), found)


TASK_OWN = (
    "case_id", "number", "member", "organ", "division", "is_territorial", "role", "title",
    "due_at", "soonest_due_at", "warn_at", "late_at", "unattended_until", *LISTED,
)  # fmt: skip


def _insert_tasks(
    pairs: Sequence[tuple[Case, Parties]],
    content: Flow,
    readings: Mapping[tuple[str, str], clock.Reading],
    at: datetime,
) -> None:
    """The tasks at the first step; cases that differ in nothing here begin as one."""
    if not pairs:
        return
    step = content.steps[content.start]
    holders = holders_of({step.role, *(one.role for one in step.members.values() if one.role)})
    begun: dict[tuple[object, ...], list[tuple[Any, ...]]] = {}
    rows: list[tuple[Any, ...]] = []
    for row, parties in pairs:
        own = (row.organ, row.division, row.limit, row.legal_limit, *listed(row).values())
        key = (*own, *sorted(parties.items()))
        if key not in begun:
            state = machine.begin(content, organs={"": row.organ, **parties}, division=row.division)
            begun[key] = [
                _task_values(
                    task_row(
                        row, content, state, task, readings[_limits(row)], holders=holders, at=at
                    )
                )
                for task in state.tasks
            ]
        rows += [(row.id, *values) for values in begun[key]]
    shared = {"step": content.start, "flow_ref": pairs[0][0].flow.ref, "entered_at": at}
    insert_rows(StepTask, shared, TASK_OWN, rows)


def _task_values(task: StepTask) -> tuple[Any, ...]:
    return tuple(prepared(StepTask, name, getattr(task, name)) for name in TASK_OWN[1:])


def _insert_first_lines(rows: Sequence[Case], *, actor: Actor, at: datetime) -> None:
    who, name = named(actor)
    entries = journal.record_each(
        "case.opened", cases=[row.number for row in rows], actor=who, at=at
    )
    shared = {
        "sequence": 1,
        "at": at,
        "actor": who,
        "actor_name": name,
        "verb": "open",
        "to_step": rows[0].step if rows else "",
        "title": "立案",
    }
    values = ((row.id, row.division, entry) for row, entry in zip(rows, entries, strict=True))
    insert_rows(TrailEntry, shared, ("case_id", "division", "entry"), values)


BY_ANOTHER_HAND = " 代办）"
"""How the name of who acted ends, where a clerk acted for them."""


def named(actor: Actor) -> tuple[str, str]:
    """The actor's id and what people call them."""
    if isinstance(actor, str):
        return actor, "平台"
    if isinstance(actor, identity.Applicant):
        if not (clerk := actor.assisted_by):
            return actor.subject, actor.name
        helper = identity.account_names([clerk])[clerk]
        return actor.subject, f"{actor.name}（{helper}{BY_ANOTHER_HAND}"
    return actor.username, actor.name


def _row(one: NewCase) -> Case:
    return Case(
        subject=one.subject,
        title=one.title,
        organ=one.organ,
        division=one.division,
        facts=dict(one.facts),
        applicant=one.applicant,
        limit=one.limit,
        legal_limit=one.legal_limit,
    )


def _require_parties(ref: str, content: Flow, given: Mapping[str, str]) -> None:
    missing = [title for name, title in content.parties.items() if name not in given]
    unknown = [name for name in given if name not in content.parties]
    organs = [organ for organ in given.values() if not place.has_organ(organ)]
    if not (missing or unknown or organs):
        return
    said = [
        f"还需写明：{'、'.join(missing)}。" if missing else "",
        f"流程没有参与部门 {'、'.join(unknown)}。" if unknown else "",
        f"没有机构 {'、'.join(organs)}。" if organs else "",
    ]
    raise PartyMissing(
        f"流程 {ref} 的参与部门不全或不对：{''.join(said)}",
        hint="请逐一写明流程声明的参与部门各是哪个机构。",
        flow=ref,
    )


def _require_opening(actor: Actor, cases: Iterable[NewCase]) -> None:
    if isinstance(actor, str):
        return
    if isinstance(actor, identity.Applicant):
        if any(one.applicant != actor.subject for one in cases):
            raise CaseNotYours("只能为自己申请。", hint="代他人办理请到窗口。")
        return
    for organ in {one.organ for one in cases}:
        identity.require(actor, "case.open", organ=organ)


def _next_numbers(prefix: str, at: datetime, count: int) -> list[str]:
    day = local_date(at)
    series, _ = NumberSeries.objects.select_for_update().get_or_create(prefix=prefix, day=day)
    first, series.last = series.last + 1, series.last + count
    series.save(update_fields=["last"])
    return [ids.number(prefix=prefix, day=day, sequence=n) for n in range(first, first + count)]
