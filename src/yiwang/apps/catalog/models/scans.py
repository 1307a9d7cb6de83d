"""What was found in a department's system on a day, and what was judged of it."""

from django.db import models
from django.db.models import F, Q


class SourceScan(models.Model):
    """数据源扫描: one look at the schema of a source, kept with its counts as they were."""

    source = models.CharField("数据源", max_length=60)
    organ = models.CharField("机构", max_length=60)
    kind = models.CharField("种类", max_length=10)
    found = models.PositiveIntegerField("发现表数")
    excluded = models.PositiveIntegerField("认定非资源")
    catalogued = models.PositiveIntegerField("已编目")
    columns_found = models.PositiveIntegerField("实有字段")
    columns_declared = models.PositiveIntegerField("已申报字段")
    overdue = models.PositiveIntegerField("超期未更新")
    scanned_at = models.DateTimeField("扫描时间")
    scanned_by = models.CharField("扫描人", max_length=64)

    class Meta:
        indexes = [models.Index(fields=["source", "-id"], name="source_scan_latest")]
        constraints = [
            models.CheckConstraint(
                name="source_scan_counts",
                condition=Q(found__gte=F("catalogued") + F("excluded")),
            ),
        ]


class ScannedTable(models.Model):
    """扫描所见: one table, its columns and rows as the source described them."""

    scan = models.ForeignKey(SourceScan, on_delete=models.CASCADE, related_name="tables")
    name = models.CharField("表", max_length=200)
    columns = models.JSONField("字段")  # [[name, type], …]
    rows = models.PositiveBigIntegerField("行数", null=True)
    note = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scan", "name"], name="scanned_table_once")]


class NotAResource(models.Model):
    """非资源认定: a table that is no data resource, with the reason, until somebody lifts it."""

    source = models.CharField("数据源", max_length=60)
    table = models.CharField("表", max_length=200)
    reason = models.CharField("理由", max_length=300)
    judged_at = models.DateTimeField("认定时间")
    judged_by = models.CharField("认定人", max_length=64)
    lifted_at = models.DateTimeField("撤销时间", null=True)
    lifted_by = models.CharField("撤销人", max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "table"], condition=Q(lifted_at=None), name="not_a_resource_once"
            ),
            models.CheckConstraint(
                name="not_a_resource_lifted_at_with_by",
                condition=Q(lifted_at=None, lifted_by="")
                | (Q(lifted_at__isnull=False) & ~Q(lifted_by="")),
            ),
        ]
