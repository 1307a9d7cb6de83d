"""Objections to a value, those who raised them, and the corrections that came of them.

The key of the row and the values stand here because the source cannot answer without them; they
leave these tables for the source, the data bureau and whoever objected, and for nobody else.
"""

from django.db import models
from django.db.models import Q


class Objection(models.Model):
    """异议: somebody says that one value of one row is wrong; its source answers by a clock."""

    class State(models.TextChoices):
        WAITING = "waiting", "办理中"
        CORRECTED = "corrected", "已更正"
        KEPT = "kept", "维持原值"
        WITHDRAWN = "withdrawn", "已撤回"

    number = models.CharField("异议编号", max_length=40, unique=True)  # the case's own
    table = models.CharField("数据表", max_length=120, db_index=True)
    key = models.JSONField("主键")  # column to value
    key_digest = models.CharField(max_length=64)
    column = models.CharField("字段", max_length=120)
    about = models.CharField("主体号码", max_length=18, blank=True)
    found = models.TextField("异议时的值", blank=True)
    claimed = models.TextField("主张的值")
    answered = models.TextField("来源答复的值", blank=True)
    reason = models.CharField("理由", max_length=500)
    provider = models.CharField("来源机构", max_length=60, db_index=True)
    feed = models.CharField("来源表", max_length=120, blank=True)
    feed_key = models.JSONField("来源主键", default=dict)
    feed_column = models.CharField("来源字段", max_length=120, blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    opened_at = models.DateTimeField("提出时间")
    due_at = models.DateTimeField("应办结", null=True)
    decided_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table", "key_digest", "column"],
                condition=Q(state="waiting"),
                name="objection_one_open_per_value",
            ),
            models.CheckConstraint(
                name="objection_decided_iff_not_waiting",
                condition=Q(state="waiting", decided_at=None)
                | (~Q(state="waiting") & Q(decided_at__isnull=False)),
            ),
        ]


class Objector(models.Model):
    """异议人: who raised an objection, or joined one that was open already."""

    class Source(models.TextChoices):
        CITIZEN = "citizen", "本人"
        WINDOW = "window", "窗口代提"
        ORGAN = "organ", "使用机构"
        RECONCILIATION = "reconciliation", "数据比对"

    objection = models.ForeignKey(Objection, on_delete=models.PROTECT, related_name="objectors")
    source = models.CharField("来源", max_length=15, choices=Source.choices)
    organ = models.CharField("机构", max_length=60, blank=True, db_index=True)
    subject = models.CharField("主体号码", max_length=18, blank=True, db_index=True)
    username = models.CharField("提出人", max_length=64)
    reference = models.CharField("调用或办件编号", max_length=64, blank=True)
    claimed = models.TextField("主张的值")
    reason = models.CharField("理由", max_length=500)
    at = models.DateTimeField("提出时间")


class Correction(models.Model):
    """更正: a value found wrong, carried into every collection until the source says the same."""

    objection = models.OneToOneField(Objection, on_delete=models.PROTECT, related_name="correction")
    feed = models.CharField("来源表", max_length=120, blank=True, db_index=True)
    key = models.JSONField("主键")
    column = models.CharField("字段", max_length=120, blank=True)
    value = models.TextField("更正后的值")
    decided_at = models.DateTimeField("决定时间")
    snapshot = models.CharField("最近落地的快照", max_length=80, blank=True)
    carried_at = models.DateTimeField("最近落地时间", null=True)
    settled_at = models.DateTimeField("来源一致时间", null=True)
