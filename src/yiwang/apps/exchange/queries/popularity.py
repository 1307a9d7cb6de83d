"""How much what is on the shelf is used: grants in force and answered calls."""

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count

from yiwang.apps.exchange.models import CallRecord, Grant


@dataclass(frozen=True)
class Popularity:
    """Organs with a grant in force, and calls that were answered."""

    organs: int
    calls: int


def uses_of_tables() -> dict[str, Popularity]:
    """Every granted table with its users and calls; counts only, for everybody who may browse."""
    calls = dict(
        CallRecord.objects.filter(code="allowed")
        .values_list("table")
        .annotate(n=Count("pk"))
        .order_by()
    )
    grants = Grant.objects.filter(withdrawn_at=None).values_list("table")
    users = dict(grants.annotate(n=Count("organ", distinct=True)).order_by())
    return {
        table: Popularity(users.get(table, 0), calls.get(table, 0))
        for table in calls.keys() | users.keys()
    }


def uses_of_columns(table: str) -> dict[str, int]:
    """How many organs may read each column of a table now."""
    found: Counter[str] = Counter()
    seen = set()
    for organ, columns in Grant.objects.filter(table=table, withdrawn_at=None).values_list(
        "organ", "columns"
    ):
        for column in columns:
            if (organ, column) not in seen:
                seen.add((organ, column))
                found[column] += 1
    return dict(found)
