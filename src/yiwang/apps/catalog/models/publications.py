"""Publications of shared tables, and by what they are looked up."""

from django.db import models

from yiwang.apps.catalog.models.datasets import Dataset


class PublishedTable(models.Model):
    """发布批次: one publication of a shared table: its snapshot and row count."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="publications")
    snapshot = models.CharField("快照", max_length=80)
    rows = models.PositiveBigIntegerField("行数")
    seconds = models.FloatField("用时")
    published_at = models.DateTimeField("发布时间")


class ServedColumn(models.Model):
    """查询键: a column by which somebody looks rows up, so the serving copy is indexed by it."""

    table = models.CharField("数据表", max_length=120)
    column = models.CharField("字段", max_length=120)  # empty: pages only

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["table", "column"], name="served_column_once")
        ]
