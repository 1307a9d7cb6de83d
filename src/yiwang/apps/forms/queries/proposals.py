"""What became of the additions that divisions proposed."""

from collections.abc import Iterable

from yiwang.apps.casework import public as casework

FLOW, ADDED = "base.addition", "added"
"""The flow by which an organ confirms an addition, and its end where it did."""


def outcomes(numbers: Iterable[str]) -> dict[str, casework.Standing]:
    """How each proposal stands, by its number; lists have few."""
    return {number: casework.standing(number) for number in set(numbers) if number}
