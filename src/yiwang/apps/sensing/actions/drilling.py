"""演练: play a flood through the live rules in a room of its own, answer what comes up, end it."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.sensing.drill_score import DrillScore, Practised, scored
from yiwang.apps.sensing.instants import instant, micros
from yiwang.apps.sensing.models import AlertState, Drill, DrillIncident
from yiwang.apps.sensing.queries.drills import DrillUnknown
from yiwang.apps.sensing.queries.history import merged
from yiwang.apps.sensing.replay import replay
from yiwang.apps.sensing.roster import alert_rules, roster
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.packkit import Library
from yiwang.packkit.drilling import Course, DrillReading, course, drills

LONGEST = timedelta(days=3)
MOST_READINGS = 200_000
SPEEDS = (60, 300, 1200)
"""Virtual seconds in one of the clock: an hour of the flood in 60, 12 or 3 seconds."""


class DrillOver(Conflict):
    """The drill has ended, or this was answered."""

    code = "sensing.drill_over"


class DrillEmpty(Invalid):
    """There is nothing to play: no readings in this span, or more than one drill can hold."""

    code = "sensing.drill_empty"


@transaction.atomic
def begin_drill(
    *, ref: str, speed: int, library: Library, officer: identity.Officer, at: datetime
) -> int:
    """开始演练: a pack's course, from now on in virtual time; returns the drill's number."""
    identity.require(officer, "command.switch")
    played = course(library, ref, begins_at=at)
    return _begun(
        played,
        title=drills(library)[ref].title,
        source=ref,
        speed=speed,
        library=library,
        officer=officer,
        at=at,
    )


@transaction.atomic
def begin_recorded_drill(
    *,
    stream: str,
    since: datetime,
    until: datetime,
    speed: int,
    library: Library,
    officer: identity.Officer,
    at: datetime,
) -> int:
    """重演: what was really read then; what was really raised then is what ought to be."""
    identity.require(officer, "command.switch")
    return _begun(
        recorded(library, stream=stream, since=since, until=until),
        title=f"重演{library.stream(stream).title}",
        source=stream,
        speed=speed,
        library=library,
        officer=officer,
        at=at,
    )


def try_course(*, ref: str, library: Library, at: datetime) -> tuple[int, DrillScore]:
    """How many readings a pack's course has, and how the rules alone do; nothing is stored."""
    return _tried(course(library, ref, begins_at=at), library)


def try_recorded(
    *, stream: str, since: datetime, until: datetime, library: Library
) -> tuple[int, DrillScore]:
    """The same of what was really read."""
    return _tried(recorded(library, stream=stream, since=since, until=until), library)


def _tried(played: Course, library: Library) -> tuple[int, DrillScore]:
    rules = alert_rules(library, on=local_date(played.begins_at))
    expected = {
        (one["kind"], one["device"]): datetime.fromisoformat(one["at"])
        for one in _expected(played, _kinds(library))
    }
    raised = [
        Practised(one.kind, one.device.id, one.raised_at, one.raised_at, "", "", "", None)
        for one in replay(
            played.readings, roster=roster(library), rules=rules, until=played.ends_at
        )
    ]
    return len(played.readings), scored(raised, expected)


def _kinds(library: Library) -> dict[str, str]:
    return {ref: alert.incident for ref, alert in library.alerts().items()}


def recorded(library: Library, *, stream: str, since: datetime, until: datetime) -> Course:
    """The readings of a stream, and of those that its rules look at, as they are stored."""
    DrillEmpty.unless(
        (since < until, "until", "结束要晚于开始。"),
        (until <= since + LONGEST, "until", "重演的时段最长三天。"),
    )
    known, rules = roster(library), alert_rules(library, on=local_date(since))
    mine = rules.get(stream, [])
    streams = {stream} | {look.stream for watch in mine for look in watch.looks}
    points = {id_: one for id_, one in known.by_id.items() if one.stream in streams}
    rows = merged(points, since=micros(since), until=micros(until)) if points else []
    if not rows or len(rows) > MOST_READINGS:
        wrong = f"这个时段有 {len(rows)} 条读数，不能重演。"
        raise DrillEmpty(wrong, hint="换一个有读数、较短的时段。", fields={"since": wrong})
    readings = [
        DrillReading(instant(at), points[point].device, points[point].stream, value)
        for point, at, value, _ in rows
    ]
    really = AlertState.objects.filter(
        rule__in=[one.ref for one in mine], raised_at__gte=since, raised_at__lt=until
    ).values_list("rule", "device_id", "since")
    return Course(since, until, readings, {(rule, device): at for rule, device, at in really})


