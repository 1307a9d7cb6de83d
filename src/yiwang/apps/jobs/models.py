"""What jobs remember: each job with its lease and progress, and what the timetable last began."""

from django.db import models
from django.db.models import F, Q


class Job(models.Model):
    """后台作业: one piece of long work, from the asking to its end."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待"
        RUNNING = "running", "进行中"
        DONE = "done", "完成"
        FAILED = "failed", "失败"
        STOPPED = "stopped", "已停止"

    number = models.BigAutoField("作业号", primary_key=True)
    kind = models.CharField("种类", max_length=80)
    about = models.CharField("对象", max_length=200, blank=True)
    params = models.JSONField("参数", default=dict)
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.WAITING)
    asked_by = models.CharField("提出人", max_length=64)
    asked_at = models.DateTimeField("提出时间")
    due_at = models.DateTimeField("应办时间")
    begun_at = models.DateTimeField("开始时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    leased_by = models.CharField("执行进程", max_length=120, blank=True)
    leased_until = models.DateTimeField("占用至", null=True)
    tries = models.PositiveIntegerField("执行次数", default=0)
    done = models.BigIntegerField("已办", default=0)
    total = models.BigIntegerField("总量", default=0)
    note = models.CharField("进展", max_length=500, blank=True)
    saved = models.JSONField("续办状态", null=True)
    result = models.JSONField("结果", null=True)
    error = models.CharField("失败原因", max_length=2000, blank=True)
    stop_by = models.CharField("要求停止的人", max_length=64, blank=True)
    stop_at = models.DateTimeField("要求停止的时间", null=True)

    class Meta:
        ordering = ["-number"]
        indexes = [models.Index(fields=["state", "due_at"], name="jobs_state_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "about"], condition=Q(state="waiting"), name="jobs_waiting_once"
            ),
            models.UniqueConstraint(
                fields=["kind", "about"], condition=Q(state="running"), name="jobs_running_once"
            ),
            models.CheckConstraint(
                name="jobs_lease_iff_running",
                condition=Q(state="running", leased_until__isnull=False)
                | (~Q(state="running") & Q(leased_until=None)),
            ),
            models.CheckConstraint(
                name="jobs_ended_iff_over",
                condition=Q(state__in=["waiting", "running"], ended_at=None)
                | Q(state__in=["done", "failed", "stopped"], ended_at__isnull=False),
            ),
            models.CheckConstraint(
                name="jobs_done_within_total", condition=Q(total=0) | Q(done__lte=F("total"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.kind} {self.about}"


class TimetableMark(models.Model):
    """定时任务: up to which due time an entry of the timetable was begun."""

    name = models.CharField("名称", max_length=80, primary_key=True)
    due_at = models.DateTimeField("最近应办时间")
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")

    def __str__(self) -> str:
        return f"{self.name} {self.due_at:%Y-%m-%d %H:%M}"


class Probe(models.Model):
    """可用性探测: whether the platform answered in one minute; none counts as not."""

    minute = models.DateTimeField("时刻", primary_key=True)
    is_up = models.BooleanField("可用")
    millis = models.PositiveIntegerField("应答毫秒")
    note = models.CharField("说明", max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.minute:%Y-%m-%d %H:%M} {self.is_up}"
