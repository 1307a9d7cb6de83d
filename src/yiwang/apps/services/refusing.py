"""不予办理: on which clause a refusal stands, for who decides and for whom it was decided."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.services.frozen import bases_of
from yiwang.apps.services.models import Application
from yiwang.packkit.current import current_library

CLAUSE = "clause"
"""The evidence that a move which refuses needs."""


@dataclass(frozen=True)
class Refusal:
    """Why something was not granted, and by which clause."""

    reason: str
    clause: str
    at: datetime


def clauses_for(case: casework.CaseView) -> list[str]:
    """The clauses that the packs of its item and flow stand on, where a move asks for one."""
    if not any(CLAUSE in move.needs for move in case.moves):
        return []
    items = Application.objects.filter(case=case.number).values_list("item", flat=True)
    library = current_library(settings.PACKS, settings.PLACE, settings.HOME)
    packs = dict.fromkeys(ref.partition(".")[0] for ref in (*items, case.flow))
    known = (bases_of(library, pack).values() for pack in packs if pack in library.packs)
    return list(dict.fromkeys(text for bases in known for text in bases))


def refusal_of(number: str, *, actor: identity.Actor) -> Refusal | None:
    """The refusal that ended a case, for who may see it."""
    if not casework.standing(number).is_ended:
        return None
    last = [one for one in casework.trail(number, actor=actor) if one.verb != "recount"][-1]
    clause = next((one.text for one in last.evidence if one.name == CLAUSE), "")
    return Refusal(last.reason, clause, last.at) if clause else None
