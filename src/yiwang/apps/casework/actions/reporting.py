"""Take in what was seen: merge it into what is known, or begin an incident where it belongs."""

import secrets
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from yiwang.apps.casework import place, routing
from yiwang.apps.casework.actions.joining import absorb
from yiwang.apps.casework.actions.noting import note
from yiwang.apps.casework.actions.opening import Actor, create, current_flow, named
from yiwang.apps.casework.cells import cell_at
from yiwang.apps.casework.gathering import Gathering
from yiwang.apps.casework.models import Case, IncidentKind, Signal
from yiwang.apps.casework.queries.incidents import IncidentView, incident_view
from yiwang.apps.casework.signals import Known
from yiwang.apps.casework.states import list_again
from yiwang.apps.casework.storing import insert_models, update_rows
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import Invalid, NotFound
from yiwang.packkit.kinds.incidents import Incident


class IncidentKindUnknown(NotFound):
    """No kind of incident of this name is installed."""

    code = "casework.incident_kind_unknown"


class PlaceIncomplete(Invalid):
    """A place needs both longitude and latitude, within the range of the earth."""

    code = "casework.place_incomplete"


@dataclass(frozen=True, kw_only=True)
class NewSignal:
    """One report or alarm, as its sender gives it."""

    kind: str
    source: str
    summary: str
    object: str = ""
    lon: float | None = None
    lat: float | None = None
    division: str = ""
    """Empty: found from the place, else the whole place's."""
    facts: Mapping[str, Any] = field(default_factory=dict)
    address: str = ""
    """Gives the place where no coordinates are told and a register knows the door."""
    channel: str = "platform"
    origin: str | None = None
    """The sender's own id: the same again changes nothing."""
    contact: Mapping[str, str] = field(default_factory=dict)
    seen_at: datetime | None = None
    """When it was seen, where that is not when it was reported."""


@dataclass(frozen=True)
class Reported:
    """What became of a signal: its incident, and the token with which its sender asks again."""

    number: str
    is_new: bool
    token: str
    is_known: bool = False
    """The sender had sent it before."""


@transaction.atomic
def report_signal(*, actor: Actor, at: datetime, **given: Any) -> IncidentView:
    """上报: take in a signal; it joins the open incident it is about, or opens one.

    ``given`` is as ``NewSignal``. Exactly one incident per kind and object is open at any time,
    whoever reports at once.
    """
    (told,) = report_signals(signals=[NewSignal(**given)], actor=actor, at=at)
    row = Case.objects.select_related("flow").get(number=told.number)
    return incident_view(row, actor=actor, at=at, is_new=told.is_new)


@transaction.atomic
def report_signals(*, signals: Sequence[NewSignal], actor: Actor, at: datetime) -> list[Reported]:
    """上报（批量）: take in many signals, in order, in one transaction."""
    if isinstance(actor, identity.Officer):
        identity.require(actor, "incident.report")
    told: dict[int, Reported] = _sent_before(signals)
    by_kind: dict[str, list[int]] = defaultdict(list)
    first: dict[tuple[str, str], int] = {}
    for number, one in enumerate(signals):
        require_place(one.lon, one.lat)
        if number not in told and first.setdefault(_named(one, number), number) == number:
            by_kind[one.kind].append(number)
    for kind, numbers in sorted(by_kind.items()):
        told |= _take_in(kind, {n: _row(signals[n], actor, at) for n in numbers}, actor, at)
    for number, one in enumerate(signals):
        if number not in told:
            told[number] = replace(told[first[_named(one, number)]], is_new=False, is_known=True)
    return [told[number] for number in range(len(signals))]


def _named(one: NewSignal, number: int) -> tuple[str, str]:
    """What tells a signal from others of its sender; without an id, its place in the batch."""
    return (one.source, one.origin) if one.origin else ("", str(number))


def require_place(lon: float | None, lat: float | None) -> None:
    """``PlaceIncomplete`` unless there is no place, or one on the earth."""
    if (lon is None) != (lat is None):
        raise PlaceIncomplete("位置需要同时有经度和纬度。", hint="补齐另一个坐标，或都不填。")
    if lon is not None and lat is not None and not (-180 <= lon <= 180 and -90 <= lat <= 90):
        wrong = "坐标超出范围。"
        raise PlaceIncomplete(
            wrong, hint="经度在 ±180 之间，纬度在 ±90 之间。", fields={"lon": wrong}
        )


def _sent_before(signals: Sequence[NewSignal]) -> dict[int, Reported]:
    """The signals whose sender's id is known already, or stands twice in the batch."""
    known: dict[tuple[str, str], Reported] = {}
    for source in {one.source for one in signals if one.origin}:
        origins = [one.origin for one in signals if one.source == source and one.origin]
        rows = Signal.objects.filter(source=source, origin__in=origins)
        for row in rows.values_list("origin", "case__number", "token"):
            known[source, row[0]] = Reported(row[1], False, row[2] or "", is_known=True)
    return {
        number: known[one.source, one.origin]
        for number, one in enumerate(signals)
        if one.origin and (one.source, one.origin) in known
    }


