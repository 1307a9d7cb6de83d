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

AT_ONCE = 20
"""Alerts that the clock writes in one transaction."""
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
        self._told: list[tuple[AlertState, casework.NewSignal]] = []
        self._ended: dict[tuple[str, str], AlertState] = {}

    def look_at(self, devices: Iterable[str], *, locked: bool = True) -> None:
        """Read what stands against these devices and which are under maintenance."""
        wanted = sorted(set(devices))
        rows = AlertState.objects.select_for_update() if locked else AlertState.objects.all()
        for part in (wanted[n : n + hot.CHUNK] for n in range(0, len(wanted), hot.CHUNK)):
            standing = rows.filter(device__in=part, cleared_at=None)
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
        effect = self.effect(watch, device, value=value, at=at, silent=silent)
        self.apply(effect, watch, device, value=value, at=at)

    def effect(
        self, watch: Watch, device: Known, *, value: Value, at: datetime, silent: int = 0
    ) -> Effect:
        """What a value at an instant does to what stands; changes nothing."""
        if self.resting and self.rests(device.id, at):
            return "none"
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
        return effect

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
            state.raised_at = at
            self._told.append((state, _signal(watch, device, value, at)))
        elif effect == "forget":
            self.states.pop(key).delete()
        elif effect == "clear":
            ended = self.states.pop(key)
            ended.cleared_at = at
            self._ended[key] = ended
            self.cleared += 1

    def tell(self) -> None:
        """Hand what was raised to the incident desk, which merges it with what is open there; then
        end what was cleared."""
        self._report()
        AlertState.objects.bulk_update(self._ended.values(), ["cleared_at"])
        self._ended.clear()

    def _report(self) -> None:
        if not self._told:
            return
        states, signals = zip(*self._told, strict=True)
        self._told.clear()
        told = casework.report_signals(signals=signals, actor="sensing", at=self.at)
        for state, one in zip(states, told, strict=True):
            state.incident = one.number
            self.raised.append(one.number)
        AlertState.objects.bulk_update(states, ["raised_at", "incident"])

    def _begin(self, watch: Watch, device: Known, at: datetime) -> AlertState | None:
        if (watch.ref, device.id) in self._ended:  # one is open at a time
            self.tell()
        state = AlertState(rule=watch.ref, device_id=device.id, since=at, due_at=at + watch.hold)
        begun = hot.begin_alert(state.rule, device.id, since=at, due_at=at + watch.hold)
        if begun is None:
            return None
        state.pk = begun
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
    watching.tell()
    return watching.raised, watching.cleared


def _judge_from_elsewhere(watching: Watching, watch: Watch, device: Known, *, at: datetime) -> None:
    """A reading that a rule looks at has come: judge it with the last value of its own stream."""
    newest = watching.lookback.newest(device.id, watch.alert.stream)
    at = max(at, instant(newest)) if newest is not None else at
    watching.judge(watch, device, value=watching.lookback.recall(watch.own, device.id, at), at=at)


def watch_clock(*, library: Library, at: datetime) -> tuple[list[str], int]:
    """What time alone brings about: holds that have run out, and devices that fell silent.

    Both are in the store, so a restart forgets nothing; it only comes a little later. However many
    devices it is about, at most ``AT_ONCE`` are written in one transaction, and nothing is locked
    where nothing changes: nobody else who writes waits long.
    """
    looking = Watching(known=roster(library), library=library, at=at)
    by_ref = {watch.ref: watch for one in looking.rules.values() for watch in one}
    waiting = AlertState.objects.filter(raised_at=None, cleared_at=None, due_at__lte=at)
    due = [
        (by_ref[rule], device)
        for rule, device in waiting.order_by("id").values_list("rule", "device_id")
        if rule in by_ref and not by_ref[rule].asks_silence
    ]
    silent = [
        (watch, device)
        for watch in by_ref.values()
        if watch.asks_silence
        for device in _turning_silent(looking, watch)
    ]
    raised, cleared = list[str](), 0
    for writing, wanted in ((_end_holds, due), (_ask_silence, silent)):
        for first in range(0, len(wanted), AT_ONCE):
            watching = Watching(known=looking.roster, library=library, at=at)
            with transaction.atomic():
                writing(watching, wanted[first : first + AT_ONCE])
                watching.tell()
            raised += watching.raised
            cleared += watching.cleared
    return raised, cleared


