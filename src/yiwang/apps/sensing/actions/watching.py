"""Alerts: readings and the clock raise and end them; one is open per rule and device."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from yiwang.apps.casework import public as casework
from yiwang.apps.sensing import hot
from yiwang.apps.sensing.instants import instant
from yiwang.apps.sensing.intake import Observed
from yiwang.apps.sensing.lookback import Lookback, lookback
from yiwang.apps.sensing.models import AlertState, LatestReading, MaintenanceWindow
from yiwang.apps.sensing.roster import Known, Roster, alert_rules, roster
from yiwang.kernel.clock import CHINA, local_date
from yiwang.packkit import Library
from yiwang.packkit.alerting import Effect, Held, step
from yiwang.packkit.watching import Watch, period
from yiwang.rules import read_value

Value = float | Decimal | None


class Watching:
    """One pass over readings or the clock: the rules, and the states that stand, row-locked."""

    def __init__(self, *, known: Roster, library: Library, at: datetime) -> None:
        self.roster, self.library, self.at = known, library, at
        self.rules = alert_rules(library, on=local_date(at))
        self.lookback: Lookback = lookback(known, self.rules)
        self.states: dict[tuple[str, str], AlertState] = {}
        self.resting: dict[str, list[MaintenanceWindow]] = {}
        self.raised: list[str] = []
        self.cleared = 0

    def look_at(self, devices: Iterable[str]) -> None:
        """Read what stands against these devices and which are under maintenance."""
        wanted = sorted(set(devices))
        for part in (wanted[n : n + hot.CHUNK] for n in range(0, len(wanted), hot.CHUNK)):
            standing = AlertState.objects.select_for_update().filter(
                device__in=part, cleared_at=None
            )
            self.states |= {(one.rule, one.device_id): one for one in standing}
        near = (self.at - timedelta(hours=2), self.at + timedelta(hours=2))
        for one in MaintenanceWindow.objects.filter(begins_at__lte=near[1], ends_at__gte=near[0]):
            self.resting.setdefault(one.device_id, []).append(one)

    def rests(self, device: str, at: datetime) -> bool:
        """Whether a device is under maintenance at an instant."""
        return any(one.begins_at <= at < one.ends_at for one in self.resting.get(device, ()))

    def judge(
        self, watch: Watch, device: Known, *, value: Value, at: datetime, silent: int = 0
    ) -> None:
        """Move one rule on one device."""
        if self.resting and self.rests(device.id, at):
            return
        recall = self.lookback.recall
        row = watch.row(device.row, value=value, at=at, recall=recall, silent=silent)
        state = self.states.get((watch.ref, device.id))
        held = Held(state.since, is_raised=state.raised_at is not None) if state else None
        _, effect = step(
            held,
            at=at,
            raises=watch.raises(row) if held is None or not held.is_raised else None,
            clears=watch.clears(row) if held is not None and held.is_raised else None,
            hold=watch.hold,
        )
        self.apply(effect, watch, device, value=value, at=at)

    def apply(
        self, effect: Effect, watch: Watch, device: Known, *, value: Value, at: datetime
    ) -> None:
        """Let the state follow; what another process opened meanwhile is left to it."""
        key = (watch.ref, device.id)
        state = self.states.get(key)
        if effect in ("wait", "raise") and state is None:
            state = self._begin(watch, device, at)
            if state is None:
                return
        if effect == "raise":
            assert state is not None
            state.raised_at, state.incident = at, _report(watch, device, value, at, now=self.at)
            state.save(update_fields=["raised_at", "incident"])
            self.raised.append(state.incident)
        elif effect == "forget":
            self.states.pop(key).delete()
        elif effect == "clear":
            ended = self.states.pop(key)
            ended.cleared_at = at
            ended.save(update_fields=["cleared_at"])
            self.cleared += 1

    def _begin(self, watch: Watch, device: Known, at: datetime) -> AlertState | None:
        row = AlertState(rule=watch.ref, device_id=device.id, since=at, due_at=at + watch.hold)
        AlertState.objects.bulk_create([row], ignore_conflicts=True)
        mine = AlertState.objects.select_for_update().filter(
            rule=watch.ref, device_id=device.id, cleared_at=None
        )
        state = mine.get()
        if state.since != at or state.raised_at is not None:
            return None
        self.states[watch.ref, device.id] = state
        return state


def judge(
    fresh: Sequence[Observed],
    moved: Sequence[Observed],
    *,
    roster: Roster,
    library: Library,
    at: datetime,
) -> tuple[list[str], int]:
    """Run the rules over the readings that ``moved`` a latest value, in order; ``fresh`` are all
    that were stored. Returns incident numbers and ends.

    A reading is judged by the rules of its own stream, and by those that look at it from another.
    """
    watching = Watching(known=roster, library=library, at=at)
    watching.lookback.follow(fresh, moved, at=at)
    rules, triggers, devices = watching.rules, watching.lookback.triggers, roster.devices
    ruled = [one for one in moved if one.point.stream in rules or one.point.id in triggers]
    if not ruled:
        return [], 0
    near = [device.id for one in ruled for _, device in triggers.get(one.point.id, ())]
    watching.look_at([*(one.point.device for one in ruled), *near])
    for one in ruled:
        device = devices[one.point.device]
        value: Any = read_value(one.value, "decimal")
        for watch in rules.get(one.point.stream, ()):
            watching.judge(watch, device, value=value, at=one.at)
        for watch, other in triggers.get(one.point.id, ()):
            _judge_from_elsewhere(watching, watch, other, at=one.at)
    return watching.raised, watching.cleared


def _judge_from_elsewhere(watching: Watching, watch: Watch, device: Known, *, at: datetime) -> None:
    """A reading that a rule looks at has come: judge it with the last value of its own stream."""
    newest = watching.lookback.newest(device.id, watch.alert.stream)
    at = max(at, instant(newest)) if newest is not None else at
    watching.judge(watch, device, value=watching.lookback.recall(watch.own, device.id, at), at=at)


@transaction.atomic
def watch_clock(*, library: Library, at: datetime) -> tuple[list[str], int]:
    """What time alone brings about: holds that have run out, and devices that fell silent.

    Both are in the store, so a restart forgets nothing; it only comes a little later.
    """
    watching = Watching(known=roster(library), library=library, at=at)
    due = list(
        AlertState.objects.filter(raised_at=None, cleared_at=None, due_at__lte=at).values_list(
            "rule", "device_id"
        )
    )
    silences = [w for one in watching.rules.values() for w in one if w.asks_silence]
    if not due and not silences:
        return [], 0
    _end_holds(watching, due)
    for watch in silences:
        _ask_silence(watching, watch)
    return watching.raised, watching.cleared


def _end_holds(watching: Watching, due: Sequence[tuple[str, str]]) -> None:
    by_ref = {watch.ref: watch for one in watching.rules.values() for watch in one}
    watching.look_at(device for _, device in due)
    for ref, id_ in due:
        watch, device = by_ref.get(ref), watching.roster.devices.get(id_)
        state = watching.states.get((ref, id_))
        if watch is None or device is None or state is None or watch.asks_silence:
            continue
        point = watching.roster.points[id_, watch.alert.stream]
        latest = LatestReading.objects.filter(point=point.id).first()
        is_heard = latest is not None and instant(latest.at) >= watching.at - watch.own.within
        if latest is not None and is_heard and not watching.rests(id_, watching.at):
            watching.apply("raise", watch, device, value=latest.value, at=watching.at)


def _ask_silence(watching: Watching, watch: Watch) -> None:
    """Judge a rule about silence for every device of its stream by the minutes since its last."""
    latest = {
        point: (instant(at), value)
        for point, at, value in LatestReading.objects.filter(
            point__stream=watch.alert.stream, point__device__is_active=True
        ).values_list("point_id", "at", "value")
    }
    points = [p for p in (watching.roster.by_id.get(one) for one in latest) if p is not None]
    silent = {p.id: int((watching.at - latest[p.id][0]).total_seconds() // 60) for p in points}
    cycle = period(watching.library, watch.alert.stream)
    open_states = AlertState.objects.filter(rule=watch.ref, cleared_at=None)
    standing = set(open_states.values_list("device_id", flat=True))
    asked = [p for p in points if p.device in standing or watching.at - latest[p.id][0] > cycle]
    watching.look_at(p.device for p in asked)
    watching.lookback.need(
        (watching.roster.devices[p.device] for p in asked), watch, at=watching.at
    )
    for p in asked:
        device, value = watching.roster.devices[p.device], latest[p.id][1]
        watching.judge(watch, device, value=value, at=watching.at, silent=silent[p.id])


def _report(watch: Watch, device: Known, value: Value, seen_at: datetime, *, now: datetime) -> str:
    """Hand the alert to the incident desk, which merges it with what is already open there."""
    said = "无读数" if value is None else f"{float(value):g} {watch.unit}".rstrip()
    facts: Mapping[str, Any] = {
        "观测值": said,
        "观测时间": f"{seen_at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
        "设备编号": device.id,
        "预警规则": watch.alert.title,
    }
    view = casework.report_signal(
        kind=watch.alert.incident,
        source=watch.ref,
        object=device.id,
        lon=device.lon,
        lat=device.lat,
        division=device.division,
        summary=f"{device.title}，{watch.alert.title}，观测值 {said}",
        facts=facts,
        actor="sensing",
        at=now,
    )
    return view.number
