"""A screen's widgets with their values: figures, charts by a column, maps of layers, lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from yiwang.apps.boards.composing import kinds_of, labels
from yiwang.apps.boards.glance import Glance
from yiwang.apps.boards.layout import Layout, laid_out
from yiwang.apps.boards.measuring import grouped
from yiwang.apps.boards.queries.indicators import IndicatorView
from yiwang.apps.boards.queries.vitals import VitalsView, is_stale, trend_of
from yiwang.apps.casework import public as casework
from yiwang.apps.catalog import public as catalog
from yiwang.apps.identity import public as identity
from yiwang.apps.sensing import public as sensing
from yiwang.kernel.cycles import cycle_of_duration
from yiwang.kernel.divisions import DivisionTree, DivisionUnknown
from yiwang.kernel.errors import NotAllowed
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Layer, Screen, Widget

MOST_BARS = 16
"""Bars of one chart; the rest is left to the drill-down."""
MOST_INCIDENTS = 60
MISSED = 3
"""After so many cycles without a reading a device is silent."""


class LayerTooSensitive(NotAllowed):
    """A layer draws a column of a higher grade than it may show."""

    code = "boards.layer_too_sensitive"


OPEN = casework.AskedIncidents(state="open")


@dataclass(frozen=True)
class Spot:
    """A point of a map layer."""

    lon: float
    lat: float
    title: str
    text: str
    is_alarming: bool
    is_silent: bool = False
    """A device that has missed its readings: its newest value says nothing about now."""
    incident: str = ""
    device: str = ""


@dataclass(frozen=True)
class WidgetView:
    """A widget and what it shows; only the fields of its kind are filled."""

    widget: Widget
    indicator: IndicatorView | None = None
    is_stale: bool = False
    """What it shows is older than its cycle."""
    trend: tuple[float | None, ...] = ()
    """Of a figure: its values of a month, oldest first."""
    codes: tuple[str, ...] = ()
    """Of a chart: the values of the column; ``categories`` are what they are called."""
    categories: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    spots: tuple[Spot, ...] = ()
    areas: dict[str, float] = field(default_factory=dict)
    """Value by division code, summed over what lies within."""
    incidents: tuple[casework.IncidentLine, ...] = ()
    total: int = 0
    """How many incidents there are, of which the newest are listed."""
    vitals: VitalsView | None = None

    @property
    def silent(self) -> int:
        """How many devices of the map have missed their readings."""
        return sum(one.is_silent for one in self.spots)


@dataclass(frozen=True)
class ScreenView:
    """A screen ready to be drawn."""

    ref: str
    screen: Screen
    widgets: tuple[WidgetView, ...]

    @property
    def layout(self) -> Layout:
        """How the widgets stand."""
        return laid_out(self.screen.widgets)


def drawn(ref: str, said: Screen, *, glance: Glance, actor: identity.Officer) -> ScreenView:
    """A screen as this officer may see it; incidents are those of the officer's own view."""
    look = _Look(glance, actor)
    return ScreenView(ref, said, tuple(look.widget(one) for one in said.widgets))


def sight_of(actor: identity.Officer) -> str:
    """Whose screens look alike: who watches all sees what all who watch see, else nobody does."""
    return "all" if casework.watches_all(actor) else f"of {actor.username} in {actor.organ}"


