"""What a screen may be composed of: indicators, columns, layers, trees, lists, words."""

from collections.abc import Iterator
from dataclasses import dataclass

from yiwang.apps.catalog import public as catalog
from yiwang.kernel import masking
from yiwang.kernel.errors import Invalid
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Screen, Widget
from yiwang.packkit.queries import QueryRefused, parse_query
from yiwang.packkit.shelf import DIVISIONS

MOST_WIDGETS, LONGEST_TITLE, LONGEST_TEXT, MOST_LAYERS = 24, 40, 500, 8
OPEN_GRADE = 2
"""A chart counts by columns up to this grade; what identifies somebody is never a bar."""
TITLES = {
    "organ": "机构",
    "division": "区划",
    "township": "乡镇（街道）",
    "kind": "类型",
    "state": "状态",
    "flow": "流程",
    "step": "环节",
    "role": "岗位",
    "source": "来源",
    "grade": "等级",
    "table": "数据资源",
    "form": "表单",
    "item": "事项",
}
"""Of the platform's own columns, which no table titles."""


class ScreenMalformed(Invalid):
    """A widget names what is not there, or says too much or nothing."""

    code = "boards.screen_malformed"


@dataclass(frozen=True)
class Choices:
    """Everything that the composer offers, as pairs of reference and title."""

    indicators: tuple[tuple[str, str], ...]
    counted: tuple[tuple[str, str], ...]
    """``pack.indicator|column`` for charts."""
    layers: tuple[tuple[str, str], ...]
    trees: tuple[tuple[str, str], ...]


def choices(library: Library) -> Choices:
    """What a screen of this place may show."""
    titles = {ref: one.title for ref, one in library.indicators().items()}
    packs = {name: pack.manifest.title for name, pack in library.packs.items()}
    return Choices(
        indicators=tuple((ref, f"{title}（{_pack(ref, packs)}）") for ref, title in titles.items()),
        counted=tuple(
            (f"{ref}|{column}", f"{title} · 按{word}")
            for ref, title in titles.items()
            for column, word in counted_by(ref, library).items()
        ),
        layers=tuple(
            (ref, f"{one.title}（{_pack(ref, packs)}）") for ref, one in library.layers().items()
        ),
        trees=tuple((ref, one.title) for ref, one in library.vitals().items()),
    )


def _pack(ref: str, packs: dict[str, str]) -> str:
    return packs.get(ref.partition(".")[0], "")


def counted_by(ref: str, library: Library) -> dict[str, str]:
    """The columns that a chart of this indicator may count by, with their titles."""
    said = library.indicators()[ref]
    try:
        found = library.derived.look(parse_query(said.numerator))
    except QueryRefused:
        return {}
    return {
        column: title
        for column, origins in found.items()
        for title in [next(filter(None, (_title(library, *one.source) for one in origins)), "")]
        if title
        and max((one.grade(catalog.graded(library)) for one in origins), default=9) <= OPEN_GRADE
    }


def _title(library: Library, table: str, column: str) -> str:
    """What a column is called; nothing for what tells rows apart instead of grouping them."""
    shelves = (library.tables(), library.feeds(), library.registers())
    thing = next((shelf[table] for shelf in shelves if table in shelf), None)
    if thing is None:
        return TITLES.get(column, "")
    known = thing.columns.get(column)
    if known is None or known.type not in ("text", "boolean"):
        return ""
    keys = thing.key if isinstance(thing.key, tuple) else (thing.key,)
    if column in keys or masking.element_of(element=known.element, column=column):
        return ""
    return known.title if known.codes or column in TITLES else ""


def labels(sql: str, column: str, library: Library) -> dict[str, str]:
    """What the codes of a column of a query are called, by its code table; else nothing."""
    try:
        origins = library.derived.look(parse_query(sql)).get(column, ())
    except QueryRefused:
        return {}
    shelves = (library.tables(), library.feeds(), library.registers())
    for table, name in (one.source for one in origins):
        thing = next((shelf[table] for shelf in shelves if table in shelf), None)
        known = thing.columns.get(name) if thing else None
        if known and known.codes and known.codes != DIVISIONS:
            key = library.register(known.codes).key
            return {
                str(one[key]): str(one["title"])
                for one in library.entries(known.codes)
                if one.get("title")
            }
    return {}


def demand_composed(said: Screen, *, library: Library) -> None:
    """Raise ``ScreenMalformed`` unless every widget shows what is there and may be shown."""
    faults = list(_faults(said, library))
    if faults:
        raise ScreenMalformed("；".join(faults[:3]) + "。", hint="改正后再保存。")


def _faults(said: Screen, library: Library) -> Iterator[str]:
    if not 0 < len(said.title.strip()) <= LONGEST_TITLE:
        yield f"大屏名称应为 1 到 {LONGEST_TITLE} 个字"
    if len(said.widgets) > MOST_WIDGETS:
        yield f"一块屏至多 {MOST_WIDGETS} 个部件"
    for number, widget in enumerate(said.widgets, 1):
        if fault := _fault(widget, library):
            yield f"第 {number} 个部件“{widget.title[:20]}”：{fault}"


def _fault(widget: Widget, library: Library) -> str:
    if not 0 < len(widget.title.strip()) <= LONGEST_TITLE:
        return f"名称应为 1 到 {LONGEST_TITLE} 个字"
    match widget.kind:
        case "number" | "indicator":
            return "" if widget.of in library.indicators() else f"没有指标“{widget.of}”"
        case "chart":
            return _chart_fault(widget, library)
        case "map":
            layers = [one.strip() for one in widget.of.split(",")]
            unknown = [one for one in layers if one not in library.layers()]
            if unknown or not layers:
                return f"没有图层“{'、'.join(unknown)}”"
            return "" if len(layers) <= MOST_LAYERS else f"一张图至多 {MOST_LAYERS} 个图层"
        case "vitals":
            return "" if widget.of in library.vitals() else f"没有体征体系“{widget.of}”"
        case "text":
            fits = 0 < len(widget.of.strip()) <= LONGEST_TEXT
            return "" if fits else f"文字应为 1 到 {LONGEST_TEXT} 个字"
        case "list":
            unknown = [one for one in kinds_of(widget.of) if one not in library.incidents()]
            return f"清单只能是事件：没有事件类型“{'、'.join(unknown)}”" if unknown else ""


def _chart_fault(widget: Widget, library: Library) -> str:
    if widget.of not in library.indicators():
        return f"没有指标“{widget.of}”"
    if any(
        other.kind == "chart" and (other.of, other.by) == (widget.of, widget.by)
        for screen in library.screens().values()
        for other in screen.widgets
    ):
        return ""  # as a pack draws it
    known = counted_by(widget.of, library)
    return "" if widget.by in known else f"不能按“{widget.by}”这一列统计"


def kinds_of(of: str) -> tuple[str, ...]:
    """The kinds of incident that a list names; none where it lists every kind."""
    return () if of == "incidents" else tuple(one.strip() for one in of.split(","))
