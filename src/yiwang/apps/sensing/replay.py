"""Readings through the live rules in virtual time: what would be raised, when, and when it ends.

The same rules, the same look-backs and the same steps as the intake's; states are kept here and
nothing is stored or reported. The clock is played too: a hold that runs out between two readings
raises then, and a device that has spoken in the replay and stops is asked every minute how long it
has been silent, as the worker's clock would.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from yiwang.apps.sensing.instants import instant, micros
from yiwang.apps.sensing.lookback import Lookback, Rules
from yiwang.apps.sensing.roster import Known, Roster
from yiwang.packkit.alerting import Held, step
from yiwang.packkit.drilling import DrillReading
from yiwang.packkit.watching import QUIET_CYCLES, Watch
from yiwang.rules import read_value

MINUTE = timedelta(minutes=1)


@dataclass
class Raised:
    """An incident as the alerts of a replay would have opened it: one of a kind on a device."""

    kind: str
    device: Known
    raised_at: datetime
    value: float | None
    rules: list[str] = field(default_factory=list)
    cleared_at: datetime | None = None
    standing: int = 0
    """How many of its alerts stand."""


def replay(
    readings: Iterable[DrillReading],
    *,
    roster: Roster,
    rules: Rules,
    until: datetime | None = None,
) -> list[Raised]:
    """What the readings (in order of time) raise, in order; the clock goes on ``until``."""
    playing = _Playing(roster, rules)
    for reading in readings:
        playing.pass_time(reading.at)
        playing.take(reading)
    if until is not None:
        playing.pass_time(until)
    return playing.raised


class _Playing:
    def __init__(self, roster: Roster, rules: Rules) -> None:
        self.roster = roster
        self.rules = rules
        self.silences = {
            stream: asked
            for stream, watches in rules.items()
            if (asked := [one for one in watches if one.asks_silence])
        }
        self.heard: dict[tuple[str, str], datetime] = {}
        """When a device last spoke, of the streams whose silence is asked for."""
        self.now: datetime | None = None
        self.lookback = Lookback(roster, self.rules)
        self.last: dict[tuple[str, str], object] = {}
        self.states: dict[tuple[str, str], Held] = {}
        self.open: dict[tuple[str, str], Raised] = {}
        self.raised: list[Raised] = []

    def pass_time(self, until: datetime) -> None:
        """Let the clock go on, minute by minute, and ask who has fallen silent."""
        now = self.now if self.now is not None else until
        while self.heard and now + MINUTE <= until:
            now += MINUTE
            for (id_, stream), at in self.heard.items():
                silent = (now - at) // MINUTE
                if silent:
                    self._ask_silence(id_, stream, silent, now)
        self.now = now if self.heard else until

    def _ask_silence(self, id_: str, stream: str, silent: int, at: datetime) -> None:
        for watch in self.silences[stream]:
            held = self.states.get((watch.ref, id_))
            is_quiet = silent * MINUTE > watch.own.within / QUIET_CYCLES
            if is_quiet and (held is None or not held.is_raised):
                value = self.last.get((id_, stream))
                self._judge(watch, self.roster.devices[id_], value, at, silent=silent)

    def take(self, reading: DrillReading) -> None:
        """One reading, judged by its own stream's rules and by those that look at it."""
        point = self.roster.points.get((reading.device, reading.stream))
        if point is None:
            return
        self.lookback.add(point.id, micros(reading.at), reading.value)
        device, value = self.roster.devices[reading.device], read_value(reading.value, "decimal")
        for watch in self.rules.get(reading.stream, ()):
            self._judge(watch, device, value, reading.at)
        self.last[reading.device, reading.stream] = value
        if reading.stream in self.silences:
            self.heard[reading.device, reading.stream] = reading.at
        for watch, other in self.lookback.triggers.get(point.id, ()):
            newest = self.lookback.newest(other.id, watch.alert.stream)
            at = max(reading.at, instant(newest)) if newest is not None else reading.at
            self._judge(watch, other, self.lookback.recall(watch.own, other.id, at), at)

    def _judge(
        self, watch: Watch, device: Known, value: object, at: datetime, *, silent: int = 0
    ) -> None:
        key = (watch.ref, device.id)
        held = self.states.get(key)
        if held is not None and not held.is_raised and timedelta(0) < watch.hold < at - held.since:
            due = held.since + watch.hold
            held = self.states[key] = Held(held.since, is_raised=True)
            self._raise(watch, device, self.last.get((device.id, watch.alert.stream)), due)
        recall = self.lookback.recall
        row = watch.row(device.row, value=value, at=at, recall=recall, silent=silent)  # type: ignore[arg-type]
        now, effect = step(
            held, at=at, raises=watch.raises(row), clears=watch.clears(row), hold=watch.hold
        )
        if now is None:
            self.states.pop(key, None)
        else:
            self.states[key] = now
        if effect == "raise":
            self._raise(watch, device, value, at)
        elif effect == "clear":
            self._clear(watch, device, at)

    def _raise(self, watch: Watch, device: Known, value: object, at: datetime) -> None:
        key = (watch.alert.incident, device.id)
        found = self.open.get(key)
        if found is None:
            shown = None if value is None else float(str(value))
            found = self.open[key] = Raised(watch.alert.incident, device, at, shown)
            self.raised.append(found)
        found.standing += 1
        if watch.ref not in found.rules:
            found.rules.append(watch.ref)

    def _clear(self, watch: Watch, device: Known, at: datetime) -> None:
        found = self.open.get((watch.alert.incident, device.id))
        if found is None:
            return
        found.standing -= 1
        if not found.standing:
            found.cleared_at = at
            del self.open[watch.alert.incident, device.id]
