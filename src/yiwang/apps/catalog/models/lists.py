"""Entries of the four lists, every version kept for ever, and who answers for an organ's data."""

from django.db import models
from django.db.models import F, Q

from yiwang.apps.catalog.models.periods import period


class EntrySeries(models.Model):
    """目录编码段: an organ's part of the codes, and the last number given out in it."""

    organ = models.CharField("机构", max_length=60, unique=True)
    last = models.PositiveIntegerField("末号", default=0)


class ListEntry(models.Model):
    """清单条目: one entry of a list; its published versions stand in ``versions``."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        CHECKING = "checking", "待审核"
        CHECKED = "checked", "待发布"
        PUBLISHED = "published", "已发布"
        WITHDRAWN = "withdrawn", "已撤下"

    number = models.CharField("代码", max_length=40, unique=True)
    list = models.CharField("清单", max_length=10)
    organ = models.CharField("提供机构", max_length=60)
    about = models.CharField("对应资源", max_length=200, blank=True)  # pack.table, source:table
    title = models.CharField("名称", max_length=200)
    state = models.CharField("状态", max_length=10, choices=State.choices)
    version = models.PositiveIntegerField("现行版本", default=0)  # 0: never published
    draft = models.JSONField("草稿", null=True)
    origin = models.CharField("来源", max_length=20)  # pack, person, census, scan
    note = models.CharField("审核意见", max_length=500, blank=True)
    drafted_by = models.CharField("编制人", max_length=64, blank=True)
    checked_by = models.CharField("审核人", max_length=64, blank=True)
    completeness = models.FloatField("完整度", default=0)
    touched_at = models.DateTimeField("变动时间")
    turn = models.PositiveBigIntegerField("变动序号", default=0)  # of the latest published change

    class Meta:
        indexes = [
            models.Index(fields=["list", "turn"], name="list_entry_by_turn"),
            models.Index(fields=["list", "id"], name="list_entry_newest"),
            models.Index(fields=["list", "organ", "id"], name="list_entry_by_organ"),
            models.Index(fields=["list", "state", "id"], name="list_entry_by_state"),
            models.Index(fields=["about"], name="list_entry_by_about"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["list", "about"],
                condition=~Q(about="") & ~Q(state="withdrawn"),
                name="list_entry_once_about",
            ),
            models.CheckConstraint(
                name="list_entry_known_list",
                condition=Q(list__in=["data", "demand", "sharing", "system"]),
            ),
            models.CheckConstraint(
                name="list_entry_draft_while_drafted",
                condition=Q(state__in=["published", "withdrawn"], draft=None)
                | Q(state__in=["draft", "checking", "checked"], draft__isnull=False),
            ),
            models.CheckConstraint(
                name="list_entry_published_has_version",
                condition=~Q(state="published") | Q(version__gt=0),
            ),
        ]


class ListEntryVersion(models.Model):
    """条目版本: what an entry said from a day on; never changed, never deleted."""

    entry = models.ForeignKey(ListEntry, on_delete=models.PROTECT, related_name="versions")
    version = models.PositiveIntegerField("版本")
    values = models.JSONField("内容")
    digest = models.CharField("摘要（SM3）", max_length=64)
    signature = models.CharField("签名（SM2）", max_length=128, blank=True)  # empty: from a pack
    key = models.CharField("密钥", max_length=64, blank=True)
    signed_by = models.CharField("签发人", max_length=64, blank=True)
    reason = models.CharField("变更说明", max_length=500, blank=True)
    origin = models.CharField("来源", max_length=20)
    active_from = models.DateTimeField("发布时间")
    active_until = models.DateTimeField("失效时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["entry", "version"], name="entry_version_once"),
            models.UniqueConstraint(
                fields=["entry"], condition=Q(active_until=None), name="entry_version_one_in_force"
            ),
            models.CheckConstraint(
                name="entry_version_signature_with_signer",
                condition=Q(signature="", signed_by="", key="")
                | (~Q(signature="") & ~Q(signed_by="") & ~Q(key="")),
            ),
            models.CheckConstraint(
                name="entry_version_period",
                condition=Q(active_until=None) | Q(active_until__gte=F("active_from")),
            ),
        ]


class DataDuty(models.Model):
    """数据职责: who in an organ answers for one duty of its data, for a period."""

    organ = models.CharField("机构", max_length=60, db_index=True)
    duty = models.CharField("职责", max_length=20)
    username = models.CharField("账户", max_length=64)
    post = models.CharField("岗位", max_length=120)
    set_by = models.CharField("登记人", max_length=64)
    active_from = models.DateTimeField("起")
    active_until = models.DateTimeField("止", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organ", "duty"], condition=Q(active_until=None), name="data_duty_one"
            ),
            period("data_duty_period"),
        ]


class SearchText(models.Model):
    """检索文本: what a search looks at, as ASCII tokens; its index follows by trigger."""

    kind = models.CharField("类别", max_length=10)  # dataset, entry
    key = models.CharField("编号", max_length=200)
    organ = models.CharField("机构", max_length=60)
    title_terms = models.TextField("名称词元")
    terms = models.TextField("词元")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="search_text_once")]
