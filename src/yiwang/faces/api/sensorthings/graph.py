"""Things, datastreams and what goes with them, as one graph in memory; read again when it changes.

Observations are not in it: there are too many (``observing``).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from yiwang.apps.sensing import public as sensing
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Stream

Id = str | int
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
GEOJSON = "application/geo+json"
LEAST_GRADE = 1
"""Columns of a register above this grade are nobody's who reads devices."""

NAVIGATION: dict[str, dict[str, tuple[str, bool]]] = {
    "Things": {
        "Locations": ("Locations", True),
        "HistoricalLocations": ("HistoricalLocations", True),
        "Datastreams": ("Datastreams", True),
    },
    "Locations": {
        "Things": ("Things", True),
        "HistoricalLocations": ("HistoricalLocations", True),
    },
    "HistoricalLocations": {"Thing": ("Things", False), "Locations": ("Locations", True)},
    "Datastreams": {
        "Thing": ("Things", False),
        "Sensor": ("Sensors", False),
        "ObservedProperty": ("ObservedProperties", False),
        "Observations": ("Observations", True),
    },
    "Sensors": {"Datastreams": ("Datastreams", True)},
    "ObservedProperties": {"Datastreams": ("Datastreams", True)},
    "Observations": {
        "Datastream": ("Datastreams", False),
        "FeatureOfInterest": ("FeaturesOfInterest", False),
    },
    "FeaturesOfInterest": {"Observations": ("Observations", True)},
}
"""Kind → name of a link → (kind it leads to, whether to many)."""


@dataclass(frozen=True)
class Entity:
    """One entity: its properties as they are told, its links as ids."""

    kind: str
    id: Id
    properties: Mapping[str, Any]
    links: Mapping[str, tuple[Id, ...]] = field(default_factory=dict)


@dataclass
class Graph:
    """All entities but observations, by kind and id."""

    version: tuple[int, int]
    kinds: dict[str, dict[Id, Entity]]
    points_of_feature: dict[Id, tuple[int, ...]]
    feature_of_point: dict[int, Id]

    def one(self, kind: str, id_: Id) -> Entity | None:
        """The entity of this kind and id."""
        return self.kinds[kind].get(id_)


_held: list[Graph] = []


def graph(library: Library) -> Graph:
    """The graph in force."""
    version = (id(library), sensing.things_version())
    if not _held or _held[0].version != version:
        _held[:] = [_Builder(library).build(version)]
    return _held[0]


def point_of(lon: float, lat: float) -> dict[str, Any]:
    """A GeoJSON point."""
    return {"type": "Point", "coordinates": [lon, lat]}


