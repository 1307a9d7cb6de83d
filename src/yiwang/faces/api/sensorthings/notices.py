"""Notices of change over MQTT: what a client of SensorThings that subscribes is told, and where.

OGC SensorThings 1.1, chapter 14.3 (receive updates with MQTT Subscribe). The broker is not ours,
so nobody knows who has subscribed to what: every change is told at the entity's own topic, at its
properties, at its set and at the paths of one link that lead to it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from yiwang.apps.sensing import public as sensing
from yiwang.faces.api.sensorthings.graph import NAVIGATION, Entity, Graph
from yiwang.faces.api.sensorthings.observing import observation
from yiwang.faces.api.sensorthings.options import Options, options_of
from yiwang.faces.api.sensorthings.telling import Telling

VERSION = "v1.1"


@dataclass(frozen=True)
class Notice:
    """A message to publish."""

    topic: str
    payload: bytes


Selections = Mapping[str, tuple[str, ...]]
"""Set → the values of ``$select`` under which it is told as well: ``phenomenonTime,result``."""


@dataclass
class Watcher:
    """What was seen last; ``look`` tells what has changed since. The first look tells nothing."""

    root: str
    selections: Selections = field(default_factory=dict)
    graph: Graph | None = None
    newest: dict[int, int] | None = None

    def look(self, graph: Graph) -> list[Notice]:
        """The notices of all that has changed, entities before observations."""
        before, self.graph = self.graph, graph
        rows, self.newest = sensing.observed_since(self.newest)
        said = _Saying(Telling(graph, root=self.root), self.selections)
        found: list[Notice] = []
        if before is not None and before is not graph:
            for kind, entities in graph.kinds.items():
                for id_, entity in entities.items():
                    found += said.entity(entity, before.kinds[kind].get(id_))
        for row in rows:
            if row.point in graph.kinds["Datastreams"]:
                found += said.observed(observation(row, graph))
        return found


@dataclass(frozen=True)
class _Saying:
    telling: Telling
    selections: Selections

    def entity(self, entity: Entity, before: Entity | None) -> Iterator[Notice]:
        """Of an entity that is new or not as before; nothing of one that is the same."""
        changed = _changed(entity, before)
        if before is not None and not changed:
            return
        whole = self._whole(entity)
        own = self._topic(entity)
        if before is not None:
            yield Notice(own, whole)
        for name in changed if before is not None else ():
            if name in entity.properties:
                told = {name: entity.properties[name]}
                yield Notice(f"{own}/{name}", msgspec.json.encode(told))
        yield from self._sets(entity, whole, [f"{VERSION}/{entity.kind}", *self._leading(entity)])

    def observed(self, entity: Entity) -> Iterator[Notice]:
        """Of a reading: at all observations, and at those of its datastream."""
        (point,) = entity.links["Datastream"]
        topics = [f"{VERSION}/Observations", f"{VERSION}/Datastreams({point})/Observations"]
        yield from self._sets(entity, self._whole(entity), topics)

    def _sets(self, entity: Entity, whole: bytes, topics: Iterable[str]) -> Iterator[Notice]:
        for topic in topics:
            yield Notice(topic, whole)
            for chosen in self.selections.get(entity.kind, ()):
                select = options_of({"$select": chosen})
                told = msgspec.json.encode(self.telling.tell(entity, select))
                yield Notice(f"{topic}?$select={chosen}", told)

    def _leading(self, entity: Entity) -> Iterator[str]:
        """Paths of one link that lead to the entity, or to a set with it."""
        for name, (kind, _) in NAVIGATION[entity.kind].items():
            back = [n for n, (to, _) in NAVIGATION[kind].items() if to == entity.kind]
            for other in self.telling.related(entity, name) if back else ():
                yield f"{self._topic(other)}/{back[0]}"

    def _topic(self, entity: Entity) -> str:
        return VERSION + self.telling.link(entity).removeprefix(self.telling.root)

    def _whole(self, entity: Entity) -> bytes:
        return msgspec.json.encode(self.telling.tell(entity, WHOLE))


WHOLE: Options = options_of({})


def _changed(entity: Entity, before: Entity | None) -> list[str]:
    """The properties, and the links to one, that are not as before."""
    if before is None:
        return []
    old: Mapping[str, Any] = before.properties
    found = [n for n in {**old, **entity.properties} if old.get(n) != entity.properties.get(n)]
    single = [name for name, (_, is_many) in NAVIGATION[entity.kind].items() if not is_many]
    return found + [n for n in single if before.links.get(n) != entity.links.get(n)]


def selections_of(written: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """``Observations?$select=phenomenonTime,result`` as ``Selections``."""
    found: dict[str, tuple[str, ...]] = {}
    for one in written:
        kind, _, chosen = one.partition("?$select=")
        if kind not in NAVIGATION or not chosen:
            raise ValueError(one)
        found[kind] = (*found.get(kind, ()), chosen)
    return found
