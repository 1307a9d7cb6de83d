"""Datasets by `pack.thing`, their columns and where these come from; closed, not deleted."""

from django.db import models
from django.db.models import Q

from yiwang.apps.catalog.models.periods import GRADE_1_TO_4, period


class Dataset(models.Model):
    """数据资源: a table that an organ provides, as it arrives (feed) or is shared (table)."""

    class Kind(models.TextChoices):
        FEED = "feed", "归集表"
        TABLE = "table", "共享表"
        PLATFORM = "platform", "平台表"

    ref = models.CharField("编号", max_length=120, unique=True)  # pack.table, never reused
    pack = models.CharField("场景包", max_length=60)
    kind = models.CharField("类别", max_length=10, choices=Kind.choices)
    title = models.CharField("名称", max_length=200)
    organ = models.CharField("提供机构", max_length=60, db_index=True)
    grain = models.CharField("粒度", max_length=200, blank=True)
    key = models.JSONField("主键", default=list)
    cycle = models.CharField("更新周期", max_length=20, blank=True)  # ISO 8601 duration
    share = models.CharField("共享属性", max_length=15)
    open = models.CharField("开放属性", max_length=15)
    subject = models.CharField("主体", max_length=10, blank=True)  # person, firm or empty
    grade = models.PositiveSmallIntegerField("级别")  # the highest of its columns
    description = models.TextField("说明", blank=True)
    quality = models.JSONField("质量规则", default=list)  # id, title, dimension, otherwise
    folded = models.TextField("检索文本")
    sampled_at = models.DateTimeField("最近抽样", null=True)  # for columns graded too low
    active_from = models.DateTimeField()
    active_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="dataset_grade_1_to_4", condition=GRADE_1_TO_4),
            period("dataset_period"),
        ]


class DatasetColumn(models.Model):
    """数据项: one column with its standard element, category, grade and the reason of it."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="columns")
    name = models.CharField("字段", max_length=120)
    position = models.PositiveIntegerField("次序")
    title = models.CharField("名称", max_length=200)
    type = models.CharField("类型", max_length=10)
    element = models.CharField("数据元", max_length=60, blank=True)
    codes = models.CharField("代码表", max_length=120, blank=True)
    category = models.CharField("类别", max_length=60, blank=True)
    grade = models.PositiveSmallIntegerField("级别")
    grade_reason = models.CharField("定级理由", max_length=300)
    grade_clause = models.CharField("定级依据", max_length=200)
    share = models.CharField("共享属性", max_length=15)
    open = models.CharField("开放属性", max_length=15)
    is_required = models.BooleanField("必填", default=False)
    active_from = models.DateTimeField()
    active_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["dataset"], condition=Q(active_until=None), name="column_in_force"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="column_once_per_dataset"),
            models.CheckConstraint(name="column_grade_1_to_4", condition=GRADE_1_TO_4),
            period("column_period"),
        ]


class ColumnSource(models.Model):
    """溯源: a column from which another is computed, read from the parsed SQL."""

    column = models.ForeignKey(DatasetColumn, on_delete=models.CASCADE, related_name="sources")
    source_table = models.CharField(max_length=120, db_index=True)
    source_column = models.CharField(max_length=120)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["column", "source_table", "source_column"], name="column_source_once"
            )
        ]
