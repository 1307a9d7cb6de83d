"""Quality bulletins: organs ranked by what they delivered in a period, and what they catalogued."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from yiwang.apps.catalog.actions.findings import follow_findings, open_cases
from yiwang.apps.catalog.models import Bulletin
from yiwang.apps.catalog.queries.findings import CatalogueFindings, catalogue_findings
from yiwang.apps.catalog.queries.quality import OrganScore, organ_scores
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date


def issue_bulletin(
    *, since: date, until: date, at: datetime, officer: identity.Officer | None = None
) -> str:
    """质量通报: rank the organs of a period (``until`` exclusive); returns its number.

    What an organ's catalogue lacks goes to the organ as a case.
    """
    if officer is not None:
        identity.require(officer, "catalog.bulletin")
    number = f"TB{since:%Y%m%d}-{until - timedelta(days=1):%m%d}"
    by = officer.username if officer else "system"
    with transaction.atomic():
        lines = _lines(since, until, at)
        _, is_new = Bulletin.objects.update_or_create(
            number=number,
            defaults={
                "since": since,
                "until": until,
                "issued_at": at,
                "issued_by": by,
                "lines": lines,
            },
        )
        if is_new:
            journal.record("catalog.bulletin_issued", subject=number, actor=by, at=at)
    return number


def _lines(since: date, until: date, at: datetime) -> list[dict[str, Any]]:
    """A line per organ by rank; what its catalogue lacks becomes its case, or ends it."""
    found, cases = catalogue_findings(at=at), open_cases()
    scores = organ_scores(since=since, until=until, at=at)
    others = _without_feeds(set(found) - {one.organ for one in scores})
    lines = []
    for rank, one in enumerate([*scores, *others], 1):
        lacking = found.get(one.organ, CatalogueFindings())
        case = follow_findings(one.organ, lacking, case=cases.get(one.organ, ""), at=at)
        lines.append(
            {
                "rank": rank,
                "organ": one.organ,
                "title": one.title,
                "score": None if one.score is None else str(one.score),
                "feeds": one.feeds,
                "late": one.late,
                "rejected": one.rejected,
                "open_cases": list(one.open_cases),
                "dimensions": {name: str(score) for name, score in one.dimensions.items()},
                "catalogue": _told(lacking, case),
            }
        )
    return lines


def _without_feeds(organs: Collection[str]) -> list[OrganScore]:
    """Organs that keep entries and deliver nothing: last, and without a score."""
    titles = {one.id: one.title for one in identity.organs() if one.id in organs}
    nothing: dict[str, Any] = dict.fromkeys(("feeds", "late", "rejected", "read"), 0)
    nothing |= {"score": None, "dimensions": {}, "open_cases": ()}
    return [OrganScore(organ=organ, title=titles[organ], **nothing) for organ in sorted(titles)]


def _told(found: CatalogueFindings, case: str) -> dict[str, Any]:
    return {
        "completeness": found.completeness,
        "missing": len(found.missing),
        "undeclared": len(found.undeclared),
        "gone": len(found.gone),
        "late": len(found.late),
        "case": case,
    }


def issue_last_month(at: datetime) -> None:
    """The timetable's: last month's bulletin."""
    first = local_date(at).replace(day=1)
    issue_bulletin(since=(first - timedelta(days=1)).replace(day=1), until=first, at=at)
