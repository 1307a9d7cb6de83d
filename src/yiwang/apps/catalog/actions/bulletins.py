"""Quality bulletins: organs ranked by the quality of what they delivered in a period."""

from datetime import date, datetime, timedelta

from django.db import transaction

from yiwang.apps.catalog.models import Bulletin
from yiwang.apps.catalog.queries.quality import organ_scores
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date


def issue_bulletin(
    *, since: date, until: date, at: datetime, officer: identity.Officer | None = None
) -> str:
    """质量通报: rank the organs of a period (``until`` exclusive); returns its number."""
    if officer is not None:
        identity.require(officer, "catalog.bulletin")
    number = f"TB{since:%Y%m%d}-{until - timedelta(days=1):%m%d}"
    by = officer.username if officer else "system"
    lines = [
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
        }
        for rank, one in enumerate(organ_scores(since=since, until=until, at=at), 1)
    ]
    with transaction.atomic():
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


def issue_last_month(at: datetime) -> None:
    """The timetable's: last month's bulletin."""
    first = local_date(at).replace(day=1)
    issue_bulletin(since=(first - timedelta(days=1)).replace(day=1), until=first, at=at)
