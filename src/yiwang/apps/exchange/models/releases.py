"""What is open to everybody: releases, their versions, and how often each was fetched."""

from django.db import models
from django.db.models import F, Q


class Release(models.Model):
    """开放数据集: columns of a table that an organ opens to society, or proposes to open."""

    class State(models.TextChoices):
        BLOCKED = "blocked", "未过开放检查"
        WAITING = "waiting", "待审核"
        REFUSED = "refused", "不同意开放"
        PUBLISHED = "published", "已开放"
        HELD = "held", "暂停开放"
        WITHDRAWN = "withdrawn", "已撤下"

    class Terms(models.TextChoices):
        UNCONDITIONAL = "unconditional", "无条件开放"
        CONDITIONAL = "conditional", "有条件开放"

    ident = models.CharField("标识", max_length=36, unique=True)  # sorts by time of proposal
    name = models.SlugField("名字", max_length=100, unique=True)
    title = models.CharField("名称", max_length=200)
    description = models.TextField("说明", blank=True)
    organ = models.CharField("提供机构", max_length=60, db_index=True)
    theme = models.CharField("主题", max_length=60, db_index=True)
    license = models.CharField("许可", max_length=60)
    contact = models.CharField("联系方式", max_length=200)
    cycle = models.CharField("更新周期", max_length=20, blank=True)
    division = models.CharField("覆盖区划", max_length=12, blank=True, db_index=True)
    terms = models.CharField("开放方式", max_length=15, choices=Terms.choices)
    table = models.CharField("数据表", max_length=120, db_index=True)
    columns = models.JSONField("字段")  # name, title, type, codes, coarse, role
    leaves_out = models.BooleanField("不开放小组", default=False)
    state = models.CharField("状态", max_length=10, choices=State.choices, db_index=True)
    measured = models.JSONField("测量", default=dict)  # rows, k, threshold, below, refusals, blame
    case = models.CharField("办件编号", max_length=40, blank=True)
    proposed_by = models.CharField(max_length=64)
    proposed_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64, null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField("意见", max_length=500, blank=True)
    published_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True, db_index=True)
    changed_at = models.DateTimeField(
        "变更时间", unique=True
    )  # each change has an instant of its own
    version = models.PositiveIntegerField("版本", default=0)
    rows = models.PositiveBigIntegerField("行数", default=0)
    score = models.DecimalField("质量分", max_digits=5, decimal_places=2, null=True)
    downloads = models.PositiveBigIntegerField("下载次数", default=0)
    folded = models.TextField("检索文本")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="release_decided_at_with_by",
                condition=Q(decided_at=None, decided_by=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="release_decided_by_another",
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
            ),
            models.CheckConstraint(
                name="release_published_has_version",
                condition=~Q(state="published") | Q(version__gt=0, published_at__isnull=False),
            ),
            models.CheckConstraint(
                name="release_withdrawn_at_iff_withdrawn",
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | (~Q(state="withdrawn") & Q(withdrawn_at=None)),
            ),
        ]


class ReleaseKeyword(models.Model):
    """关键词: a word under which a release is found, once per release."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="keywords")
    word = models.CharField(max_length=40, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "word"], name="release_keyword_once")
        ]


class ReleaseVersion(models.Model):
    """开放版本: the files of one snapshot; a later snapshot makes the next."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField("版本")
    snapshot = models.CharField("快照", max_length=80)
    rows = models.PositiveBigIntegerField("行数")
    smallest = models.PositiveBigIntegerField("k 值")
    left_out = models.PositiveBigIntegerField("未开放行数", default=0)
    files = models.JSONField("文件")  # format → name, size, digest
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "number"], name="release_version_once")
        ]


class DownloadCount(models.Model):
    """下载次数: how often a release was fetched on a local day, by form; nobody's name."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="counts")
    day = models.DateField()
    form = models.CharField(max_length=10)
    times = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "day", "form"], name="download_count_once")
        ]
