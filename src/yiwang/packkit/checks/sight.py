"""What is seen: streams, alerts, indicators, signs, layers, screens exist and may be seen."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from yiwang.packkit.checks.looking import Looking
from yiwang.packkit.checks.rules import parameters
from yiwang.packkit.kinds.shared import Column
from yiwang.packkit.kinds.sight import (
    Alert,
    Assessment,
    Indicator,
    Input,
    Layer,
    Part,
    Screen,
    Stream,
    Vitals,
    VitalSign,
)
from yiwang.packkit.queries import QueryRefused, parse_query
from yiwang.packkit.watching import columns_of

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
    for name, assessment in pack.assessments.items():
        _assessment(looking, f"assessments/{name}.yaml", assessment)
    for name, tree in pack.vitals.items():
        _vitals(looking, f"vitals/{name}.yaml", tree)
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
    if register is None:
        return
    for column in DEVICE:
        looking.choice(column, register.columns, "列", path, "devices")
    if stream.wire is not None:
        for part in filter(None, ("address", "crc" if stream.wire.crc else "")):
            named = getattr(stream.wire, part)
            looking.choice(named, register.columns, "列", path, "wire", part)


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
    told = [
        _input(looking, path, name, one, register.columns) for name, one in alert.inputs.items()
    ]
    if not all(told):
        return
    columns = columns_of(looking.shelf, alert)
    types = {name: one.type for name, one in alert.parameters.items()}
    for part in ("raise_when", "clear_when"):
        text = getattr(alert, part)
        looking.expression(text, path, part, columns=columns, parameters=types)


def _input(
    looking: Looking, path: str, name: str, one: Input, columns: Mapping[str, Column]
) -> bool:
    """Whether an input of an alert can be computed; what cannot is told."""
    at = (path, "inputs", name)
    if sum(map(bool, (one.of, one.register, one.area))) != 1:
        looking.tell("要写明是读数、登记册还是区域", "写 of、register、area 中的一个", *at)
        return False
    if one.area:
        area = looking.ref(("registers",), one.area, *at, "area")
        return area is not None and looking.choice("outline", area.columns, "列", *at, "area")
    if one.register:
        register = looking.ref(("registers",), one.register, *at, "register")
        return (
            register is not None
            and looking.choice(one.key, columns, "列", *at)
            and looking.choice(one.column, register.columns, "列", *at)
        )
    looking.limit(one.within, "取数", *at, *(["within"] if one.within else []))
    if one.stream and looking.ref(("streams",), one.stream, *at, "stream") is None:
        return False
    return not one.device or looking.choice(one.device, columns, "列", *at, "device")


def _indicator(looking: Looking, path: str, indicator: Indicator) -> None:
    looking.organ(indicator.owner, path, "owner")
    looking.basis(indicator.basis, path, "basis")
    for part in ("target", "band"):
        if text := getattr(indicator, part):
            looking.expression(text, path, part, columns={"value": "decimal"})
    if indicator.band and not indicator.target:
        looking.tell("写了预警区间却没有目标", "补上 target，或删去 band", path, "band")


def _assessment(looking: Looking, path: str, said: Assessment) -> None:
    looking.organ(said.owner, path, "owner")
    looking.basis(said.basis, path, "basis")
    looking.ref(("flows",), said.appeals, path, "appeals")
    for name, part in said.parts.items():
        at = (path, "parts", name)
        if _is_circular(said.parts, name):
            looking.tell(
                f"评分项“{name}”的上级绕了一圈或不存在", "改 under，使它归到顶层", *at, "under"
            )
        if part.weight < 0 or any(one < 0 for one in part.weights.values()):
            looking.tell("权重不能是负数", "改成零或正数", *at, "weight")
        has_parts = any(one.under == name for one in said.parts.values())
        if has_parts == bool(part.indicator):
            looking.tell(f"评分项“{name}”要么有下级、要么有指标", "补上 indicator，或给它下级", *at)
        if part.indicator:
            if indicator := looking.ref(("indicators",), part.indicator, *at, "indicator"):
                _counted_by(looking, indicator, part.by, *at)
            _ends(looking, part, *at)


def _counted_by(looking: Looking, indicator: Indicator, by: str, *at: str) -> None:
    """Every part of an indicator that is scored says whose each row is."""
    for part in ("numerator", "denominator", "excluded"):
        try:
            text = getattr(indicator, part)
            outputs = looking.shelf.derived.look(parse_query(text)) if text else {by: ()}
        except QueryRefused:
            continue  # told where the indicator stands
        if by not in outputs:
            looking.tell(
                f"指标的 {part} 没有给出列“{by}”，分不到机构",
                f"在 {part} 中输出 {by}",
                *at,
                "indicator",
            )


def _is_circular(parts: Mapping[str, Part] | Mapping[str, VitalSign], name: str) -> bool:
    seen = set[str]()
    while name:
        if name in seen or name not in parts:
            return True
        seen.add(name)
        name = parts[name].under
    return False


def _vitals(looking: Looking, path: str, tree: Vitals) -> None:
    looking.organ(tree.owner, path, "owner")
    for name, sign in tree.signs.items():
        at = (path, "signs", name)
        if _is_circular(tree.signs, name):
            looking.tell(
                f"体征“{name}”的上级绕了一圈或不存在", "改 under，使它归到顶层", *at, "under"
            )
        if any(one.under == name for one in tree.signs.values()) == bool(sign.indicator):
            looking.tell(f"体征“{name}”要么有下级、要么有指标", "补上 indicator，或给它下级", *at)
        if sign.indicator:
            looking.shown("indicators", sign.indicator, *at, "indicator")
        elif not sign.title:
            looking.tell(f"体征“{name}”没有名称", "写 title", *at, "title")


def _ends(looking: Looking, part: Part, path: str, *keys: str | int) -> None:
    try:
        is_same = Decimal(part.zero) == Decimal(part.full)
    except InvalidOperation:
        looking.tell("zero、full 应是数", "写成带引号的小数", path, *keys)
        return
    if is_same:
        looking.tell("zero 与 full 相同，分不出高低", "改成两个不同的数", path, *keys)


def _layer(looking: Looking, path: str, layer: Layer) -> None:
    if layer.source == "own_incidents" and not looking.pack.incidents:
        what = "本包没有事件类型，图层不会有事件"
        looking.tell(what, "写 incidents，或在本包声明 incidents/", path, "source")
    if layer.source in ("divisions", "incidents", "own_incidents"):
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
                    looking.shown("layers", name.strip(), *at)
        elif widget.kind == "vitals":
            looking.shown("vitals", widget.of, *at)
        elif widget.kind == "list":
            for name in widget.of.split(",") if widget.of != "incidents" else ():
                looking.shown("incidents", name.strip(), *at)
        elif widget.kind != "text":
            looking.shown("indicators", widget.of, *at)
        if screen.audience == "public":
            _public(looking, widget.of, *at)


def _public(looking: Looking, of: str, path: str, *keys: str | int) -> None:
    for name in of.split(","):
        layer = looking.shelf.layers().get(name.strip())
        if layer is not None and layer.max_grade > 1:
            looking.tell(f"公众屏不能用 {layer.max_grade} 级图层", "换成 1 级图层", path, *keys)
