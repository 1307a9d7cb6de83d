"""What is to be opened of a table: its columns, how coarse they are made, who could be told apart.

Pure: names are checked, generalisations are a closed list, and the SELECT that follows from them
goes through the lake's guard like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from yiwang.kernel.errors import Invalid
from yiwang.lake.plans import Type, check_column_names, check_name

_STEP = re.compile(r"(month|year|years|band|digits|prefix)(?::([1-9][0-9]{0,5}))?")
_WITH_SIZE = {"years", "band", "digits", "prefix"}
_DATES, _NUMBERS = ("date", "instant"), ("integer", "decimal")
_FITS: Mapping[str, tuple[str, ...]] = {
    "month": _DATES,
    "year": _DATES,
    "years": _DATES,
    "band": _NUMBERS,
    "digits": ("text",),
    "prefix": ("text",),
}


class PlanRefused(Invalid):
    """The columns or generalisations of an opening do not fit the table."""

    code = "lake.open_plan_refused"


@dataclass(frozen=True, kw_only=True)
class OpenColumn:
    """A column as it is opened: ``coarse`` says how it is generalised ("" leaves it as it is).

    ``month`` and ``year`` cut a date, ``years:5`` makes bands of years, ``band:10`` of numbers;
    ``digits:9`` keeps the leading digits of a code and fills up with zeros, so a village becomes
    its township; ``prefix:2`` keeps the beginning of a text.
    """

    name: str
    type: Type = "text"
    coarse: str = ""

    @property
    def opened_type(self) -> Type:
        """The type of what is opened."""
        if not self.coarse:
            return self.type
        return "integer" if self.coarse == "year" else "text"


@dataclass(frozen=True, kw_only=True)
class OpenPlan:
    """Which columns of a table are opened, and what is measured of them.

    ``quasi`` together may tell a person apart; ``sensitive`` are what must stay varied among
    those who cannot be told apart; ``counts`` are numbers of persons, in a table of groups. With
    ``leaves_out`` the rows of groups smaller than ``k`` are not opened.
    """

    table: str
    columns: tuple[OpenColumn, ...]
    quasi: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    k: int = 5
    leaves_out: bool = False

    def __post_init__(self) -> None:
        check_name(self.table)
        names = [column.name for column in self.columns]
        check_column_names(names)
        if not names or len(set(names)) != len(names):
            raise PlanRefused("开放的字段为空或重复。", hint="至少选一个字段，每个只选一次。")
        if strange := {*self.quasi, *self.sensitive, *self.counts} - set(names):
            raise PlanRefused(
                f"字段 {'、'.join(sorted(strange))} 不在开放的字段里。", hint="请先选入该字段。"
            )
        if not 1 <= self.k <= 1_000_000:
            raise PlanRefused("k 值应为正整数。", hint="请查看开放阈值登记册。")
        for column in self.columns:
            check_coarse(column)

    def without(self, name: str) -> OpenPlan:
        """The plan with one column less."""
        return replace(
            self,
            columns=tuple(column for column in self.columns if column.name != name),
            quasi=_but(self.quasi, name),
            sensitive=_but(self.sensitive, name),
            counts=_but(self.counts, name),
        )

    def coarser(self, name: str, coarse: str) -> OpenPlan:
        """The plan with one column generalised."""
        return replace(
            self,
            columns=tuple(
                replace(column, coarse=coarse) if column.name == name else column
                for column in self.columns
            ),
        )

    def column(self, name: str) -> OpenColumn:
        """The column of this name."""
        return next(column for column in self.columns if column.name == name)


def _but(names: Iterable[str], name: str) -> tuple[str, ...]:
    return tuple(one for one in names if one != name)


def check_coarse(column: OpenColumn) -> None:
    """Refuse a generalisation that is unknown or does not fit the column's type."""
    if not column.coarse:
        return
    match = _STEP.fullmatch(column.coarse)
    if not match or (match[1] in _WITH_SIZE) != bool(match[2]):
        raise PlanRefused(
            f"字段 {column.name} 的概化写法不对。",
            hint="可用：month、year、years:5、band:10、digits:9、prefix:2。",
            column=column.name,
        )
    if column.type not in _FITS[match[1]]:
        raise PlanRefused(
            f"字段 {column.name} 的类型不能这样概化。",
            hint="日期用 month、year、years；数字用 band；文本用 digits、prefix。",
            column=column.name,
        )


def ladder(column: OpenColumn, *, is_division: bool = False) -> tuple[str, ...]:
    """The generalisations that are coarser than the column's own, finest first."""
    if column.type in _DATES:
        steps: tuple[str, ...] = ("month", "year", "years:5", "years:10", "years:20")
    elif column.type in _NUMBERS:
        steps = ("band:5", "band:10", "band:50", "band:100", "band:1000")
    elif column.type == "text" and is_division:
        steps = ("digits:9", "digits:6")
    elif column.type == "text":
        steps = ("prefix:4", "prefix:2", "prefix:1")
    else:
        steps = ()
    return steps[steps.index(column.coarse) + 1 :] if column.coarse in steps else steps


