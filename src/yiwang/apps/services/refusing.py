"""不予办理: on which clause a refusal stands, for who decides and for whom it was decided."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.services.frozen import bases_of
from yiwang.apps.services.models import Application, ServiceItem
from yiwang.kernel.errors import NotFound
from yiwang.packkit.current import current_library

CLAUSE = "clause"
"""The evidence that a move which refuses needs."""


@dataclass(frozen=True)
class Refusal:
    """Why something was not granted, and by which clause."""

    act: str
    """What the flow calls it: 不予受理."""
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


@dataclass(frozen=True)
class Letter:
    """不予受理、不予许可决定书: what is printed, sealed and handed to who asked."""

    heading: str
    number: str
    title: str
    organ: str
    applicant: str
    """Empty for who never had an account; the organ writes it in."""
    opened_at: datetime
    refusal: Refusal


class NotRefused(NotFound):
    """There is no letter for a case that did not end with a refusal and its clause."""

    code = "services.not_refused"


def refusal_of(number: str, *, actor: identity.Actor) -> Refusal | None:
    """The refusal that ended a case, for who may see it."""
    if not casework.standing(number).is_ended:
        return None
    last = [one for one in casework.trail(number, actor=actor) if one.verb != "recount"][-1]
    clause = next((one.text for one in last.evidence if one.name == CLAUSE), "")
    return Refusal(last.title, last.reason, clause, last.at) if clause else None


def refusal_letter(number: str, *, actor: identity.Actor, at: datetime) -> Letter:
    """The letter of a refusal, for who may see the case, or ``NotRefused``."""
    case = casework.case(number, actor=actor, at=at)
    refusal = refusal_of(number, actor=actor)
    if refusal is None:
        raise NotRefused(f"{number} 没有不予办理的决定。", hint="请查看办件的办理结果。")
    return Letter(
        heading=f"{_act(case, refusal, actor)}决定书",
        number=number,
        title=case.title,
        organ=identity.organ(case.organ).title,
        applicant=_name(case, actor),
        opened_at=case.opened_at,
        refusal=refusal,
    )


def _act(case: casework.CaseView, refusal: Refusal, actor: identity.Actor) -> str:
    """What was refused: of a licence that was accepted first, the law's own word."""
    items = Application.objects.filter(case=case.number).values_list("item", flat=True)
    found = [ServiceItem.objects.get(ref=ref).content.get("nature") for ref in items]
    was_accepted = any(one.verb == "accept" for one in casework.trail(case.number, actor=actor))
    return "不予行政许可" if was_accepted and "license" in found else refusal.act


def _name(case: casework.CaseView, actor: identity.Actor) -> str:
    """Who applied: by their account, else as the clerk who applied for them wrote it down."""
    subject = case.applicant or case.subject
    try:
        return identity.applicant(subject).name
    except identity.AccountUnknown:
        lines = casework.trail(case.number, actor=actor)
        by_them = (one.actor_name for one in lines if one.actor == subject)
        return next(by_them, "").partition("（")[0]
