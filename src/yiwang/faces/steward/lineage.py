"""The picture of a dataset's lineage: source columns to the left, own columns to the right.

Drawn on the server as plain numbers; the template makes the SVG, so it works without script and
prints. A dataset without sources (a feed) has no picture.
"""

from dataclasses import dataclass

from yiwang.apps.catalog.public import DatasetView

ROW, HEAD, GAP, BOX, LEFT, RIGHT = 22, 30, 16, 250, 8, 470


@dataclass(frozen=True)
class Line:
    """One column in a box: where its text and its end of an edge stand."""

    text: str
    grade: int
    y: int


@dataclass(frozen=True)
class Box:
    """One table with those of its columns that take part."""

    ref: str
    x: int
    y: int
    height: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Drawing:
    """Boxes and edges (cubic curves) within width × height."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    edges: tuple[str, ...]


def draw_lineage(dataset: DatasetView) -> Drawing | None:
    """The picture, or None when the dataset has no sources."""
    wanted: dict[str, dict[str, None]] = {}
    for column in dataset.column_views:
        for table, name in column.sources:
            wanted.setdefault(table, {})[name] = None
    if not wanted:
        return None
    left, y = [], GAP
    for table, names in wanted.items():
        left.append(_box(table, LEFT, y, [(name, 0) for name in names]))
        y += left[-1].height + GAP
    own = [(column.name, column.grade) for column in dataset.column_views]
    right = _box(dataset.ref, RIGHT, GAP, own)
    starts = {(box.ref, line.text): line.y for box in left for line in box.lines}
    ends = {line.text: line.y for line in right.lines}
    edges = tuple(
        _curve(starts[source], ends[column.name])
        for column in dataset.column_views
        for source in column.sources
    )
    height = max(y, right.height + 2 * GAP)
    return Drawing(RIGHT + BOX + LEFT, height, (*left, right), edges)


def _box(ref: str, x: int, y: int, columns: list[tuple[str, int]]) -> Box:
    lines = tuple(
        Line(name, grade, y + HEAD + index * ROW + ROW // 2)
        for index, (name, grade) in enumerate(columns)
    )
    return Box(ref, x, y, HEAD + len(columns) * ROW + 8, lines)


def _curve(start: int, end: int) -> str:
    near, far = LEFT + BOX, RIGHT
    middle = (near + far) // 2
    return f"M{near} {start} C{middle} {start} {middle} {end} {far} {end}"