def _row(one: NewSignal, actor: Actor, at: datetime) -> Signal:
    lon, lat, division = _where(one)
    cell = cell_at(lon, lat, on=at) if lon is not None else None
    if cell is not None and identity.is_within(cell.division, division):
        division = cell.division
    return Signal(
        kind=one.kind,
        source=one.source,
        object=one.object,
        lon=lon,
        lat=lat,
        division=division,
        cell=cell.code if cell else "",
        summary=one.summary[:500],
        facts=dict(one.facts),
        at=one.seen_at or at,
        reported_by=named(actor)[0],
        address=one.address[:200],
        channel=one.channel,
        origin=one.origin,
        token=secrets.token_urlsafe(12),
        contact=dict(one.contact),
    )


def _where(one: NewSignal) -> tuple[float | None, float | None, str]:
    """The place as told; without coordinates, that of the door which the address means."""
    if one.lon is None and (door := place.door(one.address)) is not None:
        return door.lon, door.lat, one.division or door.division
    return one.lon, one.lat, one.division or place.code()


def _take_in(
    kind: str, rows: Mapping[int, Signal], actor: Actor, at: datetime
) -> dict[int, Reported]:
    # The kind's row is the lock: signals of one kind are merged one after another.
    found = IncidentKind.objects.select_for_update().filter(ref=kind).first()
    if found is None:
        raise IncidentKindUnknown(f"没有事件类型 {kind}。", hint="先安装对应的场景包。", kind=kind)
    rules = msgspec.convert(found.content, Incident)
    about, new, parts = _about(rules, kind, rows, actor)
    _store(rules, new, about, actor, at)
    for number, signal in rows.items():
        signal.case = about[number]
    insert_models(Signal, list(rows.values()))
    for part, whole in parts:
        absorb(part, whole, reason="多处同时出现，合并为一个事件。", actor="casework", at=at)
    begun = {id(case) for case in new}
    return {
        number: Reported(case.number, _is_first(case, begun), rows[number].token or "")
        for number, case in about.items()
    }


def _about(
    rules: Incident, kind: str, rows: Mapping[int, Signal], actor: Actor
) -> tuple[dict[int, Case], list[Case], list[tuple[Case, Case]]]:
    """The incident of each signal, those that begin, and the open ones that become part of one."""
    signals = list(rows.values())
    known, gathering = Known(rules, kind, signals), Gathering(rules, kind, signals)
    about, new, parts = dict[int, Case](), list[Case](), list[tuple[Case, Case]]()
    for number, signal in rows.items():
        case = known.find(signal) or gathering.find(signal)
        if case is None:
            case = _begun(rules, signal, actor)
            new.append(case)
            known.add(case)
            gathered = gathering.add(signal, case)
        else:
            gathered = None
        about[number] = case
        case.last_signal_at = max(case.last_signal_at or signal.at, signal.at)
        if gathered is not None:
            begun = {id(one) for one in gathered.parts if one.pk is None}
            new = [one for one in new if id(one) not in begun]
            new += [gathered.case] * gathered.is_new
            about = {n: gathered.case if id(one) in begun else one for n, one in about.items()}
            known.gather(gathered.parts, gathered.case)
            parts += [(one, gathered.case) for one in gathered.parts if id(one) not in begun]
    for case in about.values():
        case.signals += 1
    return about, new, parts


def _is_first(case: Case, begun: set[int]) -> bool:
    """Whether a signal began its incident: said of the first one only."""
    if id(case) in begun:
        begun.remove(id(case))
        return True
    return False


def _store(
    rules: Incident, new: Sequence[Case], about: Mapping[int, Case], actor: Actor, at: datetime
) -> None:
    if new:
        parties = [_routed(rules, case) for case in new]
        create(current_flow(rules.flow), new, parties, actor=actor, at=at)
    begun, cases = {id(case) for case in new}, {id(one): one for one in about.values()}
    known = [case for key, case in cases.items() if key not in begun]
    counts = ((one.signals, one.last_signal_at, one.pk) for one in known)
    update_rows(Case, ("signals", "last_signal_at"), ("id",), counts)
    for case in cases.values():
        _rise(rules, case, at)


def _routed(rules: Incident, case: Case) -> dict[str, str]:
    case.organ, parties = routing.organs_for(rules, case.division)
    return parties


def _rise(rules: Incident, case: Case, at: datetime) -> None:
    """Many signals about one thing make it graver, where the kind says how many."""
    reached = [int(grade) for grade, least in rules.rises.items() if case.signals >= least]
    if reached and min(reached) < (case.grade or 4):
        case.grade = min(reached)
        case.save(update_fields=["grade"])
        list_again([case])
        title = f"信号达到 {case.signals} 条，升为 {case.grade} 级"
        note(case, "grade", title=title, actor="casework", at=at, facts={"grade": case.grade})


def _begun(rules: Incident, signal: Signal, actor: Actor) -> Case:
    return Case(
        title=f"{rules.title}：{signal.summary}"[:200],
        applicant=actor.subject if isinstance(actor, identity.Applicant) else "",
        division=signal.division,
        facts=signal.facts,
        limit=rules.limit,
        kind=signal.kind,
        object=signal.object,
        grade=rules.grade,
        lon=signal.lon,
        lat=signal.lat,
    )
