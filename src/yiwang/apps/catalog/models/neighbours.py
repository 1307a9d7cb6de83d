"""Neighbouring catalogues: who takes our entries, whose we take, and how far that has come."""

from django.db import models
from django.db.models import F, Q

from yiwang.apps.catalog.models.lists import ListEntry


class EntryTurn(models.Model):
    """变动序号: one row, the last number given to a published change of an entry."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    last = models.PositiveBigIntegerField("末号", default=0)

    class Meta:
        constraints = [models.CheckConstraint(name="entry_turn_is_one", condition=Q(id=1))]


class CatalogueNeighbour(models.Model):
    """邻目录: the catalogue of an upper level or a department, and what goes which way."""

    title = models.CharField("名称", max_length=80, unique=True)
    gives = models.BooleanField("取用我方条目")
    gives_organ = models.CharField("只给该机构的条目", max_length=60, blank=True)  # empty: all
    key_digest = models.CharField("对方密钥的摘要", max_length=64, blank=True)
    takes = models.BooleanField("我方取用其条目")
    address = models.CharField("地址", max_length=300, blank=True)
    organ = models.CharField("取来的条目归入", max_length=60, blank=True)
    cursor = models.PositiveBigIntegerField("取到", default=0)  # their turn
    set_by = models.CharField("登记人", max_length=64)
    set_at = models.DateTimeField("登记时间")
    stopped_by = models.CharField("停用人", max_length=64, blank=True)
    stopped_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["key_digest"], condition=~Q(key_digest=""), name="neighbour_key_once"
            ),
            models.CheckConstraint(
                name="neighbour_has_direction", condition=Q(gives=True) | Q(takes=True)
            ),
            models.CheckConstraint(
                name="neighbour_taken_from_somewhere",
                condition=Q(takes=False) | (~Q(address="") & ~Q(organ="")),
            ),
            models.CheckConstraint(
                name="neighbour_stopped_at_with_by",
                condition=Q(stopped_at=None, stopped_by="")
                | (Q(stopped_at__isnull=False) & ~Q(stopped_by="")),
            ),
        ]


class NeighbourEntry(models.Model):
    """对应条目: an entry of a neighbour and ours that says the same, with what both agreed on."""

    class State(models.TextChoices):
        LINKED = "linked", "已对应"
        CONFLICT = "conflict", "两边都改过"
        GONE = "gone", "对方已撤下"

    neighbour = models.ForeignKey(
        CatalogueNeighbour, on_delete=models.PROTECT, related_name="entries"
    )
    number = models.CharField("对方代码", max_length=40)
    title = models.CharField("对方名称", max_length=200)
    organ_title = models.CharField("对方机构", max_length=120, blank=True)
    version = models.PositiveIntegerField("对方版本")
    values = models.JSONField("对方内容")
    agreed = models.CharField("上次一致内容的摘要", max_length=64, blank=True)  # empty: never
    entry = models.ForeignKey(ListEntry, on_delete=models.PROTECT, related_name="+")
    state = models.CharField("状态", max_length=10, choices=State.choices)
    heard_at = models.DateTimeField("最近收到")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["neighbour", "number"], name="neighbour_entry_once"),
            models.UniqueConstraint(fields=["neighbour", "entry"], name="neighbour_entry_one_ours"),
        ]


class NeighbourPull(models.Model):
    """取用记录: one pull of a neighbour's changes; what was read is drafted, changed or else."""

    neighbour = models.ForeignKey(
        CatalogueNeighbour, on_delete=models.PROTECT, related_name="pulls"
    )
    begun_at = models.DateTimeField("开始")
    ended_at = models.DateTimeField("结束", null=True)
    read = models.PositiveIntegerField("收到", default=0)
    drafted = models.PositiveIntegerField("新草稿", default=0)
    changed = models.PositiveIntegerField("变更草稿", default=0)
    same = models.PositiveIntegerField("无须变动", default=0)
    conflicts = models.PositiveIntegerField("两边都改过", default=0)
    gone = models.PositiveIntegerField("对方撤下", default=0)
    refused = models.PositiveIntegerField("不可用", default=0)
    refusals = models.JSONField("不可用的原因", default=list)
    fault = models.CharField("故障", max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="neighbour_pull_counts",
                condition=Q(
                    read=F("drafted")
                    + F("changed")
                    + F("same")
                    + F("conflicts")
                    + F("gone")
                    + F("refused")
                ),
            ),
            models.UniqueConstraint(
                fields=["neighbour"], condition=Q(ended_at=None), name="neighbour_pull_one_open"
            ),
        ]