@dataclass(frozen=True)
class _Look:
    """One officer's look at one instant."""

    glance: Glance
    actor: identity.Officer

    def widget(self, widget: Widget) -> WidgetView:
        """The widget with its values."""
        match widget.kind:
            case "number" | "indicator":
                view = self.glance.indicators.get(widget.of)
                trend = trend_of(self.glance.past.get(widget.of, ()))
                return WidgetView(widget, view, self._is_stale(view), trend)
            case "chart":
                return self._chart(widget)
            case "map":
                return self._map(widget)
            case "list":
                asked = casework.AskedIncidents(state="open", kinds=kinds_of(widget.of))
                lines = self._incidents(asked)
                return WidgetView(widget, incidents=lines, total=self._total(lines, asked))
            case "vitals":
                tree = self.glance.vitals(widget.of)
                return WidgetView(widget, vitals=tree, is_stale=bool(tree.counts["stale"]))
            case "text":
                return WidgetView(widget)

    def _is_stale(self, view: IndicatorView | None) -> bool:
        return view is not None and is_stale(view, at=self.glance.at)

    def _chart(self, widget: Widget) -> WidgetView:
        """Rows of the indicator's numerator by a column, most first; codes by name."""
        view = self.glance.indicators.get(widget.of)
        if view is None or not view.sources:  # nobody has filled what it counts
            return WidgetView(widget, view, self._is_stale(view))
        sums = view.definition.counts == "values"
        sql = grouped(view.definition.numerator, by=widget.by, sums=sums)
        rows = self.glance.rows(f"{sql} ORDER BY n DESC, name LIMIT {MOST_BARS}", view.sources)
        known = labels(view.definition.numerator, widget.by, self.glance.library)
        codes = tuple("" if row["name"] is None else str(row["name"]) for row in rows)
        return WidgetView(
            widget,
            indicator=view,
            is_stale=self._is_stale(view),
            codes=codes,
            categories=tuple(known.get(code) or _name(self.glance.library, code) for code in codes),
            values=tuple(float(row["n"]) for row in rows),
        )

    def _map(self, widget: Widget) -> WidgetView:
        spots: list[Spot] = []
        areas: dict[str, float] = {}
        library = self.glance.library
        for ref in (one.strip() for one in widget.of.split(",")):
            layer = library.layer(ref)
            if layer.source in ("incidents", "own_incidents"):
                lines = self._incidents(replace(OPEN, kinds=_kinds(library, ref)))
                spots += [_incident_spot(one) for one in lines if one.lon is not None]
            elif layer.geometry == "point":
                spots += self._points(layer)
            elif layer.source != "divisions":
                areas |= self._areas(layer, library.divisions)
        return WidgetView(widget, spots=tuple(spots), areas=areas)

    def _points(self, layer: Layer) -> list[Spot]:
        """Rows with coordinates; a device shows its newest value, or that it is silent."""
        self._require_shown(layer, ("lon", "lat", layer.label))
        rows = self.glance.entries(layer.source)
        known = self.glance.devices if rows and "id" in rows[0] else {}
        spots = []
        for row in rows:
            device = known.get(str(row.get("id", "")))
            spots.append(
                Spot(
                    lon=float(row["lon"]),
                    lat=float(row["lat"]),
                    title=str(row.get(layer.label, "")),
                    text="" if device is None or device.value is None else f"{device.value:g}",
                    is_alarming=bool(device and device.alert),
                    is_silent=bool(device and self._is_silent(device)),
                    incident=device.incident if device else "",
                    device=device.id if device else "",
                )
            )
        return spots

    def _is_silent(self, device: sensing.DeviceView) -> bool:
        stream = self.glance.library.streams().get(device.stream)
        cycle = cycle_of_duration(stream.cycle) if stream else None
        length = timedelta(seconds=cycle.seconds) if cycle and cycle.seconds else timedelta(days=1)
        return device.at is None or self.glance.at - device.at > MISSED * length

    def _areas(self, layer: Layer, tree: DivisionTree) -> dict[str, float]:
        """The label's number summed up the tree: every division holds what lies within it."""
        self._require_shown(layer, ("division", layer.label))
        sums: dict[str, float] = {}
        for row in self.glance.entries(layer.source):
            try:
                path = tree.path(str(row["division"]))
            except DivisionUnknown:
                continue
            for division in path:
                sums[division.code] = sums.get(division.code, 0) + float(row[layer.label] or 0)
        return sums

    def _require_shown(self, layer: Layer, columns: Sequence[str]) -> None:
        for column in columns:
            grade = catalog.graded(self.glance.library)(layer.source, column)
            if grade and grade > layer.max_grade:
                raise LayerTooSensitive(
                    f"图层“{layer.title}”不能显示 {column}：{grade} 级数据高于图层允许的 "
                    f"{layer.max_grade} 级。",
                    hint="换成汇总后的表，或调整图层。",
                )

    def _incidents(
        self, asked: casework.AskedIncidents = OPEN
    ) -> tuple[casework.IncidentLine, ...]:
        """Those that are being handled, newest first."""
        page = casework.incident_list(
            officer=self.actor, at=self.glance.at, asked=asked, limit=MOST_INCIDENTS
        )
        return page.lines

    def _total(
        self, lines: tuple[casework.IncidentLine, ...], asked: casework.AskedIncidents
    ) -> int:
        if len(lines) < MOST_INCIDENTS:
            return len(lines)
        return casework.count_incidents(officer=self.actor, asked=asked)


def _kinds(library: Library, ref: str) -> tuple[str, ...]:
    """The kinds of incident of a layer: those of its pack, or none where it shows every kind."""
    if library.layer(ref).source == "incidents":
        return ()
    pack = ref.partition(".")[0]
    return tuple(f"{pack}.{name}" for name in library.packs[pack].incidents)


def _incident_spot(one: casework.IncidentLine) -> Spot:
    return Spot(
        lon=one.lon or 0.0,
        lat=one.lat or 0.0,
        title=one.title,
        text=one.step_title,
        is_alarming=True,
        incident=one.number,
    )


def _name(library: Library, code: str) -> str:
    """A division, an organ or a kind by name; what is none of them stays what it is."""
    organs: Mapping[str, Any] = library.organs()
    if code in organs:
        return str(organs[code].title)
    if code in library.incidents():
        return library.incidents()[code].title
    try:
        return library.divisions.get(code).name
    except DivisionUnknown:
        return code or "未填"
