"""Which incident a signal is about, for many signals at once; reads, writes nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from yiwang.apps.casework.merging import Sighting, box, is_same
from yiwang.apps.casework.models import Case, CaseLink, Signal
from yiwang.apps.casework.unindexed import placed, unindexed
from yiwang.kernel.limits import Limit
from yiwang.packkit.kinds.incidents import Incident

CHUNK = 500
HOURS = {"wd": 24, "d": 24, "wh": 1, "h": 1, "m": 1 / 60}


class Known:
    """The open incidents of one kind, and those that the signals before began.

    The same object is the same incident; without one, the nearest in time of those near in place.
    """

    def __init__(self, rules: Incident, kind: str, signals: Sequence[Signal]) -> None:
        self.rules, self.kind = rules, kind
        self.within = span(rules.merge_within)
        objects = {one.object for one in signals if one.object}
        self.by_object = self._merged(sorted(objects))
        self.by_object |= {row.object: row for row in open_about(kind, sorted(objects))}
        self.begun: dict[tuple[int, int], list[Case]] = {}

    def find(self, signal: Signal) -> Case | None:
        """The incident that a signal is about, or None."""
        if signal.object and (same := self.by_object.get(signal.object)):
            return same
        if signal.lon is None or signal.lat is None:
            return None
        seen = Sighting(signal.object, signal.lon, signal.lat, signal.at)
        near = [*self._begun_near(signal), *self._open_near(signal)]
        near.sort(key=_last_seen, reverse=True)
        for row in near:
            known = Sighting(row.object, row.lon, row.lat, _last_seen(row))
            if is_same(seen, known, within=self.within, metres=self.rules.merge_metres):
                return self.by_object.get(row.object, row) if row.object else row
        return None

    def add(self, row: Case) -> None:
        """A new incident, not stored yet, that later signals may be about."""
        if row.object:
            self.by_object[row.object] = row
        if row.lon is not None and row.lat is not None:
            self.begun.setdefault(self._square(row.lon, row.lat), []).append(row)

    def gather(self, rows: Sequence[Case], into: Case) -> None:
        """Incidents that are part of another from now on: it speaks for their objects."""
        gone = {id(row) for row in rows}
        self.by_object |= {row.object: into for row in rows}
        for square, held in self.begun.items():
            self.begun[square] = [row for row in held if id(row) not in gone]

    def _merged(self, objects: Sequence[str]) -> dict[str, Case]:
        """Objects whose incident was merged into one that is open: it speaks for them too."""
        found: dict[str, Case] = {}
        for first in range(0, len(objects), CHUNK):
            links = CaseLink.objects.filter(
                relation=CaseLink.Relation.MERGED, until_at=None, other__ended_at=None
            )
            links = unindexed(links.exclude(case__object=""), "case__")
            same = links.filter(
                bare_kind=self.kind, case__object__in=objects[first : first + CHUNK]
            )
            for link in same.select_related("case", "other__flow"):
                found[link.case.object] = link.other
        return found

    def _open_near(self, signal: Signal) -> list[Case]:
        wide, high = box(signal.lat, self.rules.merge_metres)
        near = placed(
            south=signal.lat - high,
            north=signal.lat + high,
            west=signal.lon - wide,
            east=signal.lon + wide,
        ).filter(bare_kind=self.kind, ended_at=None)
        near = near.select_related("flow")
        return list(near.filter(object="") if signal.object else near)

    def _begun_near(self, signal: Signal) -> Iterable[Case]:
        x, y = self._square(signal.lon, signal.lat)
        for i in (x - 1, x, x + 1):
            for j in (y - 1, y, y + 1):
                yield from self.begun.get((i, j), ())

    def _square(self, lon: float, lat: float) -> tuple[int, int]:
        wide, high = box(lat, max(self.rules.merge_metres, 1))
        return int(lon // wide), int(lat // high)


def open_about(kind: str, objects: Sequence[str]) -> Iterable[Case]:
    """The open incidents of a kind about some objects; as the unique index says it, which answers
    however many others are open."""
    rows = Case.objects.exclude(state=Case.State.ENDED).exclude(object="").select_related("flow")
    for first in range(0, len(objects), CHUNK):
        yield from rows.filter(kind=kind, object__in=objects[first : first + CHUNK])


def span(limit: str) -> timedelta:
    """How long a limit of merging lasts: around the clock, working or not."""
    parsed = Limit.parse(limit)
    return timedelta(hours=parsed.amount * HOURS[parsed.unit])


def _last_seen(row: Case) -> datetime:
    return row.last_signal_at or row.opened_at
