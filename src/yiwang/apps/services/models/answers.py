"""Questions and answers: kept by an owner, looked at again in time; what nobody could answer."""

from django.db import models
from django.db.models import Q


class PolicyAnswer(models.Model):
    """政策问答: a question, its answer, the clauses it stands on, its owner and review date."""

    ref = models.CharField("编号", max_length=120, unique=True)
    question = models.CharField("问题", max_length=300)
    also = models.JSONField("其他问法", default=list)
    answer = models.TextField("答案")
    owner = models.CharField("责任机构", max_length=64)
    review_on = models.DateField("复核日期")
    document = models.CharField("依据文件", max_length=120)
    clauses = models.JSONField("依据条款", default=list)
    is_active = models.BooleanField("在用", default=True)
    is_own = models.BooleanField("由责任机构维护", default=False)
    """Changed by its owner here: a pack no longer overwrites it."""
    reviewed_by = models.CharField("复核人", max_length=64, blank=True)
    reviewed_at = models.DateTimeField("复核时间", null=True)

    def __str__(self) -> str:
        return self.question


class AskedQuestion(models.Model):
    """居民提问: what was asked and could not be answered, with the task of whoever should."""

    folded = models.CharField("检索文本", max_length=300)
    text = models.CharField("原话", max_length=300)
    owner = models.CharField("责任机构", max_length=64)
    times = models.PositiveIntegerField("次数", default=1)
    case = models.CharField("办件编号", max_length=32, blank=True)
    state = models.CharField("状态", max_length=8, default="open")
    answer = models.ForeignKey(PolicyAnswer, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField("提问时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["folded"], condition=Q(state="open"), name="asked_question_open_once"
            )
        ]

    def __str__(self) -> str:
        return self.text
