"""名录增补: whom a division added to its list is proposed to the organ that keeps the table.

The organ confirms at its source or says no. What it confirmed stands on the next lists too, marked
as added, until the table has it by itself: only the source changes a base library.
"""

from collections.abc import Iterable
from datetime import datetime

from yiwang.apps.casework import public as casework
from yiwang.apps.forms import place
from yiwang.apps.forms.models import ReportRow, RosterEntry
from yiwang.apps.forms.queries.proposals import ADDED, FLOW, outcomes
from yiwang.apps.identity import public as identity
from yiwang.packkit.kinds.reports import Report as Content


def propose_additions(
    row: ReportRow, content: Content, *, officer: identity.Officer, at: datetime
) -> list[str]:
    """提请增补: a case at the table's organ for each line added and not yet proposed."""
    numbers = []
    for line in row.entries.filter(is_added=True, struck_at=None, proposal=""):
        case = casework.open_case(
            flow=FLOW,
            subject=line.key if place.library().table(content.roster).subject else content.roster,
            title=f"名录增补：{content.title}",
            organ=content.organ,
            division=identity.organ(content.organ).division,
            facts=_facts(row, line, content),
            actor=officer.username,
            at=at,
        )
        line.proposal = case.number
        line.save(update_fields=["proposal"])
        numbers.append(case.number)
    return numbers


def _facts(row: ReportRow, line: RosterEntry, content: Content) -> dict[str, str]:
    """What the organ needs to find out whether it is so."""
    values = {
        one.title: str(line.answers[name])
        for name, one in content.fields.items()
        if name in line.answers and one.prefill
    }
    division = place.divisions().get(row.division).name
    return {"名册": content.title, "期次": row.round.label, "填报单位": division, **values}


def confirmed_before(
    report: int, listed: Iterable[str], content: Content
) -> list[tuple[str, RosterEntry]]:
    """(division, line) of additions to earlier lists that were confirmed and are not yet listed."""
    there = set(listed)
    lines = RosterEntry.objects.filter(row__round__report=report, is_added=True, struck_at=None)
    found = {
        line.key: line
        for line in lines.exclude(proposal="").select_related("row").order_by("pk")
        if line.key not in there
    }
    cases = outcomes(line.proposal for line in found.values())
    names = [name for name, one in content.fields.items() if one.prefill]
    confirmed = [line for line in found.values() if cases[line.proposal].step == ADDED]
    for line in confirmed:
        line.answers = {name: line.answers[name] for name in names if name in line.answers}
    return [(line.row.division, line) for line in confirmed]
