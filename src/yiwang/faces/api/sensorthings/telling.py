"""Entities as JSON: links, selected properties, expanded relations, pages."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from yiwang.faces.api.sensorthings.filters import Several, evaluate
from yiwang.faces.api.sensorthings.graph import NAVIGATION, Entity, Graph, Id
from yiwang.faces.api.sensorthings.observing import observations, one_observation, sorted_by
from yiwang.faces.api.sensorthings.options import Options
from yiwang.faces.api.sensorthings.refusals import EntityUnknown, malformed
from yiwang.faces.api.sensorthings.tokens import instant_of

MOST_EXPANDED = 20_000
"""Related entities that one answer may tell in all."""
_INSTANTS = ("phenomenonTime", "resultTime", "time")


class Telling:
    """One answer: what was asked, at which address the service lies."""

    def __init__(self, graph: Graph, *, root: str) -> None:
        self.graph, self.root = graph, root
        self._told = 0

    def link(self, entity: Entity) -> str:
        """The address of an entity."""
        return f"{self.root}/{entity.kind}({_written(entity.id)})"

    def related(self, entity: Entity, name: str) -> list[Entity]:
        """The entities that a link leads to (observations excepted)."""
        kind, _ = NAVIGATION[entity.kind][name]
        found = (self.graph.one(kind, id_) for id_ in entity.links.get(name, ()))
        return [one for one in found if one is not None]

    def points(self, entity: Entity) -> tuple[int, ...]:
        """The points whose observations belong to a datastream or a feature."""
        if entity.kind == "Datastreams":
            return (int(entity.id),)
        return self.graph.points_of_feature.get(entity.id, ())

    def get(self, entity: Any, steps: tuple[str, ...]) -> Any:
        """The value of a path of a filter; None where it leads nowhere in this entity."""
        value: Any = entity
        for at, step in enumerate(steps):
            if isinstance(value, Entity):
                value = self._step(value, step)
            elif isinstance(value, Mapping):
                value = value.get(step)
            elif isinstance(value, Several):
                return Several([self.get(one, steps[at:]) for one in value])
            elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            else:
                return None
        return value.id if isinstance(value, Entity) else value

    def _step(self, entity: Entity, step: str) -> Any:
        if step in ("id", "@iot.id"):
            return entity.id
        if step == "@iot.selfLink":
            return self.link(entity)
        if step == "Observations":
            raise malformed(
                "不能按 Observations 筛选。", "改为查询 Observations 并按 Datastream 筛选。"
            )
        if step in NAVIGATION[entity.kind]:
            found = self.related(entity, step)
            is_many = NAVIGATION[entity.kind][step][1]
            return Several(found) if is_many else next(iter(found), None)
        value = entity.properties.get(step)
        return _instant(value) if step in _INSTANTS and isinstance(value, str) else value

    def page(
        self,
        kind: str,
        own: Sequence[Entity] | None,
        points: Sequence[int] | None,
        options: Options,
    ) -> tuple[list[Entity], bool, int | None]:
        """A page of entities, whether another follows, and how many there are if asked."""
        if kind == "Observations":
            return observations(self.graph, points, options, self.get, total=options.count)
        rows = list(own if own is not None else self.graph.kinds[kind].values())
        if options.filter is not None:
            rows = [r for r in rows if evaluate(options.filter, r, self.get) is True]
        rows = sorted_by(rows, options, self.get)
        end = options.skip + options.top
        return rows[options.skip : end], len(rows) > end, len(rows) if options.count else None

    def set(
        self,
        kind: str,
        own: Sequence[Entity] | None,
        points: Sequence[int] | None,
        options: Options,
        address: str,
    ) -> dict[str, Any]:
        """A set of entities as the standard writes it."""
        rows, is_more, count = self.page(kind, own, points, options)
        answer: dict[str, Any] = {} if count is None else {"@iot.count": count}
        if options.result_format == "dataArray":
            answer["value"] = self._arrays(rows, options)
        else:
            answer["value"] = [self.tell(row, options) for row in rows]
        if is_more and options.top:
            answer["@iot.nextLink"] = next_link(address, options.skip + options.top)
        return answer

    def tell(self, entity: Entity, options: Options) -> dict[str, Any]:
        """One entity with what is selected and expanded."""
        self._told += 1
        if self._told > MOST_EXPANDED:
            raise malformed("一次展开的实体太多。", "减小 $top 或展开的层数。")
        wanted = options.select
        links = NAVIGATION[entity.kind]
        for name in wanted:
            known = name in links or name in entity.properties or name in ("id", "@iot.id")
            if not known and name not in _OPTIONAL:
                raise malformed(f"{entity.kind} 没有属性 {name[:40]}。")
        told: dict[str, Any] = {}
        if not wanted or "id" in wanted or "@iot.id" in wanted:
            told["@iot.id"] = entity.id
        if not wanted:
            told["@iot.selfLink"] = self.link(entity)
        told |= {n: v for n, v in entity.properties.items() if not wanted or n in wanted}
        for name in links:
            if name in options.expand:
                told.update(self._expanded(entity, name, options.expand[name]))
            elif not wanted or name in wanted:
                told[f"{name}@iot.navigationLink"] = f"{self.link(entity)}/{name}"
        unknown = options.expand.keys() - links.keys()
        if unknown:
            raise malformed(f"{entity.kind} 没有关系 {sorted(unknown)[0][:40]}。")
        return told

    def _expanded(self, entity: Entity, name: str, options: Options) -> dict[str, Any]:
        kind, is_many = NAVIGATION[entity.kind][name]
        address = f"{self.link(entity)}/{name}"
        if not is_many:
            one = next(iter(self.related(entity, name)), None)
            return {name: self.tell(one, options) if one else None}
        if kind == "Observations":
            found = self.set(kind, None, self.points(entity), options, address)
        else:
            found = self.set(kind, self.related(entity, name), None, options, address)
        told = {name: found["value"]}
        for extra in ("@iot.count", "@iot.nextLink"):
            if extra in found:
                told[f"{name}{extra}"] = found[extra]
        return told

    def _arrays(self, rows: Sequence[Entity], options: Options) -> list[dict[str, Any]]:
        """Observations by datastream, as arrays of their components."""
        names = [n for n in options.select if n != "@iot.id"] or [
            "id", "phenomenonTime", "resultTime", "result",
        ]  # fmt: skip
        groups: dict[Id, list[list[Any]]] = {}
        for row in rows:
            if row.kind != "Observations":
                raise malformed("dataArray 只用于 Observations。")
            values = [row.id if name == "id" else row.properties.get(name) for name in names]
            groups.setdefault(row.links["Datastream"][0], []).append(values)
        return [
            {
                "Datastream@iot.navigationLink": f"{self.root}/Datastreams({_written(id_)})",
                "components": names,
                "dataArray@iot.count": len(values),
                "dataArray": values,
            }
            for id_, values in groups.items()
        ]

    def walk(self, kind: str, id_: Id) -> Entity:
        """An entity by kind and id, or ``EntityUnknown``."""
        if kind == "Observations":
            found = one_observation(self.graph, id_)
        else:
            found = self.graph.one(kind, id_)
        if found is None:
            raise EntityUnknown(f"没有 {kind}({_written(id_)})。", hint="从集合或链接进入。")
        return found


_OPTIONAL = (
    "properties",
    "parameters",
    "resultQuality",
    "validTime",
    "phenomenonTime",
    "resultTime",
    "observedArea",
    "time",
    "feature",
    "location",
)


def next_link(address: str, skip: int) -> str:
    """The address of the page that begins at ``skip``."""
    path, _, query = address.partition("?")
    kept = [part for part in query.split("&") if part and not _is_skip(part)]
    return f"{path}?{'&'.join([*kept, f'$skip={skip}'])}"


def plain(options: Options) -> Options:
    """The options of one entity: what is about sets is refused quietly by being left out."""
    return replace(options, filter=None, order=(), skip=0)


def _is_skip(part: str) -> bool:
    return part.partition("=")[0] in ("$skip", "%24skip")


def _written(id_: Id) -> str:
    if isinstance(id_, int):
        return str(id_)
    return "'" + quote(id_.replace("'", "''"), safe="'") + "'"


def _instant(text: str) -> datetime | None:
    try:
        return instant_of(text)
    except ValueError:
        return None
