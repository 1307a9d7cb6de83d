"""What is remembered of subjects beside their tables: links of numbers, conflicts, file plans."""

from django.db import models
from django.db.models import F, Q


class FilePlan(models.Model):
    """档案方案: the purposes, events and entities files are read by; the newest row is in force."""

    content = models.JSONField("内容")
    installed_at = models.DateTimeField("启用时间")


class IdentifierLink(models.Model):
    """号码关联: a decision about two numbers, or about a source under a number; never changed.

    The latest row of the same numbers and source is in force, so every merge can be undone.
    """

    class Kind(models.TextChoices):
        SAME = "same", "同一主体"
        UNDONE = "undone", "撤销关联"
        ACCEPTED = "accepted", "来源所指确为此人"
        REFUSED = "refused", "来源所指另有其人"

    entity = models.CharField("主体库", max_length=120)
    kind = models.CharField("决定", max_length=10, choices=Kind.choices)
    stated = models.CharField("填报的号码", max_length=18, db_index=True)
    canonical = models.CharField("归入的号码", max_length=18, db_index=True)
    source = models.CharField("来源表", max_length=120, blank=True)
    reason = models.CharField("理由", max_length=300)
    decided_by = models.CharField("决定人", max_length=64)
    decided_at = models.DateTimeField("决定时间")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="link_of_two_numbers_or_a_source",
                condition=(Q(kind__in=["same", "undone"]) & ~Q(stated=F("canonical")))
                | (Q(kind__in=["accepted", "refused"], stated=F("canonical")) & ~Q(source="")),
            ),
            models.CheckConstraint(name="link_has_a_reason", condition=~Q(reason="")),
        ]


class Conflict(models.Model):
    """来源不一致: a source that states another value than the authoritative one, while it does."""

    class Kind(models.TextChoices):
        DIFFERS = "differs", "与权威来源不一致"
        APART = "apart", "疑似一号多人"
        AFTER_END = "after_end", "终止后仍有记录"

    entity = models.CharField("主体库", max_length=120)
    item = models.CharField("数据项", max_length=60)
    subject = models.CharField("主体", max_length=18, db_index=True)
    kind = models.CharField("类型", max_length=10, choices=Kind.choices)
    source = models.CharField("来源表", max_length=120)
    organ = models.CharField("来源机构", max_length=60, db_index=True)
    value = models.CharField("来源的值", max_length=300)
    authority = models.CharField("权威来源表", max_length=120)
    authority_organ = models.CharField("权威来源机构", max_length=60)
    authority_value = models.CharField("权威来源的值", max_length=300)
    first_seen_at = models.DateTimeField("首次发现")
    last_seen_at = models.DateTimeField("最近发现")
    closed_at = models.DateTimeField("消除时间", null=True)
    objection = models.CharField("异议办件", max_length=32, blank=True, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entity", "item", "subject", "source", "kind"],
                condition=Q(closed_at=None),
                name="conflict_open_once",
            ),
            models.CheckConstraint(
                name="conflict_seen_in_order", condition=Q(last_seen_at__gte=F("first_seen_at"))
            ),
        ]
        indexes = [models.Index(fields=["entity", "item", "closed_at"], name="conflict_by_item")]


class Reconciliation(models.Model):
    """比对批次: one comparison of all sources with the authoritative ones, and what it found."""

    entity = models.CharField("主体库", max_length=120)
    snapshot = models.CharField("快照", max_length=80)
    opened = models.PositiveIntegerField("新发现")
    closed = models.PositiveIntegerField("已消除")
    standing = models.PositiveIntegerField("未消除")
    objections = models.PositiveIntegerField("提出异议")
    seconds = models.FloatField("用时")
    reconciled_at = models.DateTimeField("比对时间")
