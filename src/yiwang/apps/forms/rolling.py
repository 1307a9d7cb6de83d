"""Adding rows up along the divisions: pure. A total says how many of its rows it is made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from yiwang.kernel.divisions import DivisionTree, DivisionUnknown


@dataclass(frozen=True)
class Total:
    """What the rows below a division add up to. ``given`` counts, per column, rows with a value."""

    division: str
    rows: int
    filled: int
    values: Mapping[str, Decimal]
    given: Mapping[str, int]
    is_row: bool = False
    """It is a reporting division itself, with one row of its own."""


@dataclass(frozen=True)
class Reported:
    """One division's row as it is added up."""

    division: str
    values: Mapping[str, Any]
    is_filled: bool


def roll_up(
    rows: Iterable[Reported], *, columns: Sequence[str], below: str, tree: DivisionTree
) -> list[Total]:
    """One total for each division directly below ``below`` that has rows, in the tree's order.

    A row whose division the tree does not know stands under its own code.
    """
    kept: dict[str, list[Reported]] = {}
    branch: dict[str, str] = {}
    for row in rows:
        if row.division not in branch:
            branch[row.division] = _branch(row.division, below, tree)
        if branch[row.division]:
            kept.setdefault(branch[row.division], []).append(row)
    order = [one.code for one in tree.children(below)]
    codes = [*(code for code in order if code in kept), *sorted(kept.keys() - set(order))]
    return [total_of(code, kept[code], columns) for code in codes]


def total_of(division: str, rows: Sequence[Reported], columns: Sequence[str]) -> Total:
    """The rows of one division added up; a value that is no number counts for nothing."""
    values: dict[str, Decimal] = {}
    given: dict[str, int] = {}
    for name in columns:
        numbers = [_number(row.values.get(name)) for row in rows]
        known = [one for one in numbers if one is not None]
        given[name] = len(known)
        if known:
            values[name] = sum(known, Decimal(0))
    return Total(
        division,
        len(rows),
        sum(row.is_filled for row in rows),
        values,
        given,
        is_row=len(rows) == 1 and rows[0].division == division,
    )


def _branch(division: str, below: str, tree: DivisionTree) -> str:
    """The division directly below ``below`` in which ``division`` lies; "" if it lies elsewhere."""
    try:
        way = [one.code for one in tree.path(division)]
    except DivisionUnknown:
        return division
    if below not in way:
        return ""
    after = way[way.index(below) + 1 :]
    return after[0] if after else division


def _number(value: Any) -> Decimal | None:
    if value is None or isinstance(value, bool) or value == "":
        return None
    return Decimal(str(value))
