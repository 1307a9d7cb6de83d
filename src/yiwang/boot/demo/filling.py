"""How the people of the demo fill in a form: what is asked, as long as something is asked."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from yiwang.apps.casework import public as casework
from yiwang.apps.identity import public as identity
from yiwang.apps.services import public as services
from yiwang.kernel.clock import local_date
from yiwang.kernel.identifiers import gbt11643

TIMES = 5
"""An answer may ask for more; no form of the packs goes deeper."""
WORDS = ("云帆", "众兴", "运河", "桃源", "梨园", "成子湖", "杨树", "意杨")

SAID: Mapping[str, Callable[[int, datetime], str]] = {
    "account": lambda n, at: _card(n),
    "address": lambda n, at: f"众兴街道示例路{n + 1}号",
    "area": lambda n, at: f"{72 + 6 * n}.5",
    "base_level": lambda n, at: ("low", "middle", "high")[n % 3],
    "capital": lambda n, at: "50",
    "card_pickup": lambda n, at: "mail" if n % 2 else "hall",
    "carer": lambda n, at: "family",
    "children": lambda n, at: str(n % 2),
    "clinic": lambda n, at: "women" if n % 2 else "county",
    "come_on": lambda n, at: (local_date(at) + timedelta(days=n + 1)).isoformat(),
    "employees": lambda n, at: str(n + 2),
    "firm_kind": lambda n, at: "company" if n % 2 else "household",
    "firm_name": lambda n, at: f"泗阳{WORDS[n % len(WORDS)]}商贸（示例）",
    "hard_kind": lambda n, at: ("age", "long", "assistance", "disability")[n % 4],
    "has_employees": lambda n, at: "true" if n % 2 else "false",
    "has_fund": lambda n, at: "true" if n % 2 else "false",
    "has_special_work": lambda n, at: "true" if n == 3 else "false",
    "hospital": lambda n, at: ("county", "women", "other")[n % 3],
    "low_income": lambda n, at: "true",
    "needs_guardian": lambda n, at: "false",
    "note_other": lambda n, at: "申请公租房",
    "note_use": lambda n, at: ("school", "rent", "other")[n % 3],
    "partner_id": lambda n, at: _number(n),
    "phone": lambda n, at: f"139{n:04}{n * 37 % 10_000:04}",
    "retire_on": lambda n, at: (local_date(at) + timedelta(days=30)).isoformat(),
    "settle_with": lambda n, at: "father" if n % 3 else "mother",
    "special_years": lambda n, at: "8",
    "trade": lambda n, at: ("massage", "online", "farming", "craft")[n % 4],
    "wants_card": lambda n, at: "true" if n % 2 else "false",
    "wants_check": lambda n, at: "true" if n % 2 else "false",
    "wants_children": lambda n, at: "true" if n % 3 == 0 else "false",
    "wants_certificate": lambda n, at: "true" if n % 4 == 1 else "false",
    "wants_fund": lambda n, at: "true" if n % 4 == 1 else "false",
    "wants_subsidy": lambda n, at: "true" if n % 2 else "false",
    "work_kind": lambda n, at: ("platform", "own", "part", "other")[n % 4],
    "work_other": lambda n, at: "短视频剪辑",
    "wants_job": lambda n, at: "true" if n % 3 == 0 else "false",
}
"""What the person of a turn says to a question; what is not here is left open."""


def filled_in(
    ref: str,
    turn: int,
    applicant: identity.Applicant,
    *,
    at: datetime,
    evidence: casework.EvidenceFile,
) -> services.Given:
    """The answers, promises and files that a person hands in with a one-thing or an item."""
    given = services.Given()
    for _ in range(TIMES):
        page = _page(ref, applicant, at, given)
        answers = {one.name: SAID[one.name](turn, at) for one in page.asked if one.name in SAID}
        sources = {one.id: one.source for one in page.materials}
        fresh = services.Given(
            answers=answers,
            agreed=frozenset(name for name, source in sources.items() if source == "commitment"),
            files={name: evidence for name, source in sources.items() if source == "upload"},
        )
        if replace(fresh, files={}) == replace(given, files={}):
            return fresh
        given = fresh
    return given


def _page(
    ref: str, applicant: identity.Applicant, at: datetime, given: services.Given
) -> services.FormPage:
    if ref in {one.ref for one in services.bundles()}:
        return services.bundle_page(ref, actor=applicant, at=at, given=given).page
    return services.application_page(ref, actor=applicant, at=at, given=given)


def _card(turn: int) -> str:
    """A number of a bank card whose last digit fits (ISO/IEC 7812), of no bank."""
    digits = f"62999900{turn:010}"
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return f"{digits}{-total % 10}"


def _number(turn: int) -> str:
    """A citizen's number of nobody in the county, whose last character fits."""
    first = f"110101{1996 + turn}0101{turn:03}"
    return first + gbt11643.check_digit(first)
