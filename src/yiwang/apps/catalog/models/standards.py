"""Changes of data elements and code tables: proposed, their impact shown, in force from a day."""

from django.db import models
from django.db.models import Q


class StandardChange(models.Model):
    """标准变更: entries of one register that become others from a day on."""

    class State(models.TextChoices):
        PROPOSED = "proposed", "待发布"
        PUBLISHED = "published", "已发布"
        DROPPED = "dropped", "已放弃"

    number = models.CharField("编号", max_length=32, unique=True)
    register = models.CharField("名录", max_length=120, db_index=True)
    reason = models.CharField("理由", max_length=500)
    lines = models.JSONField("变更")  # [{key, before, after}], null: none
    impact = models.JSONField("影响")  # what depended on it when it was published
    effective_on = models.DateField("施行日")
    state = models.CharField("状态", max_length=10, choices=State.choices)
    proposed_at = models.DateTimeField("提出时间")
    proposed_by = models.CharField("提出人", max_length=64)
    decided_at = models.DateTimeField("决定时间", null=True)
    decided_by = models.CharField("决定人", max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="standard_change_decided_at_with_by",
                condition=Q(decided_at=None, decided_by="", state="proposed")
                | (Q(decided_at__isnull=False) & ~Q(decided_by="") & ~Q(state="proposed")),
            ),
        ]
