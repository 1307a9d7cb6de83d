"""Entries of the catalogue, by `pack.thing`; one that disappears is closed, not deleted."""

from django.db import models
from django.db.models import F, Q

_GRADE = Q(grade__gte=1, grade__lte=4)


def _period(name: str) -> models.CheckConstraint:
    """A period ends after it begins, if it ends."""
    return models.CheckConstraint(
        name=name, condition=Q(active_until=None) | Q(active_until__gt=F("active_from"))
    )


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
    active_from = models.DateTimeField()
    active_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="dataset_grade_1_to_4", condition=_GRADE),
            _period("dataset_period"),
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
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name"], name="column_once_per_dataset"),
            models.CheckConstraint(name="column_grade_1_to_4", condition=_GRADE),
            _period("column_period"),
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


class Register(models.Model):
    """名录: a typed list that packs bring (code tables, devices, divisions)."""

    ref = models.CharField("编号", max_length=120, unique=True)
    title = models.CharField("名称", max_length=200)
    organ = models.CharField("管理机构", max_length=60)
    key = models.CharField("主键", max_length=60)
    columns = models.JSONField("数据项")  # name to title
    source = models.CharField("来源", max_length=300)
    is_example = models.BooleanField("示例", default=False)


class RegisterEntry(models.Model):
    """名录条目: one entry with its validity; a changed one is closed and followed by a new."""

    register = models.ForeignKey(Register, on_delete=models.CASCADE, related_name="entries")
    key = models.CharField(max_length=120)
    values = models.JSONField()
    active_from = models.DateTimeField()
    active_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["register", "key"],
                condition=Q(active_until=None),
                name="register_entry_one_in_force",
            ),
            _period("register_entry_period"),
        ]


class CollectionRun(models.Model):
    """归集批次: one load of a feed; every row read was accepted or rejected."""

    run = models.CharField("批次", max_length=80)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="runs")
    read = models.PositiveBigIntegerField("读取")
    accepted = models.PositiveBigIntegerField("入库")
    rejected = models.PositiveBigIntegerField("隔离")
    flagged = models.PositiveBigIntegerField("标记")
    by_rule = models.JSONField("各规则未通过数", default=dict)
    snapshot = models.CharField("快照", max_length=80, blank=True)
    seconds = models.FloatField("用时")
    score = models.DecimalField("质量分", max_digits=5, decimal_places=2, null=True)
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
