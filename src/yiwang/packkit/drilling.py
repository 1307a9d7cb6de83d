"""The readings of a drill, made up as its waves say, and what ought to be noticed. Same seed, same
readings. Nothing here remembers anything.
"""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from yiwang import rules
from yiwang.packkit.kinds.drills import Drill, Wave
from yiwang.packkit.naming import named
from yiwang.packkit.shelf import Shelf
from yiwang.packkit.watching import device_row, device_types, period, span

MOST_BEHIND = 50
"""Devices one behind the other."""


@dataclass(frozen=True, slots=True)
class DrillReading:
    """A made-up or recorded reading."""

    at: datetime
    device: str
    stream: str
    value: float


@dataclass(frozen=True)
class Course:
    """Readings in order of time, and (alert, device) to the instant from which it is true."""

    begins_at: datetime
    ends_at: datetime
    readings: list[DrillReading]
    expected: dict[tuple[str, str], datetime]


def drills(shelf: Shelf) -> dict[str, Drill]:
    """All drills of a place's packs, by ``pack.id``."""
    return {
        f"{pack.id}.{name}": one
        for pack in shelf.packs.values()
        for name, one in pack.drills.items()
    }


def course(shelf: Shelf, ref: str, *, begins_at: datetime, seed: int = 1) -> Course:
    """Make a drill's readings up, from ``begins_at`` on."""
    drill = named(ref, drills(shelf), "drills")
    ends_at, draw = begins_at + span(drill.lasts), random.Random(seed)  # noqa: S311 - a made-up flood
    readings: list[DrillReading] = []
    expected: dict[tuple[str, str], datetime] = {}
    for wave in drill.waves:
        playing = _Playing(shelf, drill, wave, on=begins_at.date())
        readings += playing.readings(begins_at, ends_at, draw)
        for alert, text in drill.expects.items():
            if shelf.alert(alert).stream == wave.stream:
                since = playing.true_since(text, begins_at, ends_at)
                expected |= {(alert, device): at for device, at in since.items()}
    readings.sort(key=lambda one: (one.at, one.device, one.stream))
    return Course(begins_at, ends_at, readings, expected)


class _Playing:
    """One wave over its devices."""

    def __init__(self, shelf: Shelf, drill: Drill, wave: Wave, *, on: date) -> None:
        stream = shelf.stream(wave.stream)
        register = shelf.register(stream.devices)
        self.wave, self.spikes, self.on = wave, drill.spikes, on
        self.types = device_types(register)
        self.cycle = period(shelf, wave.stream)
        self.low, self.high = stream.low, stream.high
        rows = {
            str(entry[register.key]): device_row(entry, register.columns)
            for entry in shelf.entries(stream.devices)
        }
        among, where = self._asking(drill.among), self._asking(wave.where)
        taking = {id_: row for id_, row in rows.items() if among(row)}
        self.hit = {id_ for id_, row in taking.items() if where(row)}
        order = sorted(taking, key=lambda one: (one not in self.hit, self._hops(one, taking), one))
        self.rows = {id_: taking[id_] for id_ in order[: drill.most]}
        self.hops = {id_: self._hops(id_, taking) for id_ in self.rows}
        rest, peak = self._number(wave.rest), self._number(wave.peak)
        self.levels = {id_: (rest(row), peak(row)) for id_, row in self.rows.items()}

    def readings(
        self, begins_at: datetime, ends_at: datetime, draw: random.Random
    ) -> Iterable[DrillReading]:
        """A reading for each cycle of the stream, with noise, and wild ones where said."""
        noise, wild = float(self.wave.noise), self._wild(begins_at, ends_at, draw)
        for number, id_ in enumerate(self.rows):
            shift = self.cycle * (number % 7) / 7
            for step in range(int((ends_at - begins_at) / self.cycle)):
                at = begins_at + step * self.cycle + shift
                value = self._true(id_, at - begins_at) + draw.uniform(-noise, noise)
                if wild.get(id_) == step:
                    value = self.levels[id_][1]
                value = min(max(value, self.low), self.high)
                yield DrillReading(at, id_, self.wave.stream, round(value, 2))

    def true_since(self, text: str, begins_at: datetime, ends_at: datetime) -> dict[str, datetime]:
        """Device → when a condition first is the case, to the minute, without noise."""
        asked = self._parsed(text, {"value": "decimal"})
        found = {}
        for id_ in self.hit & self.rows.keys():
            minutes = int((ends_at - begins_at).total_seconds() // 60)
            for minute in range(minutes):
                value = self._true(id_, timedelta(minutes=minute))
                row = {**self.rows[id_], "value": rules.read_value(value, "decimal")}
                if asked(row):
                    found[id_] = begins_at + timedelta(minutes=minute)
                    break
        return found

    def _true(self, id_: str, passed: timedelta) -> float:
        wave, (rest, peak) = self.wave, self.levels[id_]
        if id_ not in self.hit:
            return rest
        begin = span(wave.begins) + self.hops[id_] * span(wave.delay)
        rises, stays, falls = span(wave.rises), span(wave.stays), span(wave.falls)
        here = passed - begin
        if here <= timedelta(0) or here >= rises + stays + falls:
            return rest
        if here < rises:
            return rest + (peak - rest) * (here / rises)
        if here <= rises + stays:
            return peak
        return peak + (rest - peak) * ((here - rises - stays) / falls)

    def _wild(self, begins_at: datetime, ends_at: datetime, draw: random.Random) -> dict[str, int]:
        """Devices at rest that show one wild reading → at which step."""
        steps = int((ends_at - begins_at) / self.cycle)
        calm = [one for one in self.rows if one not in self.hit]
        chosen = draw.sample(calm, min(self.spikes, len(calm)))
        return {one: draw.randrange(1, max(2, steps - 1)) for one in chosen}

    def _hops(self, id_: str, rows: Mapping[str, Mapping[str, Any]]) -> int:
        """How many devices that are hit lie before this one."""
        if not self.wave.behind:
            return 0
        seen: set[str] = set()
        column = f"device.{self.wave.behind}"
        while len(seen) < MOST_BEHIND:
            before = str(rows[id_].get(column) or "")
            if before not in self.hit or before in seen:
                break
            seen.add(before)
            id_ = before
        return len(seen)

    def _asking(self, text: str) -> Any:
        return self._parsed(text, {}) if text else lambda row: True

    def _number(self, text: str) -> Any:
        asked = self._parsed(text, {})
        return lambda row: float(asked(row) or 0)

    def _parsed(self, text: str, more: Mapping[str, Any]) -> Any:
        parsed = rules.parse(text, columns={**self.types, **more}, parameters={})
        return rules.valued(parsed, as_of=self.on, is_read=True)