@transaction.atomic
def answer_drill(
    *, number: int, incident: int, organ: str, officer: identity.Officer, at: datetime
) -> None:
    """派遣演练事件, to an organ; without one it is told as a false alarm. Only the room knows."""
    identity.require(officer, "command.duty")
    drill = _open(number)
    found = drill.incidents.select_for_update().filter(pk=incident, shown_at__lte=at).first()
    if found is None:
        raise DrillUnknown("演练中还没有这个事件。", hint="刷新演练页。", number=incident)
    if found.answer:
        raise DrillOver(f"{found.title}已由{found.answered_by}答复。", hint="刷新演练页。")
    if organ:
        identity.organ(organ)
    found.answer, found.organ = ("dispatch" if organ else "false"), organ
    found.answered_at, found.answered_by = at, officer.username
    found.save(update_fields=["answer", "organ", "answered_at", "answered_by"])


@transaction.atomic
def end_drill(*, number: int, officer: identity.Officer, at: datetime) -> None:
    """结束演练: nothing more comes up, and the score stands."""
    identity.require(officer, "command.switch")
    drill = _open(number)
    drill.ended_at = at
    drill.save(update_fields=["ended_at"])
    journal.record("drill.ended", subject=str(number), actor=officer.username, at=at)


def _open(number: int) -> Drill:
    drill = Drill.objects.select_for_update().filter(pk=number).first()
    if drill is None:
        raise DrillUnknown(f"没有第 {number} 号演练。", hint="从演练列表进入。", number=number)
    if drill.ended_at is not None:
        raise DrillOver("演练已经结束。", hint="另开一场。", number=number)
    return drill


def _begun(
    played: Course,
    *,
    title: str,
    source: str,
    speed: int,
    library: Library,
    officer: identity.Officer,
    at: datetime,
) -> int:
    if speed not in SPEEDS:
        raise DrillEmpty("没有这个倍速。", hint="可选：" + "、".join(map(str, SPEEDS)) + "。")
    drill = Drill.objects.create(
        title=title[:120],
        source=source,
        organ=officer.organ,
        begun_by=officer.username,
        begun_at=at,
        speed=speed,
        plays_from=played.begins_at,
        plays_until=played.ends_at,
        readings=len(played.readings),
        expected=_expected(played, _kinds(library)),
    )
    DrillIncident.objects.bulk_create(_raised(drill, played, library))
    journal.record(
        "drill.begun", subject=str(drill.pk), actor=officer.username, at=at, facts={"from": source}
    )
    return drill.pk


def _raised(drill: Drill, played: Course, library: Library) -> Iterator[DrillIncident]:
    """What the rules raise, each shown when the drill's own time has come to it."""
    known, rules = roster(library), alert_rules(library, on=local_date(played.begins_at))
    owners: dict[tuple[str, str], str] = {}
    for one in replay(played.readings, roster=known, rules=rules, until=played.ends_at):
        place = (one.kind, one.device.division)
        if place not in owners:
            owners[place] = casework.owner_of(*place)
        yield DrillIncident(
            drill=drill,
            kind=one.kind,
            device=one.device.id,
            title=one.device.title,
            division=one.device.division,
            alerts=one.rules,
            value=one.value,
            raised_at=one.raised_at,
            cleared_at=one.cleared_at,
            shown_at=drill.begun_at + (one.raised_at - played.begins_at) / drill.speed,
            owner=owners[place],
        )


def _expected(played: Course, kinds: Mapping[str, str]) -> list[dict[str, str]]:
    """What ought to be noticed: once for a kind and a device, from when it is first true."""
    first: dict[tuple[str, str], datetime] = {}
    for (alert, device), at in sorted(played.expected.items(), key=lambda one: one[1]):
        first.setdefault((kinds[alert], device), at)
    return [
        {"kind": kind, "device": device, "at": at.isoformat()}
        for (kind, device), at in first.items()
    ]
