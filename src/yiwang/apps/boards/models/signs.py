"""Vital signs that left their band, and the case by which their owner was told."""

from django.db import models
from django.db.models import Q


class SignAlert(models.Model):
    """体征预警: a sign is out of its band, from the value that left it to the one that is back.

    One is open for an indicator, whatever becomes of its case: its owner is told once.
    """

    indicator = models.CharField("指标", max_length=120)
    owner = models.CharField("责任单位", max_length=64)
    case = models.CharField("办件编号", max_length=32)
    raised_at = models.DateTimeField("越界时间")
    ended_at = models.DateTimeField("恢复时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["indicator"], condition=Q(ended_at=None), name="sign_alert_one_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.raised_at:%F}"
