"""What an organ is told about data it used, and to which tables it has subscribed."""

from django.db import models
from django.db.models import F, Q

from yiwang.apps.exchange.models.grants import Grant


class Notice(models.Model):
    """用数通知: something happened to data that an organ uses; it holds no personal value."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", "数据更正"
        SNAPSHOT = "snapshot", "数据更新"
        RENEWAL = "renewal", "授权将到期"
        WITHDRAWAL = "withdrawal", "授权撤回"

    organ = models.CharField("机构", max_length=60)
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    table = models.CharField("数据表", max_length=120, blank=True)
    column = models.CharField("字段", max_length=120, blank=True)
    reference = models.CharField("编号", max_length=80)  # objection, grant, snapshot
    calls = models.JSONField("涉及的调用", default=list)
    text = models.CharField("内容", max_length=500)
    at = models.DateTimeField("时间")
    read_at = models.DateTimeField("阅知时间", null=True)
    read_by = models.CharField("阅知人", max_length=64, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organ", "kind", "table", "reference"], name="notice_once"
            ),
            models.CheckConstraint(
                name="notice_read_at_with_by",
                condition=Q(read_at=None, read_by=None)
                | Q(read_at__isnull=False, read_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["organ", "at"], name="notice_by_organ_at")]


class Subscription(models.Model):
    """数据订阅: tell the user of a grant whenever the table has a new snapshot."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="subscriptions")
    snapshot = models.CharField("最近告知的快照", max_length=80, blank=True)
    begun_by = models.CharField("订阅人", max_length=64)
    begun_at = models.DateTimeField("订阅时间")
    ended_by = models.CharField("退订人", max_length=64, null=True)
    ended_at = models.DateTimeField("退订时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["grant"], condition=Q(ended_at=None), name="subscription_once"
            ),
            models.CheckConstraint(
                name="subscription_ended_at_with_by",
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False, ended_at__gte=F("begun_at")),
            ),
        ]
