"""The quality score of a collection, pure: six weighted dimensions, unmeasured ones left out.

A dimension's score is 100 × (1 − failed ÷ (rows × rules)): each of its rules is asked once per
row. The run's score is the weighted mean over the dimensions that have a rule; the weights of
the others are spread over those measured, never counted as perfect.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

WEIGHTS: Mapping[str, Decimal] = {
    "completeness": Decimal("0.20"),
    "validity": Decimal("0.20"),
    "accuracy": Decimal("0.20"),
    "consistency": Decimal("0.15"),
    "uniqueness": Decimal("0.15"),
    "timeliness": Decimal("0.10"),
}
"""Weights of the six dimensions of GB/T 36344 where the register says none: an example."""

TITLES: Mapping[str, str] = {
    "completeness": "完整性",
    "validity": "规范性",
    "accuracy": "准确性",
    "consistency": "一致性",
    "uniqueness": "唯一性",
    "timeliness": "时效性",
}

_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Dimension:
    """One dimension of one run. ``weight`` is its share after spreading, the shares sum to 1."""

    dimension: str
    rules: int
    failed: int
    score: Decimal
    weight: Decimal


def score(
    *,
    rows: int,
    rules: Mapping[str, str],
    failed: Mapping[str, int],
    weights: Mapping[str, Decimal] = WEIGHTS,
) -> tuple[Decimal | None, tuple[Dimension, ...]]:
    """The total (None when nothing was measured) and its dimensions.

    ``rules`` maps each rule's id to its dimension, ``failed`` each rule's id to its failing rows;
    a failing rule that is not declared counts where ``dimension_of`` puts it.
    """
    declared = {**{rule: dimension_of(rule) for rule in failed}, **rules}
    used = [name for name in weights if weights[name] > 0 and name in declared.values()]
    if not rows or not used:
        return None, ()
    spread = sum((weights[name] for name in used), Decimal(0))
    parts = []
    for name in used:
        own = [rule for rule, dimension in declared.items() if dimension == name]
        misses = sum(failed.get(rule, 0) for rule in own)
        share = min(Decimal(misses) / (rows * len(own)), Decimal(1))
        points = (100 * (1 - share)).quantize(_CENT, ROUND_HALF_UP)
        weight = (weights[name] / spread).quantize(Decimal("0.001"), ROUND_HALF_UP)
        parts.append(Dimension(name, len(own), misses, points, weight))
    total = sum((part.score * weights[part.dimension] for part in parts), Decimal(0)) / spread
    return total.quantize(_CENT, ROUND_HALF_UP), tuple(parts)


def weighted(scores: Iterable[tuple[Decimal | None, int]]) -> Decimal | None:
    """The mean of scores, each weighted by its rows; None when nothing was measured."""
    measured = [(score, rows) for score, rows in scores if score is not None and rows]
    if not measured:
        return None
    points = sum((score * rows for score, rows in measured), Decimal(0))
    return (points / sum(rows for _, rows in measured)).quantize(_CENT, ROUND_HALF_UP)


def dimension_of(rule: str) -> str:
    """The dimension of a check that no pack declares (type, required, code table, key)."""
    words = rule.lower()
    if "required" in words or "null" in words or "missing" in words:
        return "completeness"
    if "unique" in words or "key" in words or "duplicate" in words:
        return "uniqueness"
    if "reference" in words:
        return "consistency"
    return "validity"
