"""Loads of feeds: counts that balance, and their quality."""

from django.db import models
from django.db.models import F, Q

from yiwang.apps.catalog.models.datasets import Dataset


class CollectionRun(models.Model):
    """归集批次: one load of a feed; every row read was accepted or rejected."""

    run = models.CharField("批次", max_length=80)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="runs")
    mode = models.CharField(
        "方式", max_length=10, default="whole"
    )  # whole, increment, backfill, push
    read = models.PositiveBigIntegerField("读取")
    accepted = models.PositiveBigIntegerField("入库")
    rejected = models.PositiveBigIntegerField("隔离")
    flagged = models.PositiveBigIntegerField("标记")
    by_rule = models.JSONField("各规则未通过数", default=dict)
    total = models.PositiveBigIntegerField("归集后总行数", default=0)
    snapshot = models.CharField("快照", max_length=80, blank=True)
    seconds = models.FloatField("用时")
    score = models.DecimalField("质量分", max_digits=5, decimal_places=2, null=True)
    standing = models.DecimalField("表质量分", max_digits=5, decimal_places=2, null=True)
    collected_at = models.DateTimeField("归集时间", db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "run"], name="collection_run_once"),
            models.CheckConstraint(
                name="collection_counts_balance",
                condition=Q(read=F("accepted") + F("rejected")),
            ),
            models.CheckConstraint(
                name="collection_flagged_within_accepted",
                condition=Q(flagged__lte=F("accepted")),
            ),
        ]


class DimensionScore(models.Model):
    """质量分项: one dimension of one run: rows checked, rows that failed, score and weight."""

    run = models.ForeignKey(CollectionRun, on_delete=models.CASCADE, related_name="dimensions")
    dimension = models.CharField("维度", max_length=15)
    rules = models.PositiveIntegerField("规则数")
    failed = models.PositiveBigIntegerField("未通过数")
    score = models.DecimalField("得分", max_digits=5, decimal_places=2)
    weight = models.DecimalField("权重", max_digits=4, decimal_places=3)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "dimension"], name="dimension_once_per_run"),
            models.CheckConstraint(
                name="dimension_score_0_to_100", condition=Q(score__gte=0, score__lte=100)
            ),
        ]
