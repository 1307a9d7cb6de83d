"""Values of indicators with all that is needed to compute them again."""

from django.db import models
from django.db.models import F, Q


class IndicatorSnapshot(models.Model):
    """指标快照: an indicator's value at an instant, its definition and the tables it was read from.

    ``sources`` maps each table read to its lake snapshot, so the same definition over the same
    snapshots gives the same rows, however much later.
    """

    indicator = models.CharField("指标", max_length=120, db_index=True)
    taken_at = models.DateTimeField("取数时间")
    definition = models.JSONField("当时的定义")
    sources = models.JSONField("来源快照")
    numerator = models.DecimalField("分子", max_digits=24, decimal_places=6)
    denominator = models.DecimalField("分母", max_digits=24, decimal_places=6, null=True)
    excluded = models.DecimalField("剔除", max_digits=24, decimal_places=6, default=0)
    value = models.DecimalField("指标值", max_digits=24, decimal_places=6, null=True)
    is_met = models.BooleanField("达标", null=True)
    is_near = models.BooleanField("在预警区间", null=True)
    unknown = models.CharField("无法判断的原因", max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="indicator_once_an_instant", fields=["indicator", "taken_at"]
            ),
            models.CheckConstraint(
                name="indicator_value_needs_denominator",
                condition=Q(value=None) | Q(denominator=None) | Q(denominator__gt=F("excluded")),
            ),
            models.CheckConstraint(
                name="indicator_value_or_why_not", condition=~Q(value=None) | ~Q(unknown="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.value}"
