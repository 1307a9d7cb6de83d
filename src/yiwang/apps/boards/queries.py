"""Values of indicators, and the rows behind them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Literal

import msgspec

from yiwang.apps.boards.measuring import plain, shown, target_shown
from yiwang.apps.boards.models import IndicatorSnapshot
from yiwang.kernel import masking
from yiwang.kernel.errors import NotFound
from yiwang.lake import Lake
from yiwang.packkit import Library
from yiwang.packkit.kinds.sight import Indicator
from yiwang.packkit.queries import QueryRefused, parse_query

Part = Literal["numerator", "denominator", "excluded"]


class IndicatorNotTaken(NotFound):
    """The indicator has no snapshot yet, or not this one."""

    code = "boards.indicator_not_taken"


@dataclass(frozen=True)
class IndicatorView:
    """One value of an indicator, as read and as counted."""

    ref: str
    title: str
    owner: str
    unit: str
    target: str
    """As a person reads it: ``≥ 95.0%``."""
    taken_at: datetime
    text: str
    value: Decimal | None
    numerator: Decimal
    denominator: int | None
    excluded: int
    is_met: bool | None
    definition: Indicator
    sources: dict[str, str]

    @property
    def tone(self) -> str:
        """green where the target is met, red where it is missed, else nothing."""
        return {True: "green", False: "red", None: ""}[self.is_met]


def indicator(ref: str, *, taken_at: datetime | None = None) -> IndicatorView:
    """The latest value of an indicator, or that of an instant."""
    found = IndicatorSnapshot.objects.filter(indicator=ref)
    if taken_at is not None:
        found = found.filter(taken_at=taken_at)
    latest = found.order_by("taken_at").last()
    if latest is None:
        raise IndicatorNotTaken(
            f"指标“{ref}”还没有取过数。", hint="请先执行一次取数，或核对指标名称。", indicator=ref
        )
    return _view(latest)


def indicators() -> list[IndicatorView]:
    """The latest value of every indicator that has one, by pack and title."""
    newest: dict[str, IndicatorSnapshot] = {}
    for snapshot in IndicatorSnapshot.objects.order_by("taken_at"):
        newest[snapshot.indicator] = snapshot
    return sorted(map(_view, newest.values()), key=lambda view: view.ref)


def history(ref: str, *, limit: int = 60) -> list[IndicatorView]:
    """The values of an indicator over time, oldest first."""
    found = IndicatorSnapshot.objects.filter(indicator=ref).order_by("-taken_at")[:limit]
    return [_view(snapshot) for snapshot in reversed(found)]


def drill(
    view: IndicatorView,
    part: Part,
    *,
    lake: Lake,
    library: Library,
    offset: int = 0,
    limit: int = 50,
) -> list[dict[str, Any]]:
    """下钻: the rows that a part counted, from the very snapshots it was counted on.

    Every column is masked by the grade and element of what it was computed from: a board shows
    that the rows are there and which, not whose.
    """
    sql = getattr(view.definition, part)
    if not sql:
        return []
    inner = sql.strip().rstrip(";")
    page = f"SELECT * FROM ({inner}) AS counted LIMIT {int(limit)} OFFSET {int(offset)}"
    masks = _masks(sql, library)
    return [
        {name: masks.get(name, _hidden)(value) for name, value in row.items()}
        for row in lake.rows(page, as_of=view.sources)
    ]


def _masks(sql: str, library: Library) -> dict[str, Callable[[Any], Any]]:
    """Column of a query to its mask, read off the parse; what cannot be read is hidden."""
    try:
        found = library.derived.look(parse_query(sql))
    except QueryRefused:
        return {}
    return {
        name: partial(
            masking.mask,
            grade=max((one.grade(library.grade) for one in origins), default=1),
            element=next(filter(None, (_element(library, *one.source) for one in origins)), ""),
        )
        for name, origins in found.items()
    }


def _element(library: Library, table: str, column: str) -> str:
    thing = library.tables().get(table) or library.feeds().get(table)
    declared = thing.columns[column].element if thing and column in thing.columns else ""
    return masking.element_of(element=declared, column=column)


def _hidden(value: Any) -> str:
    return masking.HIDDEN


def _view(snapshot: IndicatorSnapshot) -> IndicatorView:
    definition = msgspec.convert(snapshot.definition, Indicator)
    return IndicatorView(
        ref=snapshot.indicator,
        title=definition.title,
        owner=definition.owner,
        unit=definition.unit,
        target=target_shown(definition.target, unit=definition.unit),
        taken_at=snapshot.taken_at,
        text=shown(snapshot.value, unit=definition.unit),
        value=snapshot.value,
        numerator=plain(snapshot.numerator),
        denominator=snapshot.denominator,
        excluded=snapshot.excluded,
        is_met=snapshot.is_met,
        definition=definition,
        sources=snapshot.sources,
    )
