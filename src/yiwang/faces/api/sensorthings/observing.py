"""Observations: read from the store by what a filter binds, the rest of it judged row by row."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from yiwang.apps.sensing import public as sensing
from yiwang.faces.api.sensorthings.filters import Call, Node, Path, Value, conjuncts, evaluate
from yiwang.faces.api.sensorthings.graph import Entity, Graph, Id
from yiwang.faces.api.sensorthings.options import Options
from yiwang.faces.api.sensorthings.refusals import malformed

PAGE = 5000
MOST_SCANNED = 200_000
"""Rows that a filter may judge one by one before it must say more about time or datastream."""
MOST_SKIPPED = 1_000_000
TIMES = (("phenomenonTime",), ("resultTime",))
_TURNED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge", "eq": "eq", "ne": "ne"}
_TICK = timedelta(microseconds=1)

Get = Callable[[Any, tuple[str, ...]], Any]


@dataclass
class Bounds:
    """What a filter binds: points, a span of time, and what must still be judged."""

    points: set[int] | None
    since: datetime | None = None
    until: datetime | None = None
    rest: Node | None = None

    def narrow(self, name: str, at: datetime) -> None:
        """Take a comparison of the time into the span."""
        if name in ("ge", "gt", "eq"):
            begin = at + _TICK if name == "gt" else at
            self.since = max(self.since, begin) if self.since else begin
        if name in ("le", "lt", "eq"):
            end = at if name == "lt" else at + _TICK
            self.until = min(self.until, end) if self.until else end


def observation(row: sensing.ObservationRow, graph: Graph) -> Entity:
    """A reading as it is told."""
    number = int((row.at - datetime(1970, 1, 1, tzinfo=UTC)) / _TICK)
    at = row.at.isoformat().replace("+00:00", "Z")
    told: dict[str, Any] = {"phenomenonTime": at, "resultTime": at, "result": row.value}
    if row.is_late:
        told["parameters"] = {"late": True}
    feature = graph.feature_of_point.get(row.point)
    links: dict[str, tuple[Id, ...]] = {
        "Datastream": (row.point,),
        "FeatureOfInterest": (feature,) if feature is not None else (),
    }
    return Entity("Observations", f"{row.point}_{number}", told, links)


def key_of_observation(id_: Id) -> tuple[int, datetime] | None:
    """The point and instant that an id names."""
    point, _, number = str(id_).partition("_")
    if not (point.isdecimal() and number.lstrip("-").isdecimal() and len(number) < 18):
        return None
    return int(point), datetime(1970, 1, 1, tzinfo=UTC) + int(number) * _TICK


def one_observation(graph: Graph, id_: Id) -> Entity | None:
    """The observation of this id."""
    key = key_of_observation(id_)
    if key is None or graph.one("Datastreams", key[0]) is None:
        return None
    found = sensing.observations(
        points=[key[0]], since=key[1], until=key[1] + _TICK, offset=0, limit=1
    )
    return observation(found[0], graph) if found else None


def observations(
    graph: Graph, points: Sequence[int] | None, options: Options, get: Get, *, total: bool
) -> tuple[list[Entity], bool, int | None]:
    """A page, whether another follows, and how many there are where that is wanted."""
    bounds = bounds_of(options.filter, points)
    if options.skip > MOST_SKIPPED:
        raise malformed("$skip 太大。", "改用 phenomenonTime 的筛选翻页。")
    newest_first = _newest_first(options)
    if bounds.rest is None and newest_first is not None:
        return _straight(graph, bounds, options, newest_first, total=total)
    matching = _matching(graph, bounds, get, newest_first=bool(newest_first))
    end = options.skip + options.top
    if newest_first is None:
        rows = sorted_by(list(matching), options, get)
        count = len(rows) if total else None
        return rows[options.skip : end], len(rows) > end, count
    rows = []
    for found in matching:
        rows.append(found)
        if len(rows) > end and not total:
            break
    return rows[options.skip : end], len(rows) > end, len(rows) if total else None


def sorted_by(rows: list[Entity], options: Options, get: Get) -> list[Entity]:
    """Sorted by the keys of ``$orderby``, unknown values last."""
    for node, is_descending in reversed(options.order):
        keyed = [(evaluate(node, row, get), row) for row in rows]
        known = [one for one in keyed if one[0] is not None]
        try:
            known.sort(key=lambda one: one[0], reverse=is_descending)
        except TypeError:
            known.sort(key=lambda one: str(one[0]), reverse=is_descending)
        rows = [row for _, row in known] + [row for value, row in keyed if value is None]
    return rows


def bounds_of(node: Node | None, points: Sequence[int] | None) -> Bounds:
    """Take points and times out of a filter."""
    bounds = Bounds(set(points) if points is not None else None)
    rest = []
    for part in conjuncts(node):
        comparison = _comparison(part)
        if comparison is None:
            rest.append(part)
            continue
        steps, name, value = comparison
        if steps in TIMES and isinstance(value, datetime) and name != "ne":
            bounds.narrow(name, value)
        elif steps in (("Datastream", "id"), ("Datastream", "@iot.id")) and name == "eq":
            own = {value} if isinstance(value, int) else set()
            bounds.points = own if bounds.points is None else bounds.points & own
        else:
            rest.append(part)
    if rest:
        bounds.rest = rest[0] if len(rest) == 1 else Call("and", tuple(rest))
    return bounds


def _comparison(part: Node) -> tuple[tuple[str, ...], str, Any] | None:
    if not isinstance(part, Call) or part.name not in _TURNED:
        return None
    left, right = part.args
    if isinstance(left, Path) and isinstance(right, Value):
        return left.steps, part.name, right.value
    if isinstance(right, Path) and isinstance(left, Value):
        return right.steps, _TURNED[part.name], left.value
    return None


def _newest_first(options: Options) -> bool | None:
    """Whether the order is that of time; None for another order."""
    if not options.order:
        return False
    first, is_descending = options.order[0]
    return is_descending if isinstance(first, Path) and first.steps in TIMES else None


def _straight(
    graph: Graph, bounds: Bounds, options: Options, newest_first: bool, *, total: bool
) -> tuple[list[Entity], bool, int | None]:
    span: dict[str, Any] = {
        "points": sorted(bounds.points) if bounds.points is not None else None,
        "since": bounds.since,
        "until": bounds.until,
    }
    rows = sensing.observations(
        **span, offset=options.skip, limit=options.top + 1, newest_first=newest_first
    )
    count = sensing.count_observations(**span) if total else None
    told = [observation(row, graph) for row in rows[: options.top]]
    return told, len(rows) > options.top, count


def _matching(graph: Graph, bounds: Bounds, get: Get, *, newest_first: bool) -> Iterator[Entity]:
    points = sorted(bounds.points) if bounds.points is not None else None
    for offset in range(0, MOST_SCANNED, PAGE):
        rows = sensing.observations(
            points=points, since=bounds.since, until=bounds.until,
            offset=offset, limit=PAGE, newest_first=newest_first,
        )  # fmt: skip
        for row in rows:
            found = observation(row, graph)
            if bounds.rest is None or evaluate(bounds.rest, found, get) is True:
                yield found
        if len(rows) < PAGE:
            return
    raise malformed(
        f"筛选要逐条看的观测超过 {MOST_SCANNED} 条。",
        "用 phenomenonTime 或 Datastream 缩小。",
    )
