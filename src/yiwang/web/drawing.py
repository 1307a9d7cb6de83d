"""A flow as a drawing: where each step stands and how the moves run. Pure; the template draws."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

HEIGHT, GAP_Y, MARGIN, LANE = 56, 36, 16, 26
BOX, LETTER = (148, 260), 14.5
"""How narrow and how wide a node may be, and what a character of its title takes."""
GAP, CHARACTER = (72, 168), 12
"""The same of the gap between columns, with the titles of the moves."""


@dataclass(frozen=True)
class FlowStep:
    """A step to draw: its id, title, a line under it (who, by when), and its moves."""

    id: str
    title: str
    note: str = ""
    moves: tuple[tuple[str, str], ...] = ()
    """(title, id of the step or end it leads to)"""


@dataclass(frozen=True)
class Node:
    """A step or an end at its place."""

    id: str
    title: str
    note: str
    x: int
    y: int
    state: str
    """``done``, ``now``, ``ahead`` or ``end``."""


@dataclass(frozen=True)
class Edge:
    """A move: an SVG path, its title and where the title stands."""

    path: str
    title: str
    x: int
    y: int
    is_back: bool


@dataclass(frozen=True)
class FlowDrawing:
    """The whole drawing in its own units."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    box: tuple[int, int]


def draw_flow(
    steps: Sequence[FlowStep],
    *,
    ends: Mapping[str, str],
    now: str = "",
    done: Sequence[str] = (),
) -> FlowDrawing:
    """Lay the steps out in columns by their distance from the first, the ends in the last."""
    column = _columns(steps, ends)
    width = _fitting(BOX, LETTER, (*(step.title for step in steps), *ends.values()))
    gap = _gap(steps, column)
    rows: dict[int, int] = {}
    place: dict[str, tuple[int, int]] = {}
    for id_ in (*(step.id for step in steps), *_nearest_first(steps, ends, column)):
        row = rows.get(column[id_], 0)
        rows[column[id_]] = row + 1
        place[id_] = (
            MARGIN + column[id_] * (width + gap),
            MARGIN + row * (HEIGHT + GAP_Y),
        )
    nodes = [Node(s.id, s.title, s.note, *place[s.id], _state(s.id, now, done)) for s in steps] + [
        Node(id_, title, "", *place[id_], "end") for id_, title in ends.items()
    ]
    bottom = MARGIN + max(rows.values()) * (HEIGHT + GAP_Y)
    edges, lanes = _edges(steps, place, bottom, (width, gap))
    return FlowDrawing(
        width=2 * MARGIN + (max(column.values()) + 1) * (width + gap) - gap,
        height=bottom + lanes * LANE + (0 if lanes else -GAP_Y) + MARGIN,
        nodes=tuple(nodes),
        edges=tuple(edges),
        box=(width, HEIGHT),
    )


def spark_path(values: Sequence[float | None], width: int = 120, height: int = 32) -> str:
    """A line of values, oldest first, as an SVG path; None breaks it, fewer than two draw none."""
    known = [one for one in values if one is not None]
    if len(known) < 2:
        return ""
    low, spread = min(known), max(known) - min(known)
    step = width / (len(values) - 1)
    path, is_on = [], False
    for at, value in enumerate(values):
        if value is None:
            is_on = False
            continue
        y = height / 2 if not spread else 2 + (height - 4) * (1 - (value - low) / spread)
        path.append(f"{'L' if is_on else 'M'}{at * step:.1f} {y:.1f}")
        is_on = True
    return " ".join(path)


def _state(id_: str, now: str, done: Sequence[str]) -> str:
    return "now" if id_ == now else "done" if id_ in done else "ahead"


def _columns(steps: Sequence[FlowStep], ends: Mapping[str, str]) -> dict[str, int]:
    """Column of each node: the shortest way from the first step; ends stand last."""
    by_id = {step.id: step for step in steps}
    column = {steps[0].id: 0}
    waiting = [steps[0].id]
    while waiting:
        id_ = waiting.pop(0)
        for _, to in by_id[id_].moves:
            if to in by_id and to not in column:
                column[to] = column[id_] + 1
                waiting.append(to)
    last = max(column.values()) + 1
    for step in steps:
        column.setdefault(step.id, last)
    return column | {id_: max(column.values()) + 1 for id_ in ends}


def _gap(steps: Sequence[FlowStep], column: Mapping[str, int]) -> int:
    ways = {(s.id, to) for s in steps for _, to in s.moves if column.get(to) == column[s.id] + 1}
    moves = {step.id: step.moves for step in steps}
    titles = (" / ".join(title for title, to in moves[a] if to == b) for a, b in ways)
    return _fitting(GAP, CHARACTER, titles)


def _fitting(bounds: tuple[int, int], character: float, titles: Iterable[str]) -> int:
    """As wide as the longest of the titles asks for, within bounds."""
    longest = max((len(title) for title in titles), default=0)
    return min(bounds[1], max(bounds[0], int(longest * character) + 24))


def _nearest_first(
    steps: Sequence[FlowStep], ends: Mapping[str, str], column: Mapping[str, int]
) -> list[str]:
    """The ends, first those that the last steps reach, so that few moves cross."""

    def reach(end: str) -> int:
        sources = [column[step.id] for step in steps for _, to in step.moves if to == end]
        return -max(sources, default=0)

    return sorted(ends, key=reach)


def _edges(
    steps: Sequence[FlowStep],
    place: Mapping[str, tuple[int, int]],
    bottom: int,
    columns: tuple[int, int],
) -> tuple[list[Edge], int]:
    width, gap = columns
    merged: dict[tuple[str, str], list[str]] = {}
    for step in steps:
        for title, to in step.moves:
            if to in place:
                merged.setdefault((step.id, to), []).append(title)
    edges: list[Edge] = []
    lanes = 0
    for (start, to), titles in merged.items():
        (x1, y1), (x2, y2) = place[start], place[to]
        title = " / ".join(titles)
        if x2 - x1 == width + gap:
            edges.append(_next(x1 + width, y1 + HEIGHT // 2, x2, y2 + HEIGHT // 2, title))
        elif x2 > x1 and y2 > y1:
            edges.append(_down(x1 + width // 2, y1 + HEIGHT, x2, y2 + HEIGHT // 2, width, title))
        else:
            edges.append(
                _under(x1 + width // 2, y1, x2 + width // 2, y2, bottom + lanes * LANE, title)
            )
            lanes += 1
    return edges, lanes


def _next(x1: int, y1: int, x2: int, y2: int, title: str) -> Edge:
    """To the next column."""
    middle = (x1 + x2) // 2
    path = f"M{x1} {y1} H{middle} V{y2} H{x2 - 6}"
    return Edge(path, title, middle, y2 - 8 if y1 != y2 else y1 - 8, is_back=False)


def _down(x1: int, y1: int, x2: int, y2: int, width: int, title: str) -> Edge:
    """Over more than one column to a lower row: down first, then along that row."""
    return Edge(f"M{x1} {y1} V{y2} H{x2 - 6}", title, x1 + width, y2 - 8, is_back=False)


def _under(x1: int, y1: int, x2: int, y2: int, low: int, title: str) -> Edge:
    """Back, or over other nodes of the same row: through a lane under everything."""
    start, end = x1 + 18, x2 - 18
    path = f"M{start} {y1 + HEIGHT} V{low} H{end} V{y2 + HEIGHT + 6}"
    return Edge(path, title, (start + end) // 2, low - 5, is_back=x2 <= x1)
