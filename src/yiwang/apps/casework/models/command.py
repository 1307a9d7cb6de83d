"""Command: who is on duty, what the shift noted, plans that are on, minutes."""

from django.db import models
from django.db.models import F, Q

from yiwang.apps.casework.models.cases import Case


class DutyShift(models.Model):
    """值班: an officer is on duty for an organ from one hour to another."""

    class Part(models.TextChoices):
        LEADER = "leader", "带班领导"
        DUTY = "duty", "值班员"
        RESERVE = "reserve", "备勤"

    organ = models.CharField("部门", max_length=64)
    officer = models.CharField("人员", max_length=64)
    part = models.CharField("职责", max_length=8, choices=Part)
    begins_at = models.DateTimeField("起")
    ends_at = models.DateTimeField("止")
    planned_by = models.CharField("排班人", max_length=64)
    accepted_at = models.DateTimeField("接班时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organ", "officer", "begins_at"], name="duty_shift_once"
            ),
            models.CheckConstraint(
                name="duty_shift_period", condition=Q(ends_at__gt=F("begins_at"))
            ),
        ]
        indexes = [models.Index(fields=["organ", "begins_at"], name="duty_shift_by_organ")]


class ShiftLine(models.Model):
    """值班日志: what a shift noted; never changed, a correction is a further line."""

    organ = models.CharField("部门", max_length=64)
    at = models.DateTimeField("时间")
    by = models.CharField("记录人", max_length=64)
    text = models.CharField("内容", max_length=1000)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+", null=True)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        indexes = [models.Index(fields=["organ", "-id"], name="shift_line_by_organ")]


class PlanSwitch(models.Model):
    """预案启动: a plan is on at a level, from one moment until another; one level at a time."""

    plan = models.CharField("预案", max_length=120)
    level = models.CharField("级别", max_length=16)
    title = models.CharField("名称", max_length=120)
    limits = models.JSONField("时限", default=dict)
    """``pack.flow.step`` to the limit, as the plan said when it was switched on."""
    roles = models.JSONField("角色", default=dict)
    screen = models.CharField("大屏", max_length=120, blank=True)
    organ = models.CharField("部门", max_length=64)
    on_at = models.DateTimeField("启动时间")
    on_by = models.CharField("启动人", max_length=64)
    reason = models.CharField("启动理由", max_length=500)
    off_at = models.DateTimeField("终止时间", null=True)
    off_by = models.CharField("终止人", max_length=64, blank=True)
    off_reason = models.CharField("终止理由", max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=Q(off_at=None), name="plan_on_once"),
            models.CheckConstraint(
                name="plan_off_at_with_by",
                condition=Q(off_at=None, off_by="") | (Q(off_at__isnull=False) & ~Q(off_by="")),
            ),
        ]
        indexes = [models.Index(fields=["on_at", "off_at"], name="plan_switch_by_time")]


class Minutes(models.Model):
    """会商纪要: who consulted about an incident or under a plan, and what was said."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="minutes", null=True)
    switch = models.ForeignKey(
        PlanSwitch, on_delete=models.PROTECT, related_name="minutes", null=True
    )
    organ = models.CharField("部门", max_length=64)
    at = models.DateTimeField("会商时间")
    chair = models.CharField("主持", max_length=64)
    attendees = models.CharField("参加", max_length=500)
    text = models.TextField("内容")
    recorded_at = models.DateTimeField("记录时间")
    recorded_by = models.CharField("记录人", max_length=64)
