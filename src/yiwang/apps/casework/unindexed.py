"""Incidents read through the one index that a query is about, whatever else is asked.

A planner without statistics (SQLite's) takes any index with an equality before one with a range or
a join, and would read half of a million incidents because they are incidents, or open. So what is
asked beside is asked in a form that no index answers: of ``grade`` (every incident has one, no
other case has) instead of ``profile``, of ``ended_at`` instead of ``state``, of ``bare_kind``.
"""

from typing import TypeVar

from django.db.models import Model, QuerySet, Value
from django.db.models.functions import Concat

from yiwang.apps.casework.models import Case

Row = TypeVar("Row", bound=Model)


def unindexed(rows: QuerySet[Row], prefix: str = "") -> QuerySet[Row]:
    """Rows of incidents, or of what lies before an incident behind ``prefix``."""
    kind = Concat(f"{prefix}kind", Value(""))
    return rows.alias(bare_kind=kind).filter(**{f"{prefix}grade__isnull": False})


def placed(*, south: float, north: float, west: float, east: float) -> QuerySet[Case]:
    """The incidents within a rectangle."""
    return unindexed(Case.objects.filter(lat__range=(south, north), lon__range=(west, east)))
