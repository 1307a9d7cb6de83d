"""What ratings come to: pure. A share is never shown without the interval that its number allows.

The interval is E. B. Wilson's (“Probable inference, the law of succession, and statistical
inference”, Journal of the American Statistical Association 22, 1927, 209-212), at 95 %: it stays
within 0 and 1 and says how little a handful of ratings means, where the plain share would not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt

Z = 1.959964
"""95 % of a normal distribution lie within this many standard deviations."""


def wilson(good: int, said: int) -> tuple[float, float]:
    """The lower and upper bound of the share of good ones; (0, 1) when nobody said anything."""
    if not said:
        return 0.0, 1.0
    share, square = good / said, Z * Z
    middle = share + square / (2 * said)
    spread = Z * sqrt(share * (1 - share) / said + square / (4 * said * said))
    whole = 1 + square / said
    return max(0.0, (middle - spread) / whole), min(1.0, (middle + spread) / whole)


@dataclass(frozen=True, kw_only=True)
class Score:
    """好差评: the finished cases of one organ, and what was said of them.

    ``ended`` = ``said`` + ``excluded`` + ``defaults`` + ``waiting``.
    """

    organ: str
    ended: int
    said: int
    """Ratings that count: given by people, not set aside."""
    good: int
    excluded: int
    """Set aside: many from one device or hand, or by the organ's own people."""
    defaults: int
    """Cases of which nobody said anything in time: counted apart, never as praise."""
    few: int
    outcomes: Mapping[str, int] = field(default_factory=dict)
    """Where the rectifications of bad ratings stand: title of the end, or “整改中”, to number."""

    @property
    def bad(self) -> int:
        """Bad ratings that count."""
        return self.said - self.good

    @property
    def waiting(self) -> int:
        """Cases that can still be rated in time."""
        return self.ended - self.said - self.excluded - self.defaults

    @property
    def share(self) -> float | None:
        """Good among what was said; None when nobody said anything."""
        return self.good / self.said if self.said else None

    @property
    def interval(self) -> tuple[float, float]:
        """Between which bounds the true share lies, with 95 % confidence."""
        return wilson(self.good, self.said)

    @property
    def is_few(self) -> bool:
        """Whether too few spoke to set the organ beside others."""
        return self.said < self.few


def in_order(scores: list[Score]) -> list[Score]:
    """By the lower bound, best first; those of whom too few spoke come last, by name."""
    return sorted(scores, key=lambda one: (one.is_few, -one.interval[0], one.organ))
