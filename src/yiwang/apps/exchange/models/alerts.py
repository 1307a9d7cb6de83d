"""Alerts about how granted data is used; numbers only, never whom it was about."""

from django.db import models

from yiwang.apps.exchange.models.grants import Grant


class UseAlert(models.Model):
    """用数预警: on one day a grant was used in a way that a rule of the place calls unusual."""

    rule = models.CharField("规则", max_length=120)
    condition = models.CharField("条件", max_length=60)
    title = models.CharField("名称", max_length=200)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="alerts")
    day = models.DateField("日期")
    measured = models.JSONField("计量")
    case = models.CharField("办件编号", max_length=40, unique=True)
    raised_at = models.DateTimeField("预警时间", db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "condition", "grant", "day"], name="use_alert_once_a_day"
            )
        ]
