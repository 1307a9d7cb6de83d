"""What several facts of the catalogue promise the database: grades and periods."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q

GRADE_1_TO_4 = Q(grade__gte=1, grade__lte=4)


def period(name: str) -> models.CheckConstraint:
    """A period ends after it begins, if it ends."""
    return models.CheckConstraint(
        name=name, condition=Q(active_until=None) | Q(active_until__gt=F("active_from"))
    )


def in_force(at: datetime, path: str = "") -> Q:
    """Rows whose validity holds ``at``; ``path`` leads to them from another model."""
    begun, ended = Q(**{f"{path}active_from__lte": at}), Q(**{f"{path}active_until__gt": at})
    return begun & (Q(**{f"{path}active_until": None}) | ended)