def select(plan: OpenPlan) -> str:
    """The SELECT of the opened rows, before small groups are left out."""
    columns = ", ".join(f"{_made(column)} AS {_name(column.name)}" for column in plan.columns)
    pack, table = check_name(plan.table)
    return f"SELECT {columns} FROM {_name(pack)}.{_name(table)}"


def select_opened(plan: OpenPlan) -> str:
    """The SELECT of what is really opened, in a stable order."""
    rows, k = f"({select(plan)}) AS r", int(plan.k)
    order = ", ".join(_name(column.name) for column in plan.columns)
    if not plan.leaves_out or not (plan.quasi or plan.counts):
        return f"SELECT * FROM {rows} ORDER BY {order}"
    if plan.counts:
        return f"SELECT * FROM {rows} WHERE NOT ({_small(plan)}) ORDER BY {order}"
    names = ", ".join(_name(name) for name in plan.quasi)
    counted = f"SELECT *, COUNT(*) OVER (PARTITION BY {names}) AS group_size_ FROM {rows}"
    chosen = ", ".join(_name(column.name) for column in plan.columns)
    return f"SELECT {chosen} FROM ({counted}) AS g WHERE group_size_ >= {k} ORDER BY {order}"


def select_measure(plan: OpenPlan) -> str:
    """One row: ``rows``, ``classes``, ``smallest``, ``below`` and ``least_varied``.

    Where small groups are left out, ``smallest`` and ``least_varied`` are of those that stay.
    """
    rows, k = f"({select(plan)}) AS r", int(plan.k)
    if plan.counts:
        least = ", ".join(f"NULLIF({_name(name)}, 0)" for name in plan.counts)
        smallest = f"LEAST({least})" if len(plan.counts) > 1 else least
        small = _small(plan)
        if plan.leaves_out:
            smallest = f"CASE WHEN NOT ({small}) THEN {smallest} END"
        return (
            f"SELECT COUNT(*) AS rows, COUNT(*) AS classes, MIN({smallest}) AS smallest, "
            f"COALESCE(SUM(CASE WHEN {small} THEN 1 ELSE 0 END), 0) AS below, "
            f"NULL AS least_varied FROM {rows}"
        )
    if not plan.quasi:
        return (
            "SELECT COUNT(*) AS rows, 1 AS classes, COUNT(*) AS smallest, 0 AS below, "
            f"NULL AS least_varied FROM {rows}"
        )
    return _measure_of_groups(plan, rows, k)


def _measure_of_groups(plan: OpenPlan, rows: str, k: int) -> str:
    """The measure by quasi-identifiers."""
    names = ", ".join(_name(name) for name in plan.quasi)
    varied = "".join(
        f", COUNT(DISTINCT {_name(name)}) AS v{i}" for i, name in enumerate(plan.sensitive)
    )
    kept = f"CASE WHEN n >= {k} THEN {{}} END" if plan.leaves_out else "{}"
    least = ", ".join(f"MIN({kept.format(f'v{i}')})" for i in range(len(plan.sensitive))) or "NULL"
    least = f"LEAST({least})" if len(plan.sensitive) > 1 else least
    return (
        f"SELECT COALESCE(SUM(n), 0) AS rows, COUNT(*) AS classes, MIN({kept.format('n')}) AS "
        f"smallest, COALESCE(SUM(CASE WHEN n < {k} THEN n ELSE 0 END), 0) AS below, "
        f"{least} AS least_varied "
        f"FROM (SELECT COUNT(*) AS n{varied} FROM {rows} GROUP BY {names}) AS g"
    )


def _small(plan: OpenPlan) -> str:
    """Whether a row of a table of groups tells of fewer than k persons, but of some."""
    parts = [
        f"COALESCE({_name(name)} > 0 AND {_name(name)} < {int(plan.k)}, FALSE)"
        for name in plan.counts
    ]
    return " OR ".join(parts)


def _made(column: OpenColumn) -> str:
    """The column as opened, in SQL of checked parts only."""
    check_coarse(column)
    name = _name(column.name)
    step, _, number = column.coarse.partition(":")
    size = int(number or 0)
    match step:
        case "":
            return name
        case "month":
            return f"STRFTIME({name}, '%Y-%m')"
        case "year":
            return f"CAST(EXTRACT(YEAR FROM {name}) AS BIGINT)"
        case "years":
            return _banded(f"EXTRACT(YEAR FROM {name})", size)
        case "band":
            return _banded(name, size)
        case "digits":
            width = f"CAST(LENGTH({name}) AS INT)"
            return f"RPAD(SUBSTRING({name}, 1, {size}), {width}, '0')"
        case _:
            return f"SUBSTRING({name}, 1, {size})"


def _banded(value: str, size: int) -> str:
    low = f"CAST(FLOOR({value} / {Decimal(size)}) * {size} AS BIGINT)"
    return f"CAST({low} AS VARCHAR) || '-' || CAST({low} + {size - 1} AS VARCHAR)"


def _name(name: str) -> str:
    """A checked name as an SQL identifier."""
    return '"' + name + '"'
