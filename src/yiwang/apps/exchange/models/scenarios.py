"""One scenario, one list, one approval; and the council that settles what stays in dispute."""

from django.db import models
from django.db.models import Q

from yiwang.apps.exchange.models.demands import Demand


class Scenario(models.Model):
    """场景清单: the fields that one scenario needs of many tables, judged together."""

    class State(models.TextChoices):
        WAITING = "waiting", "待审定"
        APPROVED = "approved", "已审定"
        REFUSED = "refused", "不予通过"
        WITHDRAWN = "withdrawn", "已撤回"

    number = models.CharField("清单编号", max_length=40, unique=True)  # the case's own
    organ = models.CharField("需求机构", max_length=60, db_index=True)
    title = models.CharField("场景", max_length=120)
    item = models.CharField("事项", max_length=120, blank=True)
    purpose = models.CharField("用途", max_length=200)
    basis = models.CharField("法律依据", max_length=300)
    state = models.CharField("状态", max_length=10, choices=State.choices)
    opened_by = models.CharField("提出人", max_length=64)
    opened_at = models.DateTimeField("提出时间")
    due_at = models.DateTimeField("应审定", null=True)
    decided_by = models.CharField("审定人", max_length=64, null=True)
    decided_at = models.DateTimeField("审定时间", null=True)
    reason = models.CharField("审定意见", max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="scenario_decided_iff_not_waiting",
                condition=Q(state="waiting", decided_at=None)
                | (~Q(state="waiting") & Q(decided_at__isnull=False)),
            )
        ]


class ScenarioPart(models.Model):
    """清单分项: columns of one table; once approved a demand, or one that stood already."""

    scenario = models.ForeignKey(Scenario, on_delete=models.PROTECT, related_name="parts")
    table = models.CharField("数据表", max_length=120)
    provider = models.CharField("提供机构", max_length=60)
    columns = models.JSONField("字段")
    bounds = models.JSONField("范围")
    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, null=True, related_name="parts")
    is_shared = models.BooleanField("沿用已有需求", default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scenario", "table"], name="scenario_table_once")
        ]


class Meeting(models.Model):
    """议事协调会: when the council meets, who was there, and its minutes by digest."""

    number = models.CharField("会议编号", max_length=40, unique=True)
    title = models.CharField("会议", max_length=120)
    held_at = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=120, blank=True)
    attendees = models.CharField("参加机构", max_length=500, blank=True)
    minutes = models.TextField("纪要", blank=True)
    called_by = models.CharField("召集人", max_length=64)
    called_at = models.DateTimeField("召集时间")
    closed_by = models.CharField("签发人", max_length=64, null=True)
    closed_at = models.DateTimeField("签发时间", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="meeting_closed_at_with_by",
                condition=Q(closed_at=None, closed_by=None)
                | (Q(closed_at__isnull=False, closed_by__isnull=False) & ~Q(minutes="")),
            )
        ]


class AgendaItem(models.Model):
    """议题: a demand or an objection in dispute before the council, and what was decided of it."""

    class Decision(models.TextChoices):
        WAITING = "waiting", "待议"
        SHARE = "share", "议定共享"
        REFUSE = "refuse", "议定不共享"
        CORRECT = "correct", "议定更正"
        KEEP = "keep", "议定维持原值"
        AGAIN = "again", "退回重新答复"

    demand = models.ForeignKey(Demand, on_delete=models.PROTECT, null=True, related_name="agenda")
    objection = models.CharField("异议编号", max_length=40, blank=True)
    source = models.CharField("异议的来源机构", max_length=60, blank=True)
    meeting = models.ForeignKey(Meeting, on_delete=models.PROTECT, null=True, related_name="items")
    position = models.PositiveIntegerField("次序", default=0)
    ground = models.CharField("提请理由", max_length=500)
    raised_by = models.CharField("提请人", max_length=64)
    raised_at = models.DateTimeField("提请时间")
    decision = models.CharField(
        "决定", max_length=8, choices=Decision.choices, default=Decision.WAITING
    )
    words = models.CharField("决定内容", max_length=500, blank=True)

    @property
    def number(self) -> str:
        """Of the case in dispute."""
        return self.demand.number if self.demand else self.objection

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["demand"], condition=Q(decision="waiting"), name="agenda_once_per_demand"
            ),
            models.UniqueConstraint(
                fields=["objection"],
                condition=Q(decision="waiting") & ~Q(objection=""),
                name="agenda_once_per_objection",
            ),
            models.CheckConstraint(
                name="agenda_of_a_demand_or_an_objection",
                condition=Q(demand__isnull=False, objection="")
                | (Q(demand=None) & ~Q(objection="")),
            ),
            models.CheckConstraint(
                name="agenda_decided_at_a_meeting",
                condition=Q(decision="waiting") | Q(meeting__isnull=False),
            ),
        ]
