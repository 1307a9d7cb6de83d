"""What of a dataset can be drawn: numbers by its first text as a chart, lon and lat as points."""

from dataclasses import dataclass
from typing import Any

from yiwang.apps.catalog import public as catalog
from yiwang.apps.exchange import public as exchange
from yiwang.lake import Search
from yiwang.web import names
from yiwang.web.pieces import Point, Series

MOST_CATEGORIES, MOST_SERIES, MOST_POINTS = 40, 6, 2_000
_PLACE = ("lon", "lat")


@dataclass(frozen=True)
class Chart:
    """Categories and one series per number."""

    categories: list[str]
    series: list[Series]


def shown(value: Any, column: exchange.OpenColumnView) -> str:
    """A value as people read it: a code by its title, yes and no in words."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return "是" if value else "否"
    if column.codes == "base.divisions":
        return names.division(str(value))
    if column.codes:
        return catalog.code_title(column.codes, str(value))
    return str(value)


def chart_of(release: exchange.ReleaseView) -> Chart | None:
    """The chart of a short table with a text and numbers; None for any other."""
    label = next((one for one in release.columns if one.type == "text"), None)
    numbers = [
        one
        for one in release.columns
        if one.type in ("integer", "decimal") and not one.coarse and one.name not in _PLACE
    ][:MOST_SERIES]
    titled = [one for one in release.columns if one.name == "name"]
    if label is None or not numbers or not 1 < release.rows <= MOST_CATEGORIES:
        return None
    label = titled[0] if titled else label
    columns = (label.name, *(one.name for one in numbers))
    rows = exchange.open_rows(
        release, Search(columns=columns, limit=MOST_CATEGORIES, wants_total=False)
    ).rows
    return Chart(
        categories=[shown(row[label.name], label) for row in rows],
        series=[Series(name=one.title, values=[row[one.name] for row in rows]) for one in numbers],
    )


def points_of(release: exchange.ReleaseView) -> list[Point]:
    """Every row with a place as a point."""
    known = {one.name for one in release.columns}
    if not known.issuperset(_PLACE) or release.rows > MOST_POINTS:
        return []
    title = "name" if "name" in known else release.columns[0].name
    more = [
        one
        for one in release.columns
        if one.type in ("integer", "decimal") and one.name not in _PLACE
    ][:2]
    columns = dict.fromkeys((title, *_PLACE, *(one.name for one in more)))
    rows = exchange.open_rows(
        release, Search(columns=tuple(columns), limit=MOST_POINTS, wants_total=False)
    ).rows
    return [
        Point(
            lon=float(row["lon"]),
            lat=float(row["lat"]),
            title=str(row[title]),
            text="，".join(f"{one.title} {row[one.name]}" for one in more),
        )
        for row in rows
        if row["lon"] is not None and row["lat"] is not None
    ]
