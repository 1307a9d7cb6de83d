"""目录整改: what an organ's catalogue lacks is one case of the organ, ended when nothing lacks.

The bulletin that opened a case remembers its number, and each later one carries it on.
"""

from datetime import datetime

from yiwang.apps.casework import public as casework
from yiwang.apps.catalog.actions.rectifications import FLOW, end_case
from yiwang.apps.catalog.models import Bulletin
from yiwang.apps.catalog.queries.findings import CatalogueFindings, catalogue_findings
from yiwang.apps.identity import public as identity

MOST_NAMED = 50
_DONE = "复核：目录与最近一次扫描、归集相符，自动办结。"


def open_cases() -> dict[str, str]:
    """Organ to the number of its case, by the latest bulletin; ended ones are left out."""
    latest = Bulletin.objects.order_by("-issued_at", "-pk").first()
    numbers = {
        line["organ"]: line["catalogue"]["case"]
        for line in (latest.lines if latest else ())
        if line.get("catalogue", {}).get("case")
    }
    return {
        organ: number for organ, number in numbers.items() if not casework.standing(number).is_ended
    }


def follow_findings(organ: str, found: CatalogueFindings, *, case: str, at: datetime) -> str:
    """The organ's open case after a look: ended, carried on, or begun; empty where none is open."""
    if found.is_clean:
        if case:
            end_case(case, reason=_DONE, at=at)
        return ""
    return case or _open(organ, found, at)


def recheck(organ: str, *, at: datetime) -> None:
    """End the organ's case once a scan finds nothing more."""
    case = open_cases().get(organ, "")
    if case and organ:
        found = catalogue_findings(at=at, organ=organ)
        follow_findings(organ, found.get(organ, CatalogueFindings()), case=case, at=at)


def _open(organ: str, found: CatalogueFindings, at: datetime) -> str:
    """Begin a case at the organ; a place without that organ or flow has none."""
    known = {one.id: one for one in identity.organs()}
    if organ not in known:
        return ""
    lists = {name: one for name, one in found.lists.items() if one}
    told = "，".join(f"{name} {len(one):,} 项" for name, one in lists.items())
    try:
        case = casework.open_case(
            flow=FLOW,
            subject=f"catalogue:{organ}",
            title=f"数据目录与实有不符：{told}",
            organ=organ,
            division=known[organ].division,
            facts={
                "reason": "数据目录与实有不符",
                **{name: list(one[:MOST_NAMED]) for name, one in lists.items()},
            },
            actor="catalog",
            at=at,
        )
    except casework.FlowUnknown:
        return ""
    return case.number
