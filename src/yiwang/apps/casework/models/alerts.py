"""Alerts about conduct, of staff or of users of granted data: counts, never about whom."""

from django.db import models


class RuleAlert(models.Model):
    """规则预警: on one day a condition of the place's rules was met by what is watched.

    ``object`` is what is watched: an officer's account, the number of a grant.
    """

    rule = models.CharField("规则", max_length=120)
    condition = models.CharField("条件", max_length=60)
    title = models.CharField("名称", max_length=200)
    object = models.CharField("对象", max_length=120)
    organ = models.CharField("所属机构", max_length=64)
    day = models.DateField("日期")
    measured = models.JSONField("计量")
    check_text = models.CharField("判断", max_length=500, blank=True)
    """The condition as it was in force, in the expression language."""
    values = models.JSONField("规则数值", default=dict)
    """The parameters that it names, as they were in force."""
    basis = models.CharField("依据", max_length=300, blank=True)
    case = models.CharField("办件编号", max_length=40, unique=True)
    raised_at = models.DateTimeField("预警时间", db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "condition", "object", "day"], name="rule_alert_once_a_day"
            )
        ]
