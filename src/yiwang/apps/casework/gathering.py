"""Many objects at once are one incident of their area: a network that fails, not 800 stations.

What is gathered comes from one source (one alert rule) within ``gather_within``; the area is the
smallest division that holds what was seen when there were ``gather_from`` of them. Reads, writes
nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from yiwang.apps.casework import place
from yiwang.apps.casework.flow_views import division_name
from yiwang.apps.casework.merging import MANY
from yiwang.apps.casework.models import Case, Signal
from yiwang.apps.casework.queries.cases import frozen_flow
from yiwang.apps.casework.signals import open_about, span
from yiwang.apps.casework.unindexed import unindexed
from yiwang.apps.identity import public as identity
from yiwang.kernel.divisions import DivisionUnknown
from yiwang.packkit.kinds.incidents import Incident


@dataclass
class Gathered:
    """An incident of many objects, and the incidents that are part of it from now on."""

    case: Case
    parts: list[Case] = field(default_factory=list)
    is_new: bool = True


class Gathering:
    """What one source has named lately, kind by kind; nothing where the kind does not gather."""

    def __init__(self, rules: Incident, kind: str, signals: Sequence[Signal]) -> None:
        self.rules, self.kind = rules, kind
        self.within = span(rules.gather_within) if rules.gather_from else None
        self._around = {} if self.within is None else _divisions_around(signals)
        named = {
            _name(one.source, code)
            for one in signals
            for code in self._around.get(one.division, ())
        }
        self._areas = {row.object: row for row in open_about(kind, sorted(named))}
        self._recent: dict[str, dict[str, tuple[Signal, Case]]] = {}

    def find(self, signal: Signal) -> Case | None:
        """The incident of many that a signal is part of, or None."""
        if self.within is None or not signal.object:
            return None
        for code in self._around[signal.division]:
            area = self._areas.get(_name(signal.source, code))
            if area and abs(signal.at - (area.last_signal_at or area.opened_at)) <= self.within:
                return area
        return None

    def add(self, signal: Signal, case: Case) -> Gathered | None:
        """Count an incident that a signal has just begun; when there are enough, gather them."""
        if self.within is None or not signal.object:
            return None
        recent = self._recent_of(signal.source, signal.at)
        recent[signal.object] = signal, case
        if len(recent) < self.rules.gather_from:
            return None
        division = smallest_around([one.division for one, _ in recent.values()])
        name = _name(signal.source, division)
        known = self._areas.get(name)
        area = known or self._begun(name, division, [one for one, _ in recent.values()])
        self._areas[name] = area
        parts = [row for _, row in recent.values() if _may_join(row)]
        recent.clear()
        return Gathered(area, parts, is_new=known is None)

    def _recent_of(self, source: str, at: datetime) -> dict[str, tuple[Signal, Case]]:
        """Object → its signal and the open incident that it began, of the time before."""
        if source not in self._recent:
            assert self.within is not None
            lately = Signal.objects.filter(source=source, at__gte=at - self.within)
            rows = unindexed(lately.select_related("case__flow"), "case__").filter(
                bare_kind=self.kind,
                case__ended_at=None,
                case__last_signal_at__gte=at - self.within,
            )
            self._recent[source] = {
                row.object: (row, row.case) for row in rows if row.object == row.case.object != ""
            }
        return self._recent[source]

    def _begun(self, name: str, division: str, signals: Sequence[Signal]) -> Case:
        rules, first = self.rules, signals[0]
        facts = {
            key: value
            for key, value in first.facts.items()
            if all(one.facts.get(key) == value for one in signals)
        }
        return Case(
            title=f"{rules.title}：{division_name(division)}多处同时出现，{first.summary}等"[:200],
            applicant="",
            division=division,
            facts=facts,
            limit=rules.limit,
            kind=self.kind,
            object=name,
            grade=rules.grade,
            last_signal_at=max(one.at for one in signals),
        )


def _may_join(row: Case) -> bool:
    """Whether nobody has touched an incident and its flow can end it as part of another."""
    return row.pk is None or (row.version <= 1 and bool(frozen_flow(row.flow).merged))


def _name(source: str, division: str) -> str:
    """The object of an incident of many."""
    return f"{MANY}{source}{MANY}{division}"[:120]


def _divisions_around(signals: Sequence[Signal]) -> dict[str, list[str]]:
    """Division of a signal → itself and what it lies in, whole place last.

    A code that is not known lies in what it would lie in by its levels, as ``is_within`` has it.
    """
    tree, found = place.divisions(), dict[str, list[str]]()
    for division in {one.division for one in signals}:
        try:
            way = [one.code for one in reversed(tree.path(division))]
        except DivisionUnknown:
            way = [division[:level].ljust(len(division), "0") for level in (9, 6, 4, 2)]
        found[division] = [*way, place.code()]
    return found


def smallest_around(divisions: Sequence[str]) -> str:
    """The smallest division that holds them all; the whole place where one is not known."""
    tree, common = place.divisions(), list[str]()
    for number, code in enumerate(sorted(set(divisions))):
        try:
            way = [one.code for one in tree.path(code)]
        except DivisionUnknown:
            return place.code()
        common = way if not number else [one for one in common if one in way]
    inside = [one for one in common if identity.is_within(one, place.code())]
    return inside[-1] if inside else place.code()
