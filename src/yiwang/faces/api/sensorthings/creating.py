"""What POST, PATCH and DELETE mean: bodies of the standard as the use cases of sensing."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec

from yiwang.apps.sensing import public as sensing
from yiwang.faces.api.sensorthings.graph import NAVIGATION, Entity, Graph, Id
from yiwang.faces.api.sensorthings.options import Step
from yiwang.faces.api.sensorthings.reading import follow
from yiwang.faces.api.sensorthings.refusals import (
    EntityFixed,
    EntityUnknown,
    NotOffered,
    RequestMalformed,
    malformed,
)
from yiwang.faces.api.sensorthings.telling import Telling
from yiwang.packkit import Library

DESCRIBED = {
    "Sensors": ("name", "description", "encodingType", "metadata", "properties"),
    "ObservedProperties": ("name", "definition", "description", "properties"),
    "Locations": ("name", "description", "encodingType", "location", "properties"),
    "FeaturesOfInterest": ("name", "description", "encodingType", "feature", "properties"),
}
"""Kinds that a client describes as they stand, and the properties they may have."""
_NEEDED = {
    "Sensors": ("name", "encodingType", "metadata"),
    "ObservedProperties": ("name", "definition"),
    "Locations": ("name", "encodingType", "location"),
    "FeaturesOfInterest": ("name", "encodingType", "feature"),
    "Things": ("name",),
    "Datastreams": ("name", "unitOfMeasurement"),
}
_TOLD = ("name", "description", "unitOfMeasurement", "observationType", "properties")
_ONE = {"Sensor": "Sensors", "ObservedProperty": "ObservedProperties"}


@dataclass(frozen=True)
class Writer:
    """Who writes: a device for itself, or a key of an organ."""

    device: str = ""
    key: sensing.KeyView | None = None

    def demand_key(self) -> sensing.KeyView:
        """The key, or a refusal."""
        if self.key is None:
            raise sensing.ThingNotYours("设备令牌只能上报观测。", hint="创建实体请用单位的密钥。")
        return self.key


class Creating:
    """One request that writes."""

    def __init__(
        self,
        *,
        graph: Callable[[], Graph],
        root: str,
        writer: Writer,
        library: Library,
        at: datetime,
    ) -> None:
        self._graph, self._root, self._writer = graph, root, writer
        self._library, self._at = library, at
        self._made: dict[tuple[str, Id], Entity] = {}
        """What this request has made: the graph is read anew once, when all of it is there."""

    @cached_property
    def _before(self) -> Graph:
        """The graph that the request found."""
        return self._graph()

    def create(self, steps: tuple[Step, ...], body: Mapping[str, Any]) -> Entity:
        """Make an entity, perhaps below another (``Things('T1')/Datastreams``)."""
        body = dict(body)
        *above, last = steps
        if last.id is not None or last.name not in NAVIGATION:
            raise malformed("只能向实体集合提交。", "如 Things、Datastreams(1)/Observations。")
        if above:
            telling = Telling(self._before, root=self._root)
            walk, rest = follow(tuple(above), telling)
            if rest or walk.entity is None:
                raise EntityUnknown("路径不通向一个实体。", hint="从服务根目录的链接进入。")
            body[_back(walk.entity, last.name)] = {"@iot.id": walk.entity.id}
        id_ = self._make(last.name, body)
        return Telling(self._graph(), root=self._root).walk(last.name, id_)

    def _make(self, kind: str, body: Mapping[str, Any]) -> Id:
        for name in _NEEDED.get(kind, ()):
            if not body.get(name):
                raise malformed(f"{kind} 缺少 {name}。")
        if kind == "Things":
            return self._thing(body)
        if kind == "Datastreams":
            return self._datastream(body)
        if kind == "Observations":
            return self._observation(body)
        if kind in DESCRIBED:
            return self._described(kind, body)
        raise NotOffered(f"不能直接创建 {kind}。", hint="它随 Thing 的位置产生。")

    def _described(self, kind: str, body: Mapping[str, Any]) -> Id:
        content = {name: body[name] for name in DESCRIBED[kind] if name in body}
        if kind in ("Locations", "FeaturesOfInterest"):
            _spot(content)
        key = self._writer.demand_key()
        made = sensing.describe_entity(kind=kind, content=content, key=key, at=self._at)
        self._note(kind, made, content)
        for thing in body.get("Things", ()) if kind == "Locations" else ():
            lon, lat = _spot(content)
            sensing.change_thing(
                device=str(_reference(thing)),
                changes={"lon": lon, "lat": lat, "facts": {"@location": made}},
                key=key,
                at=self._at,
            )
        return made

    def _thing(self, body: Mapping[str, Any]) -> Id:
        key = self._writer.demand_key()
        places = _several(body, "Locations")
        facts = _own_facts(body.get("properties"))
        facts["description"] = str(body.get("description", ""))
        lon, lat = 0.0, 0.0
        if places:
            place = self._entity("Locations", places[0])
            facts["@location"] = place.id
            lon, lat = _spot(place.properties)
        made = sensing.describe_thing(
            title=str(body["name"]), facts=facts, lon=lon, lat=lat, key=key, at=self._at
        )
        self._note("Things", made, {})
        for one in _several(body, "Datastreams"):
            self._make("Datastreams", {**_mapping(one), "Thing": {"@iot.id": made}})
        return made

    def _datastream(self, body: Mapping[str, Any]) -> Id:
        thing = self._entity("Things", body.get("Thing"))
        facts = {
            name: body[name]
            for name in (
                "name",
                "description",
                "unitOfMeasurement",
                "observationType",
                "properties",
            )
            if name in body
        }
        linked = {name: self._entity(kind, body.get(name)) for name, kind in _ONE.items()}
        facts["sensor"] = linked["Sensor"].id
        facts["property"] = linked["ObservedProperty"].id
        made = sensing.describe_point(
            device=str(thing.id), stream="", facts=facts,
            key=self._writer.demand_key(), at=self._at,
        )  # fmt: skip
        self._note("Datastreams", made, facts, Thing=(thing.id,))
        for one in _several(body, "Observations"):
            self._make("Observations", {**_mapping(one), "Datastream": {"@iot.id": made}})
        return made

    def _observation(self, body: Mapping[str, Any]) -> Id:
        point = _reference(body.get("Datastream"))
        return self._take([(point, body.get("phenomenonTime"), body.get("result"))])[0]

    def arrays(self, body: Any) -> list[str]:
        """``CreateObservations``: the address of each observation, or ``error``."""
        if not isinstance(body, list):
            raise malformed("dataArray 是一个列表。")
        told: list[str] = []
        for group in body:
            names = [str(one) for one in _several(_mapping(group), "components")]
            point = _reference(group.get("Datastream"))
            for row in _several(group, "dataArray"):
                if not isinstance(row, list) or len(row) != len(names):
                    told.append("error")
                    continue
                given = dict(zip(names, row, strict=True))
                try:
                    wanted = [(point, given.get("phenomenonTime"), given.get("result"))]
                    id_ = self._take(wanted)[0]
                    told.append(f"{self._root}/Observations('{id_}')")
                except (RequestMalformed, EntityUnknown):
                    told.append("error")
        return told

    def _take(self, rows: Sequence[tuple[Id, Any, Any]]) -> list[str]:
        """Through the one intake, like every reading."""
        messages, ids = [], []
        for point, written, result in rows:
            found = self._made.get(("Datastreams", point))
            found = found or self._before.one("Datastreams", point)
            if found is None:
                raise EntityUnknown(f"没有 Datastreams({point})。", hint="先查询数据流。")
            device = str(found.links["Thing"][0])
            self._demand_own(device)
            at = _time(written, self._at)
            if isinstance(result, bool) or not isinstance(result, int | float):
                raise malformed("result 要是数。")
            if abs(result) > sys.float_info.max:
                raise malformed("result 超出能记录的范围。")
            stream = sensing.stream_of_point(int(point))
            content = msgspec.json.encode({"at": at, "value": float(result)})
            messages.append(sensing.Message(device, content, "sensorthings", stream))
            ids.append(f"{point}_{sensing.micros(at)}")
        taken = sensing.intake(messages, library=self._library, at=self._at)
        if taken.quarantined:
            why = "；".join(sensing.REASONS[reason] for reason in taken.quarantined)
            raise malformed(f"观测被隔离：{why}。", "改正后重发；被隔离的报文在隔离页可查。")
        return ids

    def _demand_own(self, device: str) -> None:
        writer = self._writer
        if writer.device:
            if writer.device != device:
                raise sensing.ThingNotYours("设备只能上报自己的观测。", hint="用该设备的令牌。")
            return
        key = writer.demand_key()
        organ = sensing.organ_of_device(device)
        if not key.may_create or organ != key.organ:
            raise sensing.ThingNotYours("设备不归此密钥的单位管理。", hint="由管理单位上报。")

    def change(self, entity: Entity, body: Mapping[str, Any]) -> None:
        """PATCH: the properties that are given."""
        key = self._writer.demand_key()
        known = {k: v for k, v in body.items() if not k.startswith("@") and k not in NAVIGATION}
        for name in _NEEDED.get(entity.kind, ()):
            if name in known and not known[name]:
                raise malformed(f"{entity.kind} 不能没有 {name}。")
        if entity.kind == "Things":
            changes: dict[str, Any] = {}
            if "properties" in known:
                changes["properties"] = _own_facts(known["properties"])
            if "description" in known:
                changes["facts"] = {"description": str(known["description"])}
            if "name" in known:
                changes["title"] = known["name"]
            sensing.change_thing(device=str(entity.id), changes=changes, key=key, at=self._at)
        elif entity.kind == "Datastreams":
            sensing.change_point(point=int(entity.id), facts=known, key=key, at=self._at)
        elif entity.kind in DESCRIBED and isinstance(entity.id, int):
            content = {k: v for k, v in known.items() if k in DESCRIBED[entity.kind]}
            if entity.kind in ("Locations", "FeaturesOfInterest"):
                _spot({**entity.properties, **content})
            sensing.change_entity(number=entity.id, content=content, key=key, at=self._at)
            self._move(entity, content, key)
        else:
            raise _fixed(entity)

    def _move(self, entity: Entity, content: Mapping[str, Any], key: sensing.KeyView) -> None:
        """Things stand where their changed location is."""
        if entity.kind != "Locations" or "location" not in content:
            return
        lon, lat = _spot(content)
        for thing in entity.links.get("Things", ()):
            place = {"lon": lon, "lat": lat}
            sensing.change_thing(device=str(thing), changes=place, key=key, at=self._at)

    def remove(self, entity: Entity) -> None:
        """DELETE: what a client described; readings are kept."""
        key = self._writer.demand_key()
        if entity.kind == "Things":
            sensing.remove_thing(device=str(entity.id), key=key, at=self._at)
        elif entity.kind in DESCRIBED and isinstance(entity.id, int):
            if any(entity.links.get(name) for name in ("Datastreams", "Things")):
                raise EntityFixed("还有实体在用它，不能删除。", hint="先删除用它的实体。")
            sensing.remove_entity(number=entity.id, key=key, at=self._at)
        else:
            raise _fixed(entity)

    def _entity(self, kind: str, given: Any) -> Entity:
        """The entity that a body refers to by id, or describes in place."""
        body = _mapping(given) if given is not None else {}
        id_ = body["@iot.id"] if set(body) == {"@iot.id"} else self._make(kind, body)
        if not isinstance(id_, str | int):
            raise malformed("@iot.id 是数字或文字。")
        made = self._made.get((kind, id_))
        return made or Telling(self._before, root=self._root).walk(kind, id_)

    def _note(
        self, kind: str, id_: Id, properties: Mapping[str, Any], **links: Sequence[Id]
    ) -> None:
        found = {name: tuple(ids) for name, ids in links.items()}
        self._made[kind, id_] = Entity(kind, id_, properties, found)


def _back(entity: Entity, name: str) -> str:
    """The link of a new entity below another that leads back to it."""
    if name not in NAVIGATION[entity.kind]:
        raise malformed(f"{entity.kind} 没有关系 {name[:40]}。")
    single = {
        "Things": "Thing",
        "Datastreams": "Datastream",
        "Sensors": "Sensor",
        "ObservedProperties": "ObservedProperty",
        "FeaturesOfInterest": "FeatureOfInterest",
    }
    return "Things" if name == "Locations" else single.get(entity.kind, entity.kind)


def _reference(given: Any) -> Id:
    if isinstance(given, list) and given:
        given = given[0]
    id_ = given.get("@iot.id") if isinstance(given, Mapping) else None
    if isinstance(id_, bool) or not isinstance(id_, str | int):
        raise malformed("缺少所属实体。", '写作 {"Datastream": {"@iot.id": 1}}。')
    return id_


def _mapping(given: Any) -> Mapping[str, Any]:
    if not isinstance(given, Mapping):
        raise malformed("实体是一个 JSON 对象。")
    return given


def _several(given: Mapping[str, Any], name: str) -> list[Any]:
    """What is said in a list; nothing where nothing is said."""
    found = given.get(name)
    if not isinstance(found, list | None):
        raise malformed(f"{name} 是一个列表。")
    return found or []


def _own_facts(given: Any) -> dict[str, Any]:
    """``properties`` as a client says them; what begins with ``@`` is ours."""
    found = _mapping(given or {})
    return {name: value for name, value in found.items() if not name.startswith("@")}


def _spot(content: Mapping[str, Any]) -> tuple[float, float]:
    """Longitude and latitude of a GeoJSON point, or of the first corner of another geometry."""
    place = content.get("location", content.get("feature"))
    place = place.get("geometry", place) if isinstance(place, Mapping) else {}
    at: Any = place.get("coordinates") if isinstance(place, Mapping) else None
    while isinstance(at, list) and at and isinstance(at[0], list):
        at = at[0]
    numbers = isinstance(at, list) and len(at) >= 2
    if not numbers or not all(isinstance(one, int | float) for one in at[:2]):
        raise malformed(
            "位置不是 GeoJSON。", '写作 {"type": "Point", "coordinates": [118.7, 33.7]}。'
        )
    lon, lat = at[:2]
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise malformed("坐标超出范围。", "经度在 ±180、纬度在 ±90 之间。")
    return float(lon), float(lat)


def _time(written: Any, at: datetime) -> datetime:
    if written is None:
        return at
    try:
        found = datetime.fromisoformat(str(written).partition("/")[0])
        if found.tzinfo is None:
            raise ValueError
    except ValueError:
        raise malformed(
            "phenomenonTime 不是带时区的时刻。", "写作 2026-11-29T08:00:00Z。"
        ) from None
    return found


def _fixed(entity: Entity) -> EntityFixed:
    return EntityFixed(
        f"{entity.kind} 的这个实体来自登记册或场景包，不能在此修改。", hint="请在登记册中更正。"
    )
