"""Streams, alerts, indicators, layers and screens: what is seen exists and may be seen."""

from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.checks.rules import parameters
from yiwang.packkit.kinds.shared import Type
from yiwang.packkit.kinds.sight import Alert, Indicator, Layer, Screen, Stream

DEVICE = ("id", "name", "lon", "lat", "division")


def look(looking: Looking) -> None:
    """streams/, alerts/, indicators/, layers/ and screens/."""
    pack = looking.pack
    for name, stream in pack.streams.items():
        _stream(looking, f"streams/{name}.yaml", stream)
    for name, alert in pack.alerts.items():
        _alert(looking, f"alerts/{name}.yaml", alert)
    for name, indicator in pack.indicators.items():
        _indicator(looking, f"indicators/{name}.yaml", indicator)
    for name, layer in pack.layers.items():
        _layer(looking, f"layers/{name}.yaml", layer)
    for name, screen in pack.screens.items():
        _screen(looking, f"screens/{name}.yaml", screen)


def _stream(looking: Looking, path: str, stream: Stream) -> None:
    looking.organ(stream.organ, path, "organ")
    looking.cycle(stream.cycle, path, "cycle")
    if stream.low >= stream.high:
        looking.tell("下限不低于上限", "改 low、high", path, "low")
    register = looking.ref(("registers",), stream.devices, path, "devices")
    for column in DEVICE if register else ():
        looking.choice(column, register.columns, "列", path, "devices")


def _alert(looking: Looking, path: str, alert: Alert) -> None:
    looking.basis(alert.basis, path, "basis")
    looking.ref(("incidents",), alert.incident, path, "incident")
    parameters(looking, path, alert.parameters)
    if alert.hold:
        looking.limit(alert.hold, "持续", path, "hold")
    stream = looking.ref(("streams",), alert.stream, path, "stream")
    register = looking.shelf.registers().get(stream.devices) if stream else None
    if register is None:
        return
    columns: dict[str, Type] = {"value": "decimal"}
    columns |= {f"device.{name}": one.type for name, one in register.columns.items()}
    types: dict[str, Type] = {name: one.type for name, one in alert.parameters.items()}
    for part in ("raise_when", "clear_when"):
        text = getattr(alert, part)
        looking.expression(text, path, part, columns=columns, parameters=types)


def _indicator(looking: Looking, path: str, indicator: Indicator) -> None:
    looking.organ(indicator.owner, path, "owner")
    looking.basis(indicator.basis, path, "basis")
    if indicator.target:
        looking.expression(indicator.target, path, "target", columns={"value": "decimal"})


def _layer(looking: Looking, path: str, layer: Layer) -> None:
    if layer.source in ("divisions", "incidents"):
        return
    columns = looking.table_columns(layer.source, path, "source")
    if not columns:
        return
    needed = ("lon", "lat") if layer.geometry == "point" else ("division",)
    shown = [*needed, layer.label] if layer.label else [*needed]
    for column in shown:
        if not looking.choice(column, columns, "列", path, "source"):
            continue
        grade = looking.shelf.grade(layer.source, column)
        if grade > layer.max_grade:
            looking.tell(
                f"图层显示的“{column}”为 {grade} 级，高于图层的 {layer.max_grade} 级",
                "换一列或用汇总表；确需显示时改 max_grade",
                path,
                "source",
            )


def _screen(looking: Looking, path: str, screen: Screen) -> None:
    for number, widget in enumerate(screen.widgets):
        at = (path, "widgets", number, "of")
        if widget.kind == "map":
            for name in widget.of.split(","):
                if name.strip() != "incidents":
                    looking.ref(("layers",), name.strip(), *at)
        elif widget.of != "incidents":
            looking.ref(("indicators",), widget.of, *at)
        if screen.audience == "public":
            _public(looking, widget.of, *at)


def _public(looking: Looking, of: str, path: str, *keys: str | int) -> None:
    for name in of.split(","):
        layer = looking.shelf.layers().get(name.strip())
        if layer is not None and layer.max_grade > 1:
            looking.tell(f"公众屏不能用 {layer.max_grade} 级图层", "换成 1 级图层", path, *keys)