def _end_holds(watching: Watching, due: Sequence[tuple[Watch, str]]) -> None:
    watching.look_at(device for _, device in due)
    for watch, id_ in due:
        device = watching.roster.devices.get(id_)
        state = watching.states.get((watch.ref, id_))
        if device is None or state is None or state.raised_at is not None:
            continue
        point = watching.roster.points[id_, watch.alert.stream]
        latest = LatestReading.objects.filter(point=point.id).first()
        is_heard = latest is not None and instant(latest.at) >= watching.at - watch.own.within
        if latest is not None and is_heard and not watching.rests(id_, watching.at):
            watching.apply("raise", watch, device, value=latest.value, at=watching.at)


def _turning_silent(looking: Watching, watch: Watch) -> list[str]:
    """The devices of a rule about silence whose state changes by the clock, as it looks now."""
    latest = _latest(looking, watch)
    cycle = period(looking.library, watch.alert.stream)
    open_states = AlertState.objects.filter(rule=watch.ref, cleared_at=None)
    standing = set(open_states.values_list("device_id", flat=True))
    asked = [d for d, (at, _) in latest.items() if d in standing or looking.at - at > cycle]
    looking.look_at(asked, locked=False)
    looking.lookback.need((looking.roster.devices[one] for one in asked), watch, at=looking.at)
    return [
        one
        for one in asked
        if looking.effect(
            watch,
            looking.roster.devices[one],
            value=latest[one][1],
            at=looking.at,
            silent=_minutes_since(latest[one][0], looking.at),
        )
        != "none"
    ]


def _ask_silence(watching: Watching, wanted: Sequence[tuple[Watch, str]]) -> None:
    """Judge rules about silence by the minutes since the last reading, with what stands locked."""
    watching.look_at(device for _, device in wanted)
    asked: dict[str, tuple[Watch, list[str]]] = {}
    for watch, id_ in wanted:
        asked.setdefault(watch.ref, (watch, []))[1].append(id_)
    for watch, devices in asked.values():
        for id_, (seen_at, value) in _latest(watching, watch, devices).items():
            watching.judge(
                watch,
                watching.roster.devices[id_],
                value=value,
                at=watching.at,
                silent=_minutes_since(seen_at, watching.at),
            )


def _latest(
    watching: Watching, watch: Watch, devices: Sequence[str] | None = None
) -> dict[str, tuple[datetime, float]]:
    """Device → instant and value of its last reading in the stream of a rule."""
    rows = LatestReading.objects.filter(
        point__stream=watch.alert.stream, point__device__is_active=True
    )
    if devices is not None:
        rows = rows.filter(point__device__in=devices)
    return {
        device: (instant(at), value)
        for device, at, value in rows.order_by("point").values_list("point__device", "at", "value")
        if device in watching.roster.devices
    }


def _minutes_since(seen_at: datetime, at: datetime) -> int:
    return int((at - seen_at).total_seconds() // 60)


def _signal(watch: Watch, device: Known, value: Value, seen_at: datetime) -> casework.NewSignal:
    said = "无读数" if value is None else f"{float(value):g} {watch.unit}".rstrip()
    facts: Mapping[str, Any] = {
        "观测值": said,
        "观测时间": f"{seen_at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}",
        "设备编号": device.id,
        "预警规则": watch.alert.title,
    }
    return casework.NewSignal(
        kind=watch.alert.incident,
        source=watch.ref,
        object=device.id,
        lon=device.lon,
        lat=device.lat,
        division=device.division,
        summary=f"{device.title}，{watch.alert.title}，观测值 {said}",
        facts=facts,
    )
