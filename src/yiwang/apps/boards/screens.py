"""A screen's widgets with their values: numbers, charts by a column, maps of layers, lists."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from yiwang.apps.boards.queries import IndicatorNotTaken, IndicatorView, indicator
from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.sensing import public as sensing
from yiwang.kernel.divisions import DivisionTree, DivisionUnknown
from yiwang.kernel.errors import NotAllowed
from yiwang.lake import Lake
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Layer, Screen, Widget

MOST_BARS = 16
"""Bars of one chart; the rest is left to the drill-down."""


class LayerTooSensitive(NotAllowed):
    """A layer draws a column of a higher grade than it may show."""

    code = "boards.layer_too_sensitive"


@dataclass(frozen=True)
class Spot:
    """A point of a map layer."""

    lon: float
    lat: float
    title: str
    text: str
    is_alarming: bool
    incident: str = ""


@dataclass(frozen=True)
class WidgetView:
    """A widget and what it shows; only the fields of its kind are filled."""

    widget: Widget
    indicator: IndicatorView | None = None
    categories: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    spots: tuple[Spot, ...] = ()
    areas: dict[str, float] = field(default_factory=dict)
    """Value by division code, summed over what lies within."""
    incidents: tuple[casework.IncidentView, ...] = ()


@dataclass(frozen=True)
class ScreenView:
    """A screen ready to be drawn."""

    ref: str
    screen: Screen
    widgets: tuple[WidgetView, ...]


def screens(library: Library) -> dict[str, Screen]:
    """Every screen of the library."""
    return library.screens()


def screen(
    ref: str, *, lake: Lake, library: Library, actor: identity.Officer, at: datetime
) -> ScreenView:
    """A screen as this officer may see it; incidents are those of the officer's own view."""
    declared = library.screen(ref)
    look = _Look(lake, library, actor, at)
    return ScreenView(ref, declared, tuple(look.widget(one) for one in declared.widgets))


@dataclass(frozen=True)
class _Look:
    """One officer's look at one instant."""

    lake: Lake
    library: Library
    actor: identity.Officer
    at: datetime

    def widget(self, widget: Widget) -> WidgetView:
        """The widget with its values."""
        match widget.kind:
            case "number" | "indicator":
                return WidgetView(widget, indicator=_taken(widget.of))
            case "chart":
                return self._chart(widget)
            case "map":
                return self._map(widget)
            case "list":
                return WidgetView(widget, incidents=tuple(self._incidents()))

    def _chart(self, widget: Widget) -> WidgetView:
        """Rows of the indicator's numerator by a column, most first; divisions by name."""
        view = _taken(widget.of)
        if view is None:
            return WidgetView(widget)
        inner = view.definition.numerator.strip().rstrip(";")
        rows = self.lake.rows(
            f"SELECT counted.{widget.by} AS name, COUNT(*) AS n FROM ({inner}) AS counted "
            f"GROUP BY counted.{widget.by} ORDER BY n DESC LIMIT {MOST_BARS}",
            as_of=view.sources,
        )
        names = tuple(_name(self.library.divisions, row["name"]) for row in rows)
        return WidgetView(
            widget, indicator=view, categories=names, values=tuple(row["n"] for row in rows)
        )

    def _map(self, widget: Widget) -> WidgetView:
        spots: list[Spot] = []
        areas: dict[str, float] = {}
        for ref in (one.strip() for one in widget.of.split(",")):
            layer = self.library.layer(ref)
            if layer.source == "incidents":
                spots += [_incident_spot(one) for one in self._incidents()]
            elif layer.geometry == "point":
                spots += self._points(layer)
            elif layer.source != "divisions":
                areas |= self._areas(layer)
        return WidgetView(widget, spots=tuple(spots), areas=areas)

    def _points(self, layer: Layer) -> list[Spot]:
        """Rows with coordinates; a device shows its newest value."""
        self._require_shown(layer, ("lon", "lat", layer.label))
        known = {one.id: one for one in sensing.devices()}
        spots = []
        for row in self.lake.rows(f"SELECT * FROM {layer.source}"):  # a pack's own table name
            device = known.get(str(row.get("id", "")))
            spots.append(
                Spot(
                    lon=float(row["lon"]),
                    lat=float(row["lat"]),
                    title=str(row.get(layer.label, "")),
                    text="" if device is None or device.value is None else f"{device.value:g}",
                    is_alarming=bool(device and device.alert),
                )
            )
        return spots

    def _areas(self, layer: Layer) -> dict[str, float]:
        """The label's number summed up the tree: every division holds what lies within it."""
        self._require_shown(layer, ("division", layer.label))
        sums: dict[str, float] = {}
        for row in self.lake.rows(f"SELECT * FROM {layer.source}"):
            try:
                path = self.library.divisions.path(str(row["division"]))
            except DivisionUnknown:
                continue
            for division in path:
                sums[division.code] = sums.get(division.code, 0) + float(row[layer.label] or 0)
        return sums

    def _require_shown(self, layer: Layer, columns: Sequence[str]) -> None:
        for column in columns:
            grade = self.library.grade(layer.source, column)
            if grade and grade > layer.max_grade:
                raise LayerTooSensitive(
                    f"图层“{layer.title}”不能显示 {column}：{grade} 级数据高于图层允许的 "
                    f"{layer.max_grade} 级。",
                    hint="换成汇总后的表，或调整图层。",
                )

    def _incidents(self) -> list[casework.IncidentView]:
        return casework.incidents(actor=self.actor, at=self.at, limit=30)


def _taken(ref: str) -> IndicatorView | None:
    try:
        return indicator(ref)
    except IndicatorNotTaken:
        return None


def _incident_spot(one: casework.IncidentView) -> Spot:
    return Spot(
        lon=one.lon or 0.0,
        lat=one.lat or 0.0,
        title=one.case.title,
        text=one.case.step_title,
        is_alarming=one.case.state != "ended",
        incident=one.number,
    )


def _name(tree: DivisionTree, code: Any) -> str:
    try:
        return tree.get(str(code)).name
    except DivisionUnknown:
        return "未填" if code is None else str(code)
