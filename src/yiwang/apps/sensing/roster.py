"""The devices and points in force, kept in the process until their version changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from yiwang.apps.sensing.intake import Limits
from yiwang.apps.sensing.models import Device, DeviceRoster, Point
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Stream
from yiwang.packkit.watching import Watch, device_row, watches

UNBOUNDED = 1e300


@dataclass(frozen=True, slots=True)
class Known:
    """A device as the intake needs it."""

    id: str
    title: str
    organ: str
    division: str
    lon: float
    lat: float
    facts: Mapping[str, Any]
    row: Mapping[str, Any]
    """The facts as conditions name them."""
    wire_digest: str


@dataclass
class Roster:
    """名册: what is known of every active device, as of one version."""

    version: int
    devices: dict[str, Known] = field(default_factory=dict)
    points: dict[tuple[str, str], Limits] = field(default_factory=dict)
    """By device and stream, the stream both as ``pack.stream`` and by its own name."""
    alone: dict[str, Limits] = field(default_factory=dict)
    """The point of each device that has only one, and of each datastream of SensorThings."""
    by_id: dict[int, Limits] = field(default_factory=dict)
    wires: dict[tuple[str, str], str] = field(default_factory=dict)
    """(protocol, address in capitals) → device."""
    codes: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """(protocol, device, code) → stream."""
    modes: dict[str, str] = field(default_factory=dict)
    """Address on the wire → how its device sums, where its register says so."""
    lookback: Any = None
    """The rules last judged, and what they look back at (``lookback.Lookback``)."""

    def find(self, device: str, stream: str) -> Limits | str:
        """The point that a message speaks of, or the reason why there is none."""
        found = self.alone.get(device) or self.points.get((device, stream))
        if found is not None:
            return found
        return "unknown_stream" if device in self.devices else "unknown_device"


_held: dict[int, Roster] = {}
_watching: dict[tuple[int, date], dict[str, list[Watch]]] = {}


def roster(library: Library) -> Roster:
    """The roster in force; one small query unless something changed."""
    version = DeviceRoster.objects.filter(id=1).values_list("version", flat=True).first() or 0
    held = _held.get(id(library))
    if held is None or held.version != version:
        held = _held[id(library)] = _read(library, version)
    return held


def kept_roster(library: Library) -> Roster | None:
    """The roster that this process has read last, without a query."""
    return _held.get(id(library))


def alert_rules(library: Library, *, on: date) -> dict[str, list[Watch]]:
    """Stream → its alerts, with the parameter values in force ``on``; compiled once a day."""
    key = (id(library), on)
    if key not in _watching:
        for old in [one for one in _watching if one[0] == key[0]]:
            del _watching[old]
        _watching[key] = watches(library, on=on)
    return _watching[key]


def _read(library: Library, version: int) -> Roster:
    found = Roster(version)
    streams = library.streams()
    for one in Device.objects.filter(is_active=True):
        found.devices[one.id] = Known(
            one.id,
            one.title,
            one.organ,
            one.division,
            one.lon,
            one.lat,
            one.facts,
            _row(library, one),
            one.wire_digest,
        )
    held: dict[str, list[Limits]] = {}
    for point in Point.objects.filter(device__is_active=True).order_by("id"):
        stream = streams.get(point.stream)
        low, high = (stream.low, stream.high) if stream else (-UNBOUNDED, UNBOUNDED)
        limits = Limits(point.id, point.device_id, point.stream, low, high)
        found.by_id[point.id] = limits
        found.points[point.device_id, point.stream] = limits
        found.points.setdefault((point.device_id, point.stream.rpartition(".")[2]), limits)
        held.setdefault(point.device_id, []).append(limits)
        if stream is not None and stream.wire is not None:
            _wire(found, stream, point.device_id, point.stream)
    found.alone = {device: points[0] for device, points in held.items() if len(points) == 1}
    found.alone |= {f"Datastreams({number})": point for number, point in found.by_id.items()}
    return found


def _row(library: Library, device: Device) -> Mapping[str, Any]:
    """What rules read of a device; a device that no register knows has no rules."""
    register = library.registers().get(device.register)
    return device_row(device.facts, register.columns) if register else {}


def _wire(found: Roster, stream: Stream, device: str, ref: str) -> None:
    wire, facts = stream.wire, found.devices[device].facts
    assert wire is not None
    address = str(facts.get(wire.address) or "").upper()
    if not address:
        return
    found.wires[wire.protocol, address] = device
    found.codes[wire.protocol, device, wire.code.upper()] = ref
    if wire.crc and facts.get(wire.crc):
        found.modes[address] = str(facts[wire.crc])
