"""Whose an incident is: by its kind, its place and the duty that goes with them.

A place says in a register who has which duty in which division. The nearest division upward that
has a row decides, over any number of tiers; where none has, the kind's own organ stands in.
"""

from collections.abc import Mapping

import msgspec

from yiwang.apps.casework import place
from yiwang.apps.casework.models import IncidentKind
from yiwang.kernel.divisions import DivisionUnknown
from yiwang.packkit.kinds.incidents import Incident

Duties = Mapping[tuple[str, str], str]
"""(duty, division) to the organ."""


def organs_for(rules: Incident, division: str) -> tuple[str, dict[str, str]]:
    """The organ that an incident belongs to, and those of the flow's parties."""
    parties = dict(rules.parties)
    if not rules.routing:
        return rules.organ, parties
    duties, way = place.duties(rules.routing), _way_up(division)
    for party, duty in rules.duties.items():
        parties[party] = _nearest(duties, duty, way) or parties.get(party, rules.organ)
    return _nearest(duties, rules.duty, way) or rules.organ, parties


def owner_of(kind: str, division: str) -> str:
    """The organ that an incident of a kind at a place would belong to; "" for no such kind."""
    found = IncidentKind.objects.filter(ref=kind).first()
    if found is None:
        return ""
    return organs_for(msgspec.convert(found.content, Incident), division)[0]


def _nearest(duties: Duties, duty: str, way: list[str]) -> str:
    found = (duties.get((duty, code), "") for code in way)
    return next((organ for organ in found if organ), "")


def _way_up(division: str) -> list[str]:
    try:
        return [one.code for one in reversed(place.divisions().path(division))]
    except DivisionUnknown:
        return [place.code()]
