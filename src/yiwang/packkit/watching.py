"""The alerts of a shelf, compiled: what a condition reads and how each input is computed.

One implementation serves the live streams, drills and the tests of packs; they differ only in
how earlier readings are looked up (``Recall``).
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from yiwang import rules
from yiwang.kernel.cycles import cycle_of_duration
from yiwang.kernel.limits import Limit
from yiwang.packkit.areas import is_within, read_outline
from yiwang.packkit.kinds.resources import Register
from yiwang.packkit.kinds.shared import Column, Type
from yiwang.packkit.kinds.sight import Alert, Input
from yiwang.packkit.shelf import Shelf

Row = Mapping[str, Any]
Judge = Callable[[Row], bool | None]


@dataclass(frozen=True)
class Look:
    """What is asked of earlier readings: of which stream, of the device that a column names."""

    of: str
    stream: str
    who: str
    """The row's column with the device: ``device.id``, ``device.upstream``."""
    within: timedelta

    @cached_property
    def micros(self) -> int:
        """The time looked back at, in microseconds."""
        return self.within // timedelta(microseconds=1)


Recall = Callable[[Look, str, datetime], Any]
"""(what is asked, device, instant) → what ``reduced`` says of its readings in the time before."""
Compute = Callable[[Row, datetime, Recall], Any]

SILENCE = "silent_minutes"
"""Whole minutes since the last reading: 0 when one has just come, more when the clock asks."""
QUIET_CYCLES = 3
"""A device still speaks while its last reading is at most so many of its cycles old."""
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_WORKING = {"wd": "d", "wh": "h"}
"""A sensor knows no working days: they are plain ones."""


@dataclass(frozen=True)
class Watch:
    """One alert, ready to judge."""

    ref: str
    alert: Alert
    unit: str
    hold: timedelta
    asks_silence: bool
    raises: Judge
    clears: Judge
    inputs: Mapping[str, Compute]
    looks: Sequence[Look]
    """What the inputs ask of earlier readings."""
    own: Look
    """The last reading of the alert's own stream, while the device still speaks."""

    def row(
        self,
        device: Row,
        *,
        value: float | Decimal | None,
        at: datetime,
        recall: Recall,
        silent: int = 0,
    ) -> dict[str, Any]:
        """What the conditions read of a device (its ``device_row``) at an instant."""
        row = dict(device)
        row["value"] = rules.read_value(value, "decimal") if type(value) is float else value
        row[SILENCE] = silent
        for name, compute in self.inputs.items():
            row[name] = compute(row, at, recall)
        return row


def device_row(facts: Mapping[str, Any], columns: Mapping[str, Column]) -> dict[str, Any]:
    """The columns of a device's register as conditions name and read them."""
    return {
        f"device.{name}": rules.read_value(facts.get(name), one.type)
        for name, one in columns.items()
    }


def device_types(register: Register) -> dict[str, Type]:
    """The types of the columns of a device's register as conditions name them."""
    return {f"device.{name}": one.type for name, one in register.columns.items()}


def columns_of(shelf: Shelf, alert: Alert) -> dict[str, Type]:
    """The names that an alert's conditions may read, with their types."""
    register = shelf.register(shelf.stream(alert.stream).devices)
    columns: dict[str, Type] = {"value": "decimal", SILENCE: "integer", **device_types(register)}
    return columns | {name: _type_of(shelf, one) for name, one in alert.inputs.items()}


Entries = Callable[[str], Iterable[Mapping[str, Any]]]
"""The rows of a register."""


def watch_of(shelf: Shelf, ref: str, *, on: date, entries: Entries | None = None) -> Watch:
    """An alert compiled with the parameter values in force ``on``.

    ``entries`` stand for those of the place's registers.
    """
    known, alert = entries or shelf.entries, shelf.alert(ref)
    columns = columns_of(shelf, alert)
    kinds = {name: one.type for name, one in alert.parameters.items()}
    values = shelf.values(ref, on=on)

    def judge(text: str) -> Judge:
        return rules.valued(
            rules.parse(text, columns=columns, parameters=kinds),
            values=values,
            as_of=on,
            is_read=True,
        )

    looks = {name: _look(shelf, alert, one) for name, one in alert.inputs.items() if one.of}
    quiet = QUIET_CYCLES * period(shelf, alert.stream)
    return Watch(
        ref=ref,
        alert=alert,
        unit=shelf.stream(alert.stream).unit,
        hold=span(alert.hold),
        asks_silence=re.search(rf"\b{SILENCE}\b", alert.raise_when) is not None,
        raises=judge(alert.raise_when),
        clears=judge(alert.clear_when),
        inputs={
            name: _asking(looks[name]) if one.of else _looking_up(shelf, one, known)
            for name, one in alert.inputs.items()
        },
        looks=tuple(looks.values()),
        own=Look("last", alert.stream, _own(shelf, alert), quiet),
    )


