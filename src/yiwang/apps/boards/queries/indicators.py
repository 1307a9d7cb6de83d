"""Values of indicators, and the rows behind them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any, Literal

import msgspec
from django.db.models import OuterRef, Subquery

from yiwang.apps.boards.measuring import plain, shown, target_shown
from yiwang.apps.boards.models import IndicatorSnapshot
from yiwang.apps.boards.proving import Capability, capabilities_of
from yiwang.apps.catalog import public as catalog
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
    band: str
    taken_at: datetime
    text: str
    value: Decimal | None
    numerator: Decimal
    denominator: Decimal | None
    excluded: Decimal
    is_met: bool | None
    is_near: bool | None
    unknown: str
    """Why there is no value; empty when there is one."""
    definition: Indicator
    sources: dict[str, str]

    @property
    def tone(self) -> str:
        """green where the target is met, yellow near it, red where it is missed, else nothing."""
        if self.is_met is False and self.is_near:
            return "yellow"
        return {True: "green", False: "red", None: ""}[self.is_met]

    @property
    def verdict(self) -> str:
        """What a person calls it."""
        if self.unknown:
            return "无法判断"
        if self.is_met is False and self.is_near:
            return "接近目标"
        return {True: "达标", False: "未达标", None: "不设目标"}[self.is_met]


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
    of_same = IndicatorSnapshot.objects.filter(indicator=OuterRef("indicator"))
    newest = of_same.order_by("-taken_at").values("pk")[:1]
    found = IndicatorSnapshot.objects.filter(pk=Subquery(newest)).order_by("indicator")
    return [_view(snapshot) for snapshot in found]


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
    only: tuple[str, str] = ("", ""),
) -> list[dict[str, Any]]:
    """下钻: the rows that a part counted, from the very snapshots it was counted on.

    ``only`` names a column and the value that it holds, as a bar of a chart counts it ("" for
    none); a column that is masked or that the rows do not have leaves no row.

    Every column is masked by the grade and element of what it was computed from: a board shows
    that the rows are there and which, not whose.
    """
    sql = getattr(view.definition, part)
    if not sql or any(table not in view.sources for table in parse_query(sql).reads):
        return []
    inner = sql.strip().rstrip(";")
    masks = _masks(sql, library)
    column, value = only
    if column and (column not in masks or masks[column](value) != value):
        return []  # what is masked is not asked for either
    kept = f" WHERE COALESCE(CAST(counted.{column} AS VARCHAR), '') = $only" if column else ""
    page = f"SELECT * FROM ({inner}) AS counted{kept} LIMIT {int(limit)} OFFSET {int(offset)}"
    return [
        {name: masks.get(name, _hidden)(value) for name, value in row.items()}
        for row in lake.rows(page, as_of=view.sources, values={"only": value} if column else None)
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
            grade=max((one.grade(catalog.graded(library)) for one in origins), default=1),
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
        band=target_shown(definition.band, unit=definition.unit),
        taken_at=snapshot.taken_at,
        text="无法判断" if snapshot.unknown else shown(snapshot.value, unit=definition.unit),
        value=snapshot.value,
        numerator=plain(snapshot.numerator),
        denominator=None if snapshot.denominator is None else plain(snapshot.denominator),
        excluded=plain(snapshot.excluded),
        is_met=snapshot.is_met,
        is_near=snapshot.is_near,
        unknown=snapshot.unknown,
        definition=definition,
        sources=snapshot.sources,
    )


@dataclass(frozen=True)
class TargetLine:
    """量化目标: one target of the plans with the indicators that measure it, one a reading."""

    capability: Capability
    is_ours: bool
    """Whether the place's own plan sets it."""
    readings: tuple[IndicatorView, ...]

    @property
    def is_known(self) -> bool:
        """Whether at least one reading has a value."""
        return any(not one.unknown for one in self.readings)


def targets(library: Library) -> list[TargetLine]:
    """The targets of all plans, those of the place's own plan first."""
    by_target: dict[str, list[IndicatorView]] = {}
    for view in indicators():
        for one in view.definition.serves:
            by_target.setdefault(one, []).append(view)
    lines = [
        TargetLine(one, library.place_id in one.plans, tuple(by_target.get(one.id, ())))
        for one in capabilities_of(library)
        if one.is_target
    ]
    return sorted(lines, key=lambda line: not line.is_ours)
