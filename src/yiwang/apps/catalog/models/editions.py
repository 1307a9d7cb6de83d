"""The edition of the catalogue: readers keep what they read until it is another."""

from django.db import models
from django.db.models import Q


class CatalogueEdition(models.Model):
    """目录版次: one row whose mark is another after each change of datasets, columns or codes."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    mark = models.CharField("版次", max_length=40)  # drawn anew: what is rolled back never returns

    class Meta:
        constraints = [models.CheckConstraint(name="catalogue_edition_is_one", condition=Q(id=1))]
