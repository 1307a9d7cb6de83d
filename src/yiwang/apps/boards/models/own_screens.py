"""Screens that the place put together itself: every version kept, one of them published."""

from django.db import models
from django.db.models import Q


class OwnScreen(models.Model):
    """自建大屏: a screen composed on the page by the organ that keeps it."""

    organ = models.CharField("所属机构", max_length=60, db_index=True)
    made_at = models.DateTimeField("建立时间")
    made_by = models.CharField("建立人", max_length=64)
    published = models.PositiveIntegerField("发布的版本", null=True)
    published_at = models.DateTimeField("发布时间", null=True)
    published_by = models.CharField("发布人", max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="own_screen_published_by_somebody",
                condition=Q(published=None, published_at=None, published_by="")
                | (Q(published__isnull=False, published_at__isnull=False) & ~Q(published_by="")),
            )
        ]


class ScreenVersion(models.Model):
    """大屏版本: what a composed screen held when it was saved; never changed afterwards."""

    screen = models.ForeignKey(OwnScreen, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField("版本")
    content = models.JSONField("内容")
    saved_at = models.DateTimeField("保存时间")
    saved_by = models.CharField("保存人", max_length=64)

    class Meta:
        ordering = ["screen", "number"]
        constraints = [
            models.UniqueConstraint(fields=["screen", "number"], name="screen_version_once")
        ]