class _Builder:
    def __init__(self, library: Library) -> None:
        self.library = library
        self.streams = library.streams()
        self.registers = library.registers()
        self.kinds: dict[str, dict[Id, Entity]] = {kind: {} for kind in NAVIGATION}
        self.of_sensor: dict[Id, list[int]] = {}
        self.of_property: dict[Id, list[int]] = {}
        self.described: dict[tuple[str, Id], Mapping[str, Any]] = {}
        self.points: dict[Id, tuple[int, ...]] = {}
        self.feature: dict[int, Id] = {}

    def build(self, version: tuple[int, int]) -> Graph:
        for one in sensing.described_entities():
            self.described[one.kind, one.id] = one.content
        for thing in sensing.things():
            self._thing(thing)
        for kind, of in (("Sensors", self.of_sensor), ("ObservedProperties", self.of_property)):
            for id_ in {**of, **dict.fromkeys(i for k, i in self.described if k == kind)}:
                self._put(kind, id_, self._shared(kind, id_), Datastreams=of.get(id_, ()))
        for (kind, id_), content in self.described.items():
            if kind in ("Locations", "FeaturesOfInterest") and id_ not in self.kinds[kind]:
                self._put(kind, id_, content)
        return Graph(version, self.kinds, self.points, self.feature)

    def _put(
        self, kind: str, id_: Id, properties: Mapping[str, Any], **links: Iterable[Id]
    ) -> None:
        found = {name: tuple(ids) for name, ids in links.items()}
        self.kinds[kind][id_] = Entity(kind, id_, properties, found)

    def _thing(self, thing: sensing.ThingRow) -> None:
        place = thing.facts.get("@location", thing.id)
        links = {"Locations": (place,), "HistoricalLocations": (thing.id,)}
        points = [point.id for point in thing.points]
        self._put("Things", thing.id, self._told(thing), Datastreams=points, **links)
        spot = {
            "name": thing.title,
            "description": str(self.described.get(("Locations", place), {}).get("description", ""))
            or thing.title,
            "encodingType": GEOJSON,
            "location": point_of(thing.lon, thing.lat),
        }
        past = (thing.id,)
        self._put("Locations", place, spot, Things=(thing.id,), HistoricalLocations=past)
        at = thing.placed_at.isoformat() if thing.placed_at else None
        moment = {"time": at}
        self._put("HistoricalLocations", thing.id, moment, Thing=(thing.id,), Locations=(place,))
        feature = {name: value for name, value in spot.items() if name != "location"}
        feature["feature"] = spot["location"]
        self._put("FeaturesOfInterest", thing.id, feature)
        self.points[thing.id] = tuple(points)
        for point in thing.points:
            self.feature[point.id] = thing.id
            self._datastream(thing, point)

    def _told(self, thing: sensing.ThingRow) -> dict[str, Any]:
        register = self.registers.get(thing.register)
        if register is None:
            facts = {k: v for k, v in thing.facts.items() if not k.startswith("@")}
            said = facts.pop("description", "") or thing.title
            return {"name": thing.title, "description": said, "properties": facts}
        open_columns = [
            name for name, one in register.columns.items() if (one.grade or 4) <= LEAST_GRADE
        ]
        facts = {name: thing.facts[name] for name in open_columns if name in thing.facts}
        facts["organ"] = thing.organ
        return {"name": thing.title, "description": register.title, "properties": facts}

    def _datastream(self, thing: sensing.ThingRow, point: sensing.PointRow) -> None:
        stream = self.streams.get(point.stream)
        sensor = point.facts.get("sensor", point.stream)
        observed = point.facts.get("property", point.stream)
        self.of_sensor.setdefault(sensor, []).append(point.id)
        self.of_property.setdefault(observed, []).append(point.id)
        told = _of_stream(thing, stream) if stream else _of_client(thing, point)
        self._put(
            "Datastreams",
            point.id,
            {**told, "observedArea": point_of(thing.lon, thing.lat)},
            Thing=(thing.id,),
            Sensor=(sensor,),
            ObservedProperty=(observed,),
        )

    def _shared(self, kind: str, id_: Id) -> Mapping[str, Any]:
        if content := self.described.get((kind, id_)):
            return content
        stream = self.streams.get(str(id_))
        title = stream.title if stream else str(id_)
        if kind == "ObservedProperties":
            return {
                "name": stream.quantity if stream else title,
                "definition": f"urn:yiwang:stream:{id_}",
                "description": title,
            }
        return {
            "name": f"{title}传感器",
            "description": title,
            "encodingType": "text/html",
            "metadata": f"urn:yiwang:register:{stream.devices}" if stream else "",
        }


def _of_stream(thing: sensing.ThingRow, stream: Stream) -> dict[str, Any]:
    unit = {"name": stream.unit, "symbol": stream.unit, "definition": f"urn:ucum:{stream.unit}"}
    return {
        "name": f"{thing.title} {stream.title}",
        "description": stream.quantity,
        "observationType": MEASUREMENT,
        "unitOfMeasurement": unit,
        "properties": {"low": stream.low, "high": stream.high, "cycle": stream.cycle},
    }


def _of_client(thing: sensing.ThingRow, point: sensing.PointRow) -> dict[str, Any]:
    facts = point.facts
    return {
        "name": facts.get("name", thing.title),
        "description": facts.get("description", ""),
        "observationType": facts.get("observationType", MEASUREMENT),
        "unitOfMeasurement": facts.get(
            "unitOfMeasurement", {"name": None, "symbol": None, "definition": None}
        ),
        "properties": facts.get("properties", {}),
    }
