"""Report what was seen, merge it into what is known, and say how it was handled."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from yiwang.apps.casework.access import CaseNotYours, is_own, may_see
from yiwang.apps.casework.actions.opening import Actor, create, current_flow, named
from yiwang.apps.casework.merging import Sighting, box, is_same
from yiwang.apps.casework.models import Case, IncidentKind, Rating, Signal
from yiwang.apps.casework.queries import IncidentView, find_case, incident_view
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid, NotFound
from yiwang.kernel.limits import Limit
from yiwang.packkit.kinds.work import Incident


class IncidentKindUnknown(NotFound):
    """No kind of incident of this name is installed."""

    code = "casework.incident_kind_unknown"


class PlaceIncomplete(Invalid):
    """A place needs both longitude and latitude, within the range of the earth."""

    code = "casework.place_incomplete"


class NotYetEnded(Conflict):
    """Only a finished case can be rated."""

    code = "casework.not_yet_ended"


class AlreadyRated(Conflict):
    """A case is rated once."""

    code = "casework.already_rated"


@transaction.atomic
def report_signal(
    *,
    kind: str,
    source: str,
    object: str,  # noqa: A002 - the contract's word, as in packs
    lon: float | None,
    lat: float | None,
    division: str,
    summary: str,
    facts: Mapping[str, Any],
    actor: Actor,
    at: datetime,
) -> IncidentView:
    """上报: take in a signal; it joins the open incident it is about, or opens one.

    Exactly one incident per kind and object is open at any time, whoever reports at once.
    """
    if isinstance(actor, identity.Officer):
        identity.require(actor, "incident.report")
    _require_place(lon, lat)
    signal = Signal(
        kind=kind,
        source=source,
        object=object,
        lon=lon,
        lat=lat,
        division=division,
        summary=summary[:500],
        facts=dict(facts),
        at=at,
        reported_by=named(actor)[0],
    )
    return _take_in(signal, actor)


@transaction.atomic
def rate(*, number: str, score: int, comment: str, actor: identity.Actor, at: datetime) -> None:
    """评价: say how a finished case was handled, once, from 1 to 5; never by who handled it."""
    row = find_case(number, Case.objects.select_for_update(of=("self",)))
    _require_rating(actor, row)
    if row.state != Case.State.ENDED:
        raise NotYetEnded(f"{number} 尚未办结，不能评价。", hint="办结后再评价。", number=number)
    if not 1 <= score <= 5:
        raise Invalid("评分只能是 1 到 5。", hint="请选择 1（很不满意）到 5（非常满意）。")
    who, _ = named(actor)
    _, is_new = Rating.objects.get_or_create(
        case=row,
        defaults={
            "score": score,
            "comment": comment.strip()[:500],
            "rated_by": who,
            "rated_at": at,
        },
    )
    if not is_new:
        raise AlreadyRated(f"{number} 已经评价过。", hint="每件只评价一次。", number=number)
    journal.record(
        "case.rated", subject=number, actor=who, at=at, case=number, facts={"score": score}
    )


def _take_in(signal: Signal, actor: Actor) -> IncidentView:
    # The kind's row is the lock: signals of one kind are merged one after another.
    row = IncidentKind.objects.select_for_update().filter(ref=signal.kind).first()
    if row is None:
        raise IncidentKindUnknown(
            f"没有事件类型 {signal.kind}。", hint="先安装对应的场景包。", kind=signal.kind
        )
    rules = msgspec.convert(row.content, Incident)
    known = _same_incident(rules, signal)
    case = known or _open(rules, signal, actor)
    signal.case = case
    signal.save()
    case.signals += 1
    case.last_signal_at = max(case.last_signal_at or signal.at, signal.at)
    case.save(update_fields=["signals", "last_signal_at"])
    return incident_view(case, actor=actor, at=signal.at, is_new=known is None)


def _require_place(lon: float | None, lat: float | None) -> None:
    if (lon is None) != (lat is None):
        raise PlaceIncomplete("位置需要同时有经度和纬度。", hint="补齐另一个坐标，或都不填。")
    if lon is not None and lat is not None and not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise PlaceIncomplete("坐标超出范围。", hint="经度在 ±180 之间，纬度在 ±90 之间。")


def _same_incident(rules: Incident, signal: Signal) -> Case | None:
    """The open incident a signal is about: of the same object first, else the nearest in time."""
    rows = Case.objects.select_related("flow").filter(kind=signal.kind)
    rows = rows.exclude(state=Case.State.ENDED)
    if signal.object and (same := rows.filter(object=signal.object).first()):
        return same
    if signal.lon is None or signal.lat is None:
        return None
    wide, high = box(signal.lat, rules.merge_metres)
    near = rows.filter(
        lat__range=(signal.lat - high, signal.lat + high),
        lon__range=(signal.lon - wide, signal.lon + wide),
    )
    if signal.object:
        near = near.filter(object="")
    within = _span(rules.merge_within)
    seen = Sighting(signal.object, signal.lon, signal.lat, signal.at)
    for row in near.order_by("-last_signal_at"):
        known = Sighting(row.object, row.lon, row.lat, row.last_signal_at or row.opened_at)
        if is_same(seen, known, within=within, metres=rules.merge_metres):
            return row
    return None


def _span(limit: str) -> timedelta:
    parsed = Limit.parse(limit)
    hours = {"wd": 24, "d": 24, "h": 1, "m": 1 / 60}[parsed.unit]
    return timedelta(hours=parsed.amount * hours)


def _open(rules: Incident, signal: Signal, actor: Actor) -> Case:
    row = Case(
        title=f"{rules.title}：{signal.summary}"[:200],
        applicant=actor.subject if isinstance(actor, identity.Applicant) else "",
        organ=rules.organ,
        division=signal.division,
        facts=signal.facts,
        kind=signal.kind,
        object=signal.object,
        grade=rules.grade,
        lon=signal.lon,
        lat=signal.lat,
    )
    create(current_flow(rules.flow), [row], actor=actor, at=signal.at)
    return row


def _require_rating(actor: identity.Actor, row: Case) -> None:
    who, _ = named(actor)
    reported = row.signal_rows.filter(reported_by=who).exists()
    if not (is_own(actor, row) or reported or may_see(actor, row)):
        raise CaseNotYours("您不能评价此件。", hint="由当事人或上报人评价。")
    if row.trail.filter(actor=who).exclude(verb="open").exists() and not is_own(actor, row):
        raise CaseNotYours(
            "经办人不能评价自己办理的事项。", hint="由当事人、上报人或未经办的同事评价。"
        )
