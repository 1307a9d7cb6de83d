"""How the widgets of a screen stand: figures on top, the rest in rows of twelve columns. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from yiwang.packkit.kinds.sight import Widget

COLUMNS = 12
SPANS = {"small": 3, "medium": 4, "half": 6, "large": 8, "full": 12}
SIZES = {"chart": "medium", "map": "large", "list": "medium", "text": "medium", "vitals": "medium"}
"""How wide a kind is where the screen does not say."""
FIGURES = ("number", "indicator")
MOST_ROWS, MOST_FIGURES = 3, 16
"""What one wall shows without scrolling and still legibly."""


@dataclass(frozen=True)
class Row:
    """Widgets beside each other: their places in the screen's list, and how many columns each."""

    places: tuple[int, ...]
    spans: tuple[int, ...]
    is_words: bool = False
    """Texts only: no taller than they are."""


@dataclass(frozen=True)
class Layout:
    """A screen from top to bottom."""

    figures: tuple[int, ...]
    rows: tuple[Row, ...]

    @property
    def fits_a_wall(self) -> bool:
        """Whether a wall shows all of it without scrolling."""
        return len(self.rows) <= MOST_ROWS and len(self.figures) <= MOST_FIGURES


def laid_out(widgets: Sequence[Widget]) -> Layout:
    """Figures in their order, then rows filled one after the other; no row ends in a gap."""
    rows: list[list[tuple[int, int]]] = []
    for place, widget in enumerate(widgets):
        if widget.kind in FIGURES:
            continue
        span = SPANS[widget.size or SIZES[widget.kind]]
        if not rows or sum(width for _, width in rows[-1]) + span > COLUMNS:
            rows.append([])
        rows[-1].append((place, span))
    figures = tuple(n for n, widget in enumerate(widgets) if widget.kind in FIGURES)
    return Layout(figures, tuple(_stretched(row, widgets) for row in rows))


def _stretched(row: list[tuple[int, int]], widgets: Sequence[Widget]) -> Row:
    """The last of a row takes what is left of it."""
    spans = [span for _, span in row]
    spans[-1] += COLUMNS - sum(spans)
    is_words = all(widgets[place].kind == "text" for place, _ in row)
    return Row(tuple(place for place, _ in row), tuple(spans), is_words)
