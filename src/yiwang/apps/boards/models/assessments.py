"""Assessments of organs: a run with its definition, the scores, the appeals against them."""

from django.db import models
from django.db.models import Q


class AssessmentRun(models.Model):
    """考核评估: one scoring of organs by a tree, with the values it was computed from."""

    assessment = models.CharField("评估", max_length=120, db_index=True)
    period = models.CharField("评估期", max_length=40)
    definition = models.JSONField("当时的定义")
    snapshots = models.JSONField("所据指标快照")
    taken_at = models.DateTimeField("评分时间")
    taken_by = models.CharField("评分人", max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "period"], name="assessment_once_a_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.assessment} {self.period}"


class OrganScore(models.Model):
    """机构得分: an organ's total and every part of the tree, as counted and as corrected."""

    run = models.ForeignKey(AssessmentRun, on_delete=models.PROTECT, related_name="scores")
    organ = models.CharField("机构", max_length=60)
    kind = models.CharField("类别", max_length=40, blank=True)
    score = models.DecimalField("总分", max_digits=6, decimal_places=2, null=True)
    rank = models.PositiveIntegerField("名次", null=True)
    lines = models.JSONField("各项得分")
    corrections = models.JSONField("更正", default=dict)  # part: points, case, by, at

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "organ"], name="organ_score_once"),
            models.CheckConstraint(
                name="organ_score_ranked_with_score",
                condition=Q(rank=None) | Q(score__isnull=False),
            ),
        ]


class ScoreAppeal(models.Model):
    """评分申诉: an organ says that a part is wrong; whether it is, a case decides."""

    score = models.ForeignKey(OrganScore, on_delete=models.PROTECT, related_name="appeals")
    part = models.CharField("评分项", max_length=60)
    reason = models.CharField("理由", max_length=500)
    case = models.CharField("办件编号", max_length=32, unique=True)
    asked_at = models.DateTimeField("申诉时间")
    asked_by = models.CharField("申诉人", max_length=64)
    points = models.DecimalField("更正为", max_digits=6, decimal_places=2, null=True)
    settled_at = models.DateTimeField("更正时间", null=True)
    settled_by = models.CharField("更正人", max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["score", "part"],
                condition=Q(settled_at=None),
                name="score_appeal_one_open_a_part",
            ),
            models.CheckConstraint(
                name="score_appeal_settled_by_somebody",
                condition=Q(points=None, settled_at=None, settled_by="")
                | (Q(points__isnull=False, settled_at__isnull=False) & ~Q(settled_by="")),
            ),
        ]
