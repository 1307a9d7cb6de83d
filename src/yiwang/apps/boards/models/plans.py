"""A plan as a ledger: what was promised, who answers for it, by when, and what was asked since."""

from django.db import models
from django.db.models import Q


class State(models.TextChoices):
    """How far an entry is: read from the text, confirmed by a person, or dropped with a reason."""

    PROPOSED = "proposed", "待确认"
    CONFIRMED = "confirmed", "已确认"
    DROPPED = "dropped", "不列入"


class Plan(models.Model):
    """规划方案: an official plan whose text was read into tasks and targets."""

    title = models.CharField("名称", max_length=200)
    number = models.CharField("文号", max_length=60, blank=True)
    issued_on = models.DateField("印发日期", null=True)
    digest = models.CharField("正文摘要", max_length=64, unique=True)
    text = models.TextField("正文")
    doubts = models.JSONField("存疑", default=list)
    default_helpers = models.JSONField("默认配合单位", default=list)
    read_at = models.DateTimeField("导入时间")
    read_by = models.CharField("导入人", max_length=64)

    def __str__(self) -> str:
        return self.title


class PlanTask(models.Model):
    """规划任务: one thing somebody answers for; the plan's words and who confirmed them."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="tasks")
    position = models.PositiveSmallIntegerField("序号")
    number = models.CharField("编号", max_length=24)
    title = models.CharField("任务", max_length=200)
    chapter = models.CharField("章", max_length=200)
    section = models.CharField("节", max_length=200, blank=True)
    text = models.TextField("内容")
    milestones = models.JSONField("阶段目标", default=list)
    due_on = models.DateField("完成期限", null=True)
    capabilities = models.JSONField("对应能力", default=list)
    """Ids of the list of capabilities that this task asks for; through them packs prove it."""
    is_doubtful = models.BooleanField("存疑", default=False)
    state = models.CharField("状态", max_length=10, choices=State, default=State.PROPOSED)
    decided_at = models.DateTimeField("确认时间", null=True)
    decided_by = models.CharField("确认人", max_length=64, blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)

    class Meta:
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="plan_task_number_once"),
            models.CheckConstraint(
                name="plan_task_decided_by_somebody",
                condition=Q(state="proposed", decided_at=None, decided_by="")
                | (~Q(state="proposed") & Q(decided_at__isnull=False) & ~Q(decided_by="")),
            ),
            models.CheckConstraint(
                name="plan_task_dropped_with_reason",
                condition=~Q(state="dropped") | ~Q(reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class TaskOrgan(models.Model):
    """任务单位: an organ that leads or helps, in the plan's words, and which organ that is here."""

    task = models.ForeignKey(PlanTask, on_delete=models.CASCADE, related_name="organs")
    part = models.CharField("分工", max_length=8, choices=[("lead", "牵头"), ("help", "配合")])
    words = models.CharField("文件用语", max_length=120)
    organ = models.CharField("机构", max_length=60, blank=True)
    """Empty where the words name a group (各有关部门) or no single organ of the place."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["task", "part", "words"], name="task_organ_once")
        ]


class PlanTarget(models.Model):
    """量化目标: a number the plan sets, and the indicator that measures it."""

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="targets")
    position = models.PositiveSmallIntegerField("序号")
    task_number = models.CharField("任务编号", max_length=24, blank=True)
    value = models.DecimalField("数值", max_digits=18, decimal_places=4)
    unit = models.CharField("单位", max_length=12)
    bound = models.CharField("要求", max_length=8)
    words = models.CharField("原文", max_length=300)
    due_on = models.DateField("期限", null=True)
    capability = models.CharField("对应目标", max_length=12, blank=True)
    """The id of the target in the list of capabilities (``T-04``)."""
    state = models.CharField("状态", max_length=10, choices=State, default=State.PROPOSED)
    decided_at = models.DateTimeField("确认时间", null=True)
    decided_by = models.CharField("确认人", max_length=64, blank=True)
    reason = models.CharField("理由", max_length=500, blank=True)

    class Meta:
        ordering = ["plan", "position"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "position"], name="plan_target_position_once"),
            models.CheckConstraint(
                name="plan_target_decided_by_somebody",
                condition=Q(state="proposed", decided_at=None, decided_by="")
                | (~Q(state="proposed") & Q(decided_at__isnull=False) & ~Q(decided_by="")),
            ),
            models.CheckConstraint(
                name="plan_target_dropped_with_reason",
                condition=~Q(state="dropped") | ~Q(reason=""),
            ),
        ]


class Notice(models.Model):
    """督办通知: a task of a plan asked after; the asking and the answer are a case."""

    task = models.ForeignKey(PlanTask, on_delete=models.PROTECT, related_name="notices")
    organ = models.CharField("督办对象", max_length=60)
    case = models.CharField("办件编号", max_length=32, unique=True)
    sent_at = models.DateTimeField("发出时间")
    sent_by = models.CharField("发出人", max_length=64)