def watches(shelf: Shelf, *, on: date) -> dict[str, list[Watch]]:
    """Stream → its alerts."""
    found: dict[str, list[Watch]] = {}
    for ref, alert in shelf.alerts().items():
        found.setdefault(alert.stream, []).append(watch_of(shelf, ref, on=on))
    return found


def period(shelf: Shelf, stream: str) -> timedelta:
    """How often a stream reads by its own cycle; a day where it says nothing exact."""
    written = shelf.streams().get(stream)
    cycle = cycle_of_duration(written.cycle) if written else None
    return timedelta(seconds=cycle.seconds) if cycle and cycle.seconds else timedelta(days=1)


def span(limit: str) -> timedelta:
    """A limit in minutes, hours or days as a length of time; nothing is none."""
    if not limit:
        return timedelta(0)
    read = Limit.parse(limit)
    return read.amount * _UNITS[_WORKING.get(read.unit, read.unit)]


def _type_of(shelf: Shelf, one: Input) -> Type:
    if one.area:
        return "boolean"
    if one.register:
        return shelf.register(one.register).columns[one.column].type
    return "integer" if one.of == "count" else "decimal"


def _own(shelf: Shelf, alert: Alert) -> str:
    return f"device.{shelf.register(shelf.stream(alert.stream).devices).key}"


def _look(shelf: Shelf, alert: Alert, one: Input) -> Look:
    who = f"device.{one.device}" if one.device else _own(shelf, alert)
    return Look(one.of, one.stream or alert.stream, who, span(one.within))


def _asking(look: Look) -> Compute:
    nothing = 0 if look.of == "count" else None

    def compute(row: Row, at: datetime, recall: Recall) -> Any:
        device = row.get(look.who)
        return recall(look, str(device), at) if device else nothing

    return compute


def _looking_up(shelf: Shelf, one: Input, entries: Entries) -> Compute:
    if one.area:
        return _area(entries(one.area))
    register = shelf.register(one.register)
    key, kind = register.key, register.columns[one.column].type
    known = {
        str(entry[key]): rules.read_value(entry[one.column], kind)
        for entry in entries(one.register)
    }
    return lambda row, at, recall: known.get(str(row[f"device.{one.key}"]))


def _area(entries: Iterable[Mapping[str, Any]]) -> Compute:
    areas = [read_outline(str(entry["outline"])) for entry in entries]

    def compute(row: Row, at: datetime, recall: Recall) -> bool | None:
        lon, lat = row.get("device.lon"), row.get("device.lat")
        if lon is None or lat is None:
            return None
        return any(is_within(rings, float(lon), float(lat)) for rings in areas)

    return compute


def reduced(of: str, values: Sequence[float]) -> Any:
    """What is asked of readings in order of time; of no reading only their number is known."""
    if of == "count":
        return len(values)
    return _REDUCE[of](values) if values else None


def millionths(value: float) -> int:
    """A reading counted in the sixth digit, the last that a decimal has: sums are exact."""
    return round(value * 1_000_000)


def total_of(total: int) -> Decimal | None:
    """So many millionths; unknown where the language has no such number."""
    return Decimal(total).scaleb(-6) if abs(total) < _MOST else None


def mean_of(total: int, count: int) -> Decimal | None:
    """The mean of so many millionths, half a millionth rounded up."""
    return total_of((2 * total + count) // (2 * count))


def told_number(value: float) -> Decimal | None:
    """A float by the digits that it shows, at most six behind the point."""
    return Decimal(repr(round(value, 6))) if -1e12 < value < 1e12 else None


_MOST = 10**18
_REDUCE: dict[str, Callable[[Sequence[float]], Decimal | None]] = {
    "last": lambda values: told_number(values[-1]),
    "change": lambda values: told_number(values[-1] - values[0]),
    "sum": lambda values: total_of(sum(map(millionths, values))),
    "mean": lambda values: mean_of(sum(map(millionths, values)), len(values)),
    "least": lambda values: told_number(min(values)),
    "most": lambda values: told_number(max(values)),
    "spread": lambda values: told_number(max(values) - min(values)),
}
