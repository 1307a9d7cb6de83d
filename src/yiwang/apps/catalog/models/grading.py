"""Grades beyond those that packs declare: what discovery proposes, and what officers decide."""

from django.db import models
from django.db.models import F, Q


class GradeProposal(models.Model):
    """分级建议: a column whose sampled values look more sensitive than its grade, with evidence."""

    class State(models.TextChoices):
        WAITING = "waiting", "待定"
        ACCEPTED = "accepted", "已采纳"
        REFUSED = "refused", "不采纳"

    table = models.CharField("数据表", max_length=120)
    column = models.CharField("字段", max_length=120)
    organ = models.CharField("提供机构", max_length=60, db_index=True)
    detector = models.CharField("识别器", max_length=30)
    category = models.CharField("类别", max_length=60)
    grade_now = models.PositiveSmallIntegerField("现级别")
    grade = models.PositiveSmallIntegerField("建议级别")
    clause = models.CharField("依据", max_length=200)
    sampled = models.PositiveIntegerField("抽样值数")
    hits = models.PositiveIntegerField("命中数")
    examples = models.JSONField("脱敏样例", default=list)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.WAITING)
    proposed_at = models.DateTimeField("提出时间")
    decided_by = models.CharField("决定人", max_length=64, blank=True)
    decided_at = models.DateTimeField("决定时间", null=True)
    reason = models.CharField("决定理由", max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table", "column", "detector"], name="grade_proposed_once"
            ),
            models.CheckConstraint(
                name="grade_proposal_hits_within_sample", condition=Q(hits__lte=F("sampled"))
            ),
            models.CheckConstraint(
                name="grade_proposal_decided_with_reason",
                condition=Q(state="waiting", decided_at=None)
                | (~Q(state="waiting") & Q(decided_at__isnull=False) & ~Q(reason="")),
            ),
        ]


class GradeDecision(models.Model):
    """定级决定: a column's grade raised by its organ, with reason and clause, until it is ended."""

    table = models.CharField("数据表", max_length=120)
    column = models.CharField("字段", max_length=120)
    category = models.CharField("类别", max_length=60)
    grade = models.PositiveSmallIntegerField("级别")
    reason = models.CharField("理由", max_length=300)
    clause = models.CharField("依据", max_length=200)
    decided_by = models.CharField("决定人", max_length=64)
    decided_at = models.DateTimeField("决定时间")
    ended_by = models.CharField("撤销人", max_length=64, blank=True, default="")
    ended_at = models.DateTimeField("撤销时间", null=True)
    end_reason = models.CharField("撤销理由", max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="grade_decision_1_to_4", condition=Q(grade__gte=1, grade__lte=4)
            ),
            models.CheckConstraint(name="grade_decision_has_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="grade_decision_ended_by_somebody_for_a_reason",
                condition=Q(ended_at=None, ended_by="", end_reason="")
                | (Q(ended_at__isnull=False) & ~Q(ended_by="") & ~Q(end_reason="")),
            ),
        ]
