"""The readings of one point as far back as a rule looks, kept so that asking costs little.

What is asked means what ``packkit.watching.reduced`` says of the readings after ``at - within``
up to and including ``at``; here sums are differences, and the least and the most move along with
time. No Django here.
"""

from array import array
from bisect import bisect_right
from collections import deque
from collections.abc import Iterable
from typing import Any

from yiwang.packkit.watching import mean_of, millionths, total_of
from yiwang.packkit.watching import told_number as told

FEWEST = 64
"""Readings below which nothing is let go of."""


class Window:
    """时间窗: instants in microseconds in order, and the value at each."""

    __slots__ = ("_longest", "_peaks", "_sums", "mark", "times", "values")

    def __init__(self, longest: int, rows: Iterable[tuple[int, float]] = (), *, mark: int) -> None:
        self._longest, self.mark = longest, mark
        self.times, self.values = array("q"), array("d")
        self._sums: list[int] = []
        """Sums of all before each reading, in millionths; empty until a sum is asked for."""
        self._peaks: dict[tuple[bool, int], _Peak] = {}
        for at, value in rows:
            self.times.append(at)
            self.values.append(value)

    def add(self, at: int, value: float) -> None:
        """Take a reading in, wherever in time it lies."""
        times = self.times
        if not times or at > times[-1]:
            times.append(at)
            self.values.append(value)
            if self._sums:
                self._sums.append(self._sums[-1] + millionths(value))
            half = len(times) // 2
            if half >= FEWEST and times[half] < at - self._longest:
                self._let_go(half)
        else:
            place = bisect_right(times, at)
            times.insert(place, at)
            self.values.insert(place, value)
            self._sums, self._peaks = [], {}

    def ask(self, of: str, within: int, at: int) -> Any:
        """The answer at an instant; None where there is no reading to tell it from."""
        times, since = self.times, at - within
        hi = len(times) if times and at >= times[-1] else bisect_right(times, at)
        lo = bisect_right(times, since)
        if of == "count":
            return hi - lo
        if lo == hi:
            return None
        if of == "last":
            return told(self.values[hi - 1])
        if of == "change":
            return told(self.values[hi - 1] - self.values[lo])
        if of in ("sum", "mean"):
            sums = self._summed()
            total = sums[hi] - sums[lo]
            return total_of(total) if of == "sum" else mean_of(total, hi - lo)
        if of == "most":
            return told(self._peak(True, within, lo, hi, at))
        least = self._peak(False, within, lo, hi, at)
        if of == "least":
            return told(least)
        return told(self._peak(True, within, lo, hi, at) - least)

    def _summed(self) -> list[int]:
        if not self._sums:
            self._sums = [0]
            for value in self.values:
                self._sums.append(self._sums[-1] + millionths(value))
        return self._sums

    def _peak(self, is_most: bool, within: int, lo: int, hi: int, at: int) -> float:
        peak = self._peaks.get((is_most, within))
        if peak is None or at < peak.until:
            peak = self._peaks[is_most, within] = _Peak()
        queue, values, times = peak.queue, self.values, self.times
        if peak.until is not None:
            lo = max(lo, bisect_right(times, peak.until))
        for place in range(lo, hi):
            value = values[place]
            while queue and (queue[-1][1] <= value if is_most else queue[-1][1] >= value):
                queue.pop()
            queue.append((times[place], value))
        peak.until = at
        while queue[0][0] <= at - within:
            queue.popleft()
        return queue[0][1]

    def _let_go(self, count: int) -> None:
        del self.times[:count]
        del self.values[:count]
        del self._sums[:count]


class _Peak:
    """The readings that may yet be the greatest (or least) of a moving span, in order of time."""

    __slots__ = ("queue", "until")

    def __init__(self) -> None:
        self.queue: deque[tuple[int, float]] = deque()
        self.until: Any = None
