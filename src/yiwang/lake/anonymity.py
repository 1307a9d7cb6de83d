"""k-anonymity and l-diversity of what is to be opened, and which column is to blame.

The smallest group of rows that agree in every quasi-identifier is k; in a table of groups it is
the smallest number of persons that a cell tells of. Blame is measured, not guessed: each column
is left out or made coarser once, and what raises k most stands first.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from yiwang.lake.openness import OpenPlan, ladder, select_measure

Rows = Callable[[str], Sequence[Mapping[str, Any]]]
"""Runs one SELECT through the lake's guard."""

MOST_STEPS = 6


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was measured. ``smallest`` is k (0 for no rows), ``below`` the rows under the threshold.

    ``least_varied`` is l: the fewest different values of a sensitive column in one group.
    """

    rows: int
    classes: int
    smallest: int
    below: int
    least_varied: int | None = None

    @property
    def share_below(self) -> float:
        """The share of rows in groups under the threshold."""
        return self.below / self.rows if self.rows else 0.0


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """What would help: a column left out (``coarse`` empty) or generalised, and k after it."""

    column: str
    coarse: str
    smallest: int
    below: int


def measure(plan: OpenPlan, rows: Rows) -> Measured:
    """Measure the plan as it stands."""
    (found,) = rows(select_measure(plan))
    varied = found["least_varied"]
    return Measured(
        rows=int(found["rows"]),
        classes=int(found["classes"]),
        smallest=int(found["smallest"] or 0),
        below=int(found["below"]),
        least_varied=None if varied is None else int(varied),
    )


@dataclass(frozen=True, kw_only=True)
class Kinds:
    """Which text columns hold codes: of divisions (cut by digits), or others (never cut)."""

    divisions: Collection[str] = ()
    codes: Collection[str] = ()


def blame(plan: OpenPlan, rows: Rows, kinds: Kinds | None = None) -> tuple[Remedy, ...]:
    """Every single change of a measured column, the one that leaves fewest rows below first.

    Small groups are measured, not left out: the blame is the column's whatever happens to them.
    """
    kinds = kinds or Kinds()
    whole = replace(plan, leaves_out=False)
    found = []
    for name in plan.counts or plan.quasi:
        if len(plan.columns) > 1:
            found.append(_tried(whole.without(name), name, "", rows))
        if not plan.counts and name not in kinds.codes:
            for coarse in ladder(plan.column(name), is_division=name in kinds.divisions):
                found.append(_tried(whole.coarser(name, coarse), name, coarse, rows))
    return tuple(sorted(found, key=_by_help))


def way_out(
    plan: OpenPlan, rows: Rows, kinds: Kinds | None = None, *, first: Sequence[Remedy] = ()
) -> tuple[Remedy, ...]:
    """Changes that together reach the threshold, greedily; empty when there is no way.

    A column is made coarser where that halves the rows below, and left out only where it does
    not. ``first`` is the blame of the plan itself, if it was measured already.
    """
    steps: list[Remedy] = []
    here, below = plan, 0
    while len(steps) < MOST_STEPS:
        tried = first if first and not steps else blame(here, rows, kinds)
        if not tried:
            return ()
        below = steps[-1].below if steps else max(one.below for one in tried)
        coarser = [one for one in tried if one.coarse and 2 * one.below <= below]
        best = coarser[0] if coarser else tried[0]
        steps.append(best)
        if best.below == 0 and best.smallest >= plan.k:
            return tuple(steps)
        name, coarse = best.column, best.coarse
        here = here.coarser(name, coarse) if coarse else here.without(name)
    return ()


def _tried(plan: OpenPlan, name: str, coarse: str, rows: Rows) -> Remedy:
    found = measure(plan, rows)
    return Remedy(column=name, coarse=coarse, smallest=found.smallest, below=found.below)


def _by_help(one: Remedy) -> tuple[int, int, bool]:
    return one.below, -one.smallest, not one.coarse
