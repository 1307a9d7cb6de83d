"""What rules look back at: kept in memory, in step with the store, restored from it at a start.

A window is in step while nobody else has stored readings of its point: every batch counts what it
stores of a point (``WindowMark``), and a count that is not the expected one means that another
intake, a restart or a failed batch came between; then the window is read anew. Each thread has
windows of its own.
"""

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from yiwang.apps.sensing import hot
from yiwang.apps.sensing.cold import HOT, with_settled
from yiwang.apps.sensing.instants import SECOND, micros
from yiwang.apps.sensing.intake import AHEAD, BEHIND, Observed
from yiwang.apps.sensing.roster import Known, Roster, kept_roster
from yiwang.apps.sensing.windows import Window
from yiwang.packkit import Library
from yiwang.packkit.watching import Look, Watch

MOST_KEPT = 8_000_000
"""Readings that a thread keeps, 16 bytes each; beyond, it begins anew."""
SLACK = BEHIND + AHEAD
"""How far apart the clocks of two devices may be when one rule reads both."""
HOT_SPAN = round((HOT + SLACK).total_seconds() * SECOND)
"""A rule that looks back further reads settled readings as well."""
Rules = Mapping[str, Sequence[Watch]]


class Lookback:
    """Which points rules look at, from which other points they are judged, and the windows."""

    def __init__(self, roster: Roster, rules: Rules) -> None:
        self._roster = roster
        self._longest: dict[int, int] = {}
        self._asked: dict[int, set[int]] = {}
        self.triggers: dict[int, list[tuple[Watch, Known]]] = {}
        """Point → the rules of other points that look at it."""
        self._own = threading.local()
        for point in roster.by_id.values():
            for watch in rules.get(point.stream, ()):
                if watch.looks:
                    self._note(point.id, watch, roster.devices[point.device])

    def _note(self, own: int, watch: Watch, device: Known) -> None:
        found = []
        for look in watch.looks:
            who = str(device.row.get(look.who) or "")
            seen = self._roster.points.get((who, look.stream))
            if seen is not None:
                found.append((seen.id, look.within))
        if any(point != own for point, _ in found):
            found.append((own, watch.own.within))
        points = {point for point, _ in found}
        for point, within in found:
            kept = _span(within + SLACK)
            self._longest[point] = max(self._longest.get(point, 0), kept)
            self._asked.setdefault(point, set()).update(points)
        for point in points - {own}:
            self.triggers.setdefault(point, []).append((watch, device))

    def follow(self, fresh: Sequence[Observed], moved: Iterable[Observed], *, at: datetime) -> None:
        """Bring the windows in step with what has just been stored, and read the missing ones."""
        windows = self._windows()
        counts = Counter(one.point.id for one in fresh if one.point.id in self._longest)
        if not counts:
            return
        asked = {near for one in moved for near in self._asked.get(one.point.id, ())}
        marks = hot.count_on(counts) | hot.marks(asked - counts.keys())
        in_step = set()
        for point, mark in marks.items():
            window = windows.get(point)
            if window is not None and window.mark == mark - counts[point]:
                window.mark = mark
                in_step.add(point)
            else:
                windows.pop(point, None)
        for one in fresh:
            if one.point.id in in_step:
                windows[one.point.id].add(micros(one.at), one.value)
        self._own.kept += len(fresh)
        self._load(asked - in_step, marks, at=at)

    def recall(self, look: Look, device: str, at: datetime) -> Any:
        """What a rule asks of earlier readings (``packkit.watching.Recall``)."""
        point = self._roster.points.get((device, look.stream))
        window = self._windows().get(point.id) if point else None
        if window is None:
            return 0 if look.of == "count" else None
        return window.ask(look.of, look.micros, micros(at))

    def add(self, point: int, at: int, value: float) -> None:
        """Take a reading in that no store knows, for who replays."""
        if point in self._longest:
            windows = self._windows()
            if point not in windows:
                windows[point] = Window(self._longest[point], mark=0)
            windows[point].add(at, value)

    def newest(self, device: str, stream: str) -> int | None:
        """The instant of the newest reading of a point that rules look at."""
        point = self._roster.points.get((device, stream))
        window = self._windows().get(point.id) if point else None
        return window.times[-1] if window is not None and window.times else None

    def need(self, devices: Iterable[Known], watch: Watch, *, at: datetime) -> None:
        """Have ready what a rule asks of these devices, for who judges without a reading."""
        points: set[int] = set()
        for device in devices if watch.looks else ():
            own = self._roster.points.get((device.id, watch.alert.stream))
            points |= self._asked.get(own.id, set()) if own else set()
        windows, marks = self._windows(), hot.marks(points)
        stale = {p for p in points if p not in windows or windows[p].mark != marks[p]}
        self._load(stale, marks, at=at)

    def forget(self) -> None:
        """Keep nothing: what was stored may have been undone."""
        self._own.__dict__.clear()

    def _load(self, points: set[int], marks: Mapping[int, int], *, at: datetime) -> None:
        windows, now = self._windows(), micros(at)
        since = {point: now - self._longest[point] for point in points}
        far = {point: since[point] for point in points if self._longest[point] > HOT_SPAN}
        found = with_settled(hot.since(since), far, until=now)
        for point in points:
            rows = found.get(point, [])
            windows[point] = Window(self._longest[point], rows, mark=marks[point])
            self._own.kept += len(rows)
        if self._own.kept > MOST_KEPT:
            self._own.kept = sum(len(window.times) for window in windows.values())
            if self._own.kept > MOST_KEPT:
                for point in windows.keys() - points:
                    del windows[point]

    def _windows(self) -> dict[int, Window]:
        own = self._own
        if not hasattr(own, "windows"):
            own.windows, own.kept = {}, 0
        found: dict[int, Window] = own.windows
        return found


def lookback(roster: Roster, rules: Rules) -> Lookback:
    """The windows of a roster and the rules in force; anew when either changes."""
    held = roster.lookback
    if held is None or held[0] is not rules:
        held = roster.lookback = (rules, Lookback(roster, rules))
    found: Lookback = held[1]
    return found


def forget_windows(library: Library) -> None:
    """After a failure: what this thread's windows hold may not have been stored."""
    known = kept_roster(library)
    if known is not None and known.lookback is not None:
        known.lookback[1].forget()


def _span(of: timedelta) -> int:
    return round(of.total_seconds() * SECOND)
