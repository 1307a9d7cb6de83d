"""Who may act for whom."""

from django.db import models
from django.db.models import F, Q


class Proxy(models.Model):
    """授权代办: a person lets another apply for them, for a time, until they take it back."""

    principal = models.CharField("委托人", max_length=64)
    principal_kind = models.CharField("委托人类型", max_length=6)
    principal_name = models.CharField("委托人姓名", max_length=64)
    agent = models.CharField("代办人", max_length=64)
    reason = models.CharField("事由", max_length=200)
    active_from = models.DateField("起始日")
    active_until = models.DateField("终止日")
    """The first day on which it no longer holds."""
    given_at = models.DateTimeField("授权时间")
    ended_at = models.DateTimeField("收回时间", null=True)
    uses = models.PositiveIntegerField("使用次数", default=0)
    last_used_at = models.DateTimeField("最近使用", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="proxy_period", condition=Q(active_from__lt=F("active_until"))
            ),
            models.CheckConstraint(name="proxy_for_another", condition=~Q(principal=F("agent"))),
        ]
        indexes = [models.Index(fields=["agent"], name="proxy_by_agent")]

    def __str__(self) -> str:
        return str(self.pk)
