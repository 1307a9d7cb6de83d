"""Drills: what has come up so far, and how it goes."""

from dataclasses import dataclass
from datetime import datetime

from yiwang.apps.identity import public as identity
from yiwang.apps.sensing.drill_score import DrillScore, Practised, scored
from yiwang.apps.sensing.models import Drill, DrillIncident
from yiwang.kernel.errors import NotFound


class DrillUnknown(NotFound):
    """There is no drill of this number, or nothing in it of this number yet."""

    code = "sensing.drill_unknown"


@dataclass(frozen=True)
class DrillIncidentView:
    """An incident of a drill that has come up."""

    number: int
    kind: str
    device: str
    title: str
    division: str
    alerts: tuple[str, ...]
    value: float | None
    raised_at: datetime
    cleared_at: datetime | None
    shown_at: datetime
    answer: str
    organ: str
    answered_by: str
    owner: str
    """Who ought to get it; told only after the answer."""


@dataclass(frozen=True)
class DrillView:
    """A drill as it stands at an instant: the drill's own time, what came up, the score so far."""

    number: int
    title: str
    source: str
    organ: str
    begun_by: str
    begun_at: datetime
    ended_at: datetime | None
    speed: int
    plays_from: datetime
    plays_until: datetime
    now: datetime
    is_running: bool
    readings: int
    incidents: tuple[DrillIncidentView, ...]
    score: DrillScore


def drills(*, officer: identity.Officer, at: datetime, limit: int = 50) -> list[DrillView]:
    """The latest drills."""
    identity.require(officer, "command.see")
    return [_view(one, at) for one in Drill.objects.order_by("-id")[:limit]]


def drill(number: int, *, officer: identity.Officer, at: datetime) -> DrillView:
    """One drill as it stands."""
    identity.require(officer, "command.see")
    found = Drill.objects.filter(pk=number).first()
    if found is None:
        raise DrillUnknown(f"没有第 {number} 号演练。", hint="从演练列表进入。", number=number)
    return _view(found, at)


def _view(drill: Drill, at: datetime) -> DrillView:
    until = min(at, drill.ended_at or at)
    now = min(drill.plays_from + (until - drill.begun_at) * drill.speed, drill.plays_until)
    shown = list(drill.incidents.filter(shown_at__lte=until).order_by("-shown_at", "-id"))
    expected = {
        (one["kind"], one["device"]): datetime.fromisoformat(one["at"])
        for one in drill.expected
        if datetime.fromisoformat(one["at"]) <= now
    }
    return DrillView(
        number=drill.pk,
        title=drill.title,
        source=drill.source,
        organ=drill.organ,
        begun_by=drill.begun_by,
        begun_at=drill.begun_at,
        ended_at=drill.ended_at,
        speed=drill.speed,
        plays_from=drill.plays_from,
        plays_until=drill.plays_until,
        now=now,
        is_running=drill.ended_at is None,
        readings=drill.readings,
        incidents=tuple(_shown(one) for one in shown),
        score=scored([_practised(one) for one in reversed(shown)], expected),
    )


def _shown(one: DrillIncident) -> DrillIncidentView:
    return DrillIncidentView(
        number=one.pk,
        kind=one.kind,
        device=one.device,
        title=one.title,
        division=one.division,
        alerts=tuple(one.alerts),
        value=one.value,
        raised_at=one.raised_at,
        cleared_at=one.cleared_at,
        shown_at=one.shown_at,
        answer=one.answer,
        organ=one.organ,
        answered_by=one.answered_by,
        owner=one.owner if one.answer else "",
    )


def _practised(one: DrillIncident) -> Practised:
    return Practised(
        kind=one.kind,
        device=one.device,
        raised_at=one.raised_at,
        shown_at=one.shown_at,
        owner=one.owner,
        answer=one.answer,
        organ=one.organ,
        answered_at=one.answered_at,
    )
