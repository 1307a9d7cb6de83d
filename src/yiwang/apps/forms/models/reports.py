"""Reports that divisions fill in: what is asked, each period of it, each division's row."""

from django.db import models
from django.db.models import Q

from yiwang.apps.journal.public import OrderedJSONField


class Report(models.Model):
    """报表: a table that divisions fill in, one row each; a draft until its organ issues it."""

    class State(models.TextChoices):
        DRAFT = "draft", "草稿"
        ISSUED = "issued", "已下发"
        WITHDRAWN = "withdrawn", "已停用"

    ref = models.CharField("报表编号", max_length=120, unique=True)
    title = models.CharField("名称", max_length=120)
    organ = models.CharField("下发机构", max_length=60)
    period = models.CharField("周期", max_length=8)
    origin = models.CharField("来自", max_length=8, default="page")
    content = OrderedJSONField("内容")
    template = models.BinaryField("原模板", null=True, editable=False)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.DRAFT)
    created_at = models.DateTimeField("建立时间")
    created_by = models.CharField("建立人", max_length=64)
    issued_at = models.DateTimeField("下发时间", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="report_period_known",
                condition=Q(period__in=["once", "month", "quarter", "year"]),
            ),
            models.CheckConstraint(
                name="report_origin_known", condition=Q(origin__in=["pack", "page", "workbook"])
            ),
            models.CheckConstraint(
                name="report_issued_at_unless_draft",
                condition=Q(state="draft", issued_at=None)
                | (~Q(state="draft") & Q(issued_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class ReportRound(models.Model):
    """一期报表: a report for one period, with its content as it was then and its sources."""

    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="rounds")
    label = models.CharField("期次", max_length=12)
    content = OrderedJSONField("内容")
    sources = models.JSONField("取数快照", default=dict)
    opened_at = models.DateTimeField("开始时间")
    due_at = models.DateTimeField("截止时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "label"], name="report_round_once"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.label}"


class ReportRow(models.Model):
    """一行: what one division reports in one round. ``version`` tells two hands apart."""

    round = models.ForeignKey(ReportRound, on_delete=models.CASCADE, related_name="rows")
    division = models.CharField("区划", max_length=20)
    known = models.JSONField("取来的值", default=dict)
    origins = models.JSONField("取自填报的来源", default=dict)
    answers = models.JSONField("填报的值", default=dict)
    asked = models.PositiveIntegerField("要填的格子数")
    version = models.PositiveIntegerField("版本", default=1)
    filled_at = models.DateTimeField("填报时间", null=True)
    filled_by = models.CharField("填报人", max_length=64, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "division"], name="report_row_once"),
            models.CheckConstraint(
                name="report_row_filled_at_with_by",
                condition=Q(filled_at=None, filled_by=None)
                | Q(filled_at__isnull=False, filled_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["division", "filled_at"], name="report_row_waiting")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.division}"


class RosterEntry(models.Model):
    """名册中的一条: a person or an object of a division's list, known from its source or added."""

    row = models.ForeignKey(ReportRow, on_delete=models.CASCADE, related_name="entries")
    key = models.CharField("主键", max_length=64)
    known = models.JSONField("取来的值", default=dict)
    origins = models.JSONField("取自填报的来源", default=dict)
    answers = models.JSONField("填报的值", default=dict)
    is_added = models.BooleanField("本地新增", default=False)
    proposal = models.CharField("增补核实办件", max_length=40, blank=True, default="")
    struck_reason = models.CharField("剔除原因", max_length=200, blank=True, default="")
    struck_at = models.DateTimeField("剔除时间", null=True)
    struck_by = models.CharField("剔除人", max_length=64, null=True)
    version = models.PositiveIntegerField("版本", default=1)
    filled_at = models.DateTimeField("填报时间", null=True)
    filled_by = models.CharField("填报人", max_length=64, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["row", "key"], name="roster_entry_once"),
            models.CheckConstraint(
                name="roster_entry_struck_with_reason",
                condition=Q(struck_at=None, struck_by=None, struck_reason="")
                | (Q(struck_at__isnull=False, struck_by__isnull=False) & ~Q(struck_reason="")),
            ),
            models.CheckConstraint(
                name="roster_entry_filled_at_with_by",
                condition=Q(filled_at=None, filled_by=None)
                | Q(filled_at__isnull=False, filled_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.row_id} {self.pk}"


class WorkbookReturn(models.Model):
    """传回记录: a workbook that came back; its lines that were not written stay, with why."""

    round = models.ForeignKey(ReportRound, on_delete=models.CASCADE, related_name="returns")
    name = models.CharField("文件名", max_length=120)
    read = models.PositiveIntegerField("读到的行数")
    saved = models.PositiveIntegerField("写入的行数")
    unchanged = models.PositiveIntegerField("没有改动的行数")
    refused = models.JSONField("没有写入的行", default=list)
    returned_at = models.DateTimeField("传回时间")
    returned_by = models.CharField("传回人", max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="workbook_return_lines_read",
                condition=Q(read__gte=models.F("saved") + models.F("unchanged")),
            ),
        ]
        indexes = [models.Index(fields=["returned_by", "round"], name="workbook_return_own")]

    def __str__(self) -> str:
        return f"{self.round_id} {self.pk}"


class ReportedValue(models.Model):
    """填报过的值: a division's latest answer to an element, offered to every other report."""

    element = models.CharField("数据元", max_length=120)
    division = models.CharField("区划", max_length=20)
    value = models.JSONField("值")
    report = models.ForeignKey(Report, on_delete=models.PROTECT, related_name="+")
    reported_at = models.DateTimeField("填报时间")
    reported_by = models.CharField("填报人", max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["element", "division"], name="reported_value_once"),
        ]

    def __str__(self) -> str:
        return f"{self.element} {self.division}"


class ReportRefusal(models.Model):
    """拦下的栏目: a column that a report may not ask, since it is known or was asked already."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="refusals")
    field = models.CharField("栏目", max_length=120)
    other = models.CharField("已有的出处", max_length=120)
    other_title = models.CharField("已有的名称", max_length=240)
    prefill = models.CharField("改为取自", max_length=200)
    refused_at = models.DateTimeField("拦下时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["report", "field"], name="report_refusal_once"),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.field}"
