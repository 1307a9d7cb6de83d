"""What a GET means: the path walked to a set, an entity, a property or a value."""

from dataclasses import dataclass
from typing import Any

from yiwang.faces.api.sensorthings.graph import NAVIGATION, Entity, Graph
from yiwang.faces.api.sensorthings.options import Options, Step, steps_of
from yiwang.faces.api.sensorthings.refusals import EntityUnknown, malformed
from yiwang.faces.api.sensorthings.telling import Telling, plain

CONFORMANCE = [
    f"http://www.opengis.net/spec/iot_sensing/1.1/req/{name}"
    for name in (
        "datamodel",
        "resource-path/resource-path-to-entities",
        "request-data",
        "create-update-delete/create-entity",
        "create-update-delete/deep-insert",
        "create-update-delete/update-entity",
        "create-update-delete/update-entity-jsonpatch",
        "create-update-delete/delete-entity",
        "data-array/data-array",
        "create-observations-via-mqtt/observations-creation",
        "receive-updates-via-mqtt/receive-updates",
    )
]


@dataclass(frozen=True)
class Answer:
    """JSON, or the bare text of a ``$value``."""

    content: Any = None
    text: str | None = None


@dataclass
class _Walk:
    """Where a path has come to: an entity, or a set of a kind."""

    kind: str
    entity: Entity | None = None
    own: list[Entity] | None = None
    points: tuple[int, ...] | None = None


def answer(path: str, options: Options, graph: Graph, *, root: str, address: str) -> Answer:
    """The answer to a GET."""
    steps = steps_of(path)
    if not steps:
        return Answer(service_root(root))
    telling = Telling(graph, root=root)
    walk, rest = follow(steps, telling)
    if rest and rest[0].name == "$ref":
        return Answer(_references(telling, walk, options, address))
    if walk.entity is None:
        if rest:
            raise _nowhere(rest[0])
        return Answer(telling.set(walk.kind, walk.own, walk.points, options, address))
    if not rest:
        return Answer(telling.tell(walk.entity, plain(options)))
    return _property(walk.entity, rest)


def follow(steps: tuple[Step, ...], telling: Telling) -> tuple[_Walk, tuple[Step, ...]]:
    """Walk as far as entities go; returns where, and the steps that are left."""
    first, *rest = steps
    if first.name not in NAVIGATION:
        raise _nowhere(first)
    walk = _Walk(first.name)
    if first.id is not None:
        walk.entity = telling.walk(first.name, first.id)
    for number, step in enumerate(rest):
        if walk.entity is None or step.name not in NAVIGATION[walk.kind]:
            return walk, tuple(rest[number:])
        walk = _next(walk.entity, step, telling)
    return walk, ()


def service_root(root: str) -> dict[str, Any]:
    """The sets of the service, and which parts of the standard it keeps."""
    return {
        "value": [{"name": kind, "url": f"{root}/{kind}"} for kind in NAVIGATION],
        "serverSettings": {"conformance": CONFORMANCE},
    }


def _next(entity: Entity, step: Step, telling: Telling) -> _Walk:
    kind, is_many = NAVIGATION[entity.kind][step.name]
    if not is_many:
        found = telling.related(entity, step.name)
        if not found or step.id is not None:
            raise _nowhere(step)
        return _Walk(kind, found[0])
    if kind == "Observations":
        points = telling.points(entity)
        if step.id is None:
            return _Walk(kind, points=points)
        one = telling.walk(kind, step.id)
        if one.links["Datastream"][0] not in points:
            raise _nowhere(step)
        return _Walk(kind, one)
    own = telling.related(entity, step.name)
    if step.id is None:
        return _Walk(kind, own=own)
    chosen = next((one for one in own if one.id == step.id), None)
    if chosen is None:
        raise _nowhere(step)
    return _Walk(kind, chosen)


def _references(telling: Telling, walk: _Walk, options: Options, address: str) -> dict[str, Any]:
    if walk.entity is not None:
        raise malformed("$ref 用在集合之后。")
    rows, _, count = telling.page(walk.kind, walk.own, walk.points, options)
    told: dict[str, Any] = {} if count is None else {"@iot.count": count}
    return {**told, "value": [{"@iot.selfLink": telling.link(row)} for row in rows]}


def _property(entity: Entity, rest: tuple[Step, ...]) -> Answer:
    name = rest[0].name
    value: Any = entity.id if name in ("id", "@iot.id") else entity.properties.get(name)
    is_known = name in ("id", "@iot.id") or name in entity.properties
    inner = rest[1:]
    while is_known and inner and inner[0].name != "$value":
        is_known = isinstance(value, dict) and inner[0].name in value
        value = value[inner[0].name] if is_known else None
        name, inner = inner[0].name, inner[1:]
    if not is_known or len(inner) > 1:
        raise _nowhere(rest[0])
    return Answer(text=str(value)) if inner else Answer({name: value})


def _nowhere(step: Step) -> EntityUnknown:
    return EntityUnknown(
        f"路径中的 {step.name[:60]} 不通向任何实体。", hint="从服务根目录的链接进入。"
    )
