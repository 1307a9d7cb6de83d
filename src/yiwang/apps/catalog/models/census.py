"""Campaigns that ask every organ what it has, their answers, imports, nil returns, reminders."""

from django.db import models
from django.db.models import F, Q


class Campaign(models.Model):
    """普查任务: which organs are asked for which lists, until when."""

    number = models.CharField("编号", max_length=32, unique=True)
    title = models.CharField("名称", max_length=200)
    lists = models.JSONField("清单")
    organs = models.JSONField("对象")
    due_on = models.DateField("截止日")
    opened_at = models.DateTimeField("发起时间")
    opened_by = models.CharField("发起人", max_length=64)
    closed_at = models.DateTimeField("结束时间", null=True)
    closed_by = models.CharField("结束人", max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="campaign_closed_at_with_by",
                condition=Q(closed_at=None, closed_by="")
                | (Q(closed_at__isnull=False) & ~Q(closed_by="")),
            ),
        ]


class CensusImport(models.Model):
    """普查导入: one workbook of answers; its wrong rows are kept with their reasons."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="imports")
    organ = models.CharField("机构", max_length=60)
    list = models.CharField("清单", max_length=10)
    file = models.CharField("文件", max_length=200)
    read = models.PositiveIntegerField("读取")
    accepted = models.PositiveIntegerField("收录")
    rejected = models.PositiveIntegerField("退回")
    rejects = models.JSONField("退回行")  # line, cells, reasons
    taken_at = models.DateTimeField("时间")
    taken_by = models.CharField("导入人", max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="census_import_balances",
                condition=Q(read=F("accepted") + F("rejected")),
            ),
        ]


class CensusAnswer(models.Model):
    """普查答卷: one thing that an organ says it has or needs; accepted, it is a draft entry."""

    class State(models.TextChoices):
        GIVEN = "given", "待核"
        ACCEPTED = "accepted", "已采纳"
        RETURNED = "returned", "已退回"

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="answers")
    organ = models.CharField("机构", max_length=60)
    list = models.CharField("清单", max_length=10)
    title = models.CharField("名称", max_length=200)
    values = models.JSONField("内容")
    state = models.CharField("状态", max_length=10, choices=State.choices, default="given")
    note = models.CharField("意见", max_length=500, blank=True)
    source = models.ForeignKey(
        CensusImport, on_delete=models.PROTECT, null=True, related_name="answers"
    )
    entry = models.CharField("清单条目", max_length=40, blank=True)
    given_at = models.DateTimeField("填报时间")
    given_by = models.CharField("填报人", max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "organ", "list", "title"],
                condition=~Q(state="returned"),
                name="census_answer_once",
            ),
            models.CheckConstraint(
                name="census_answer_accepted_with_entry",
                condition=~Q(state="accepted") | ~Q(entry=""),
            ),
        ]


class NilReturn(models.Model):
    """零报告: an organ says, with a reason, that it has nothing for a list."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="nils")
    organ = models.CharField("机构", max_length=60)
    list = models.CharField("清单", max_length=10)
    reason = models.CharField("说明", max_length=300)
    given_at = models.DateTimeField("时间")
    given_by = models.CharField("填报人", max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "organ", "list"], name="nil_return_once")
        ]


class CensusReminder(models.Model):
    """催报: an organ was told that its answers are missing."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="reminders")
    organ = models.CharField("机构", max_length=60)
    lists = models.JSONField("未报清单")
    sent_at = models.DateTimeField("时间")
    sent_by = models.CharField("催报人", max_length=64)
