"""Roll calls: the command centre asks who is at their post, and who answered."""

from django.db import models
from django.db.models import F, Q


class RollCall(models.Model):
    """点名: a command centre calls those who are on duty; they answer until an hour."""

    organ = models.CharField("点名单位", max_length=64)
    called_at = models.DateTimeField("点名时间")
    called_by = models.CharField("点名人", max_length=64)
    due_at = models.DateTimeField("应答期限")
    closed_at = models.DateTimeField("结束时间", null=True)
    closed_by = models.CharField("结束人", max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organ"], condition=Q(closed_at=None), name="roll_call_one_open"
            ),
            models.CheckConstraint(name="roll_call_period", condition=Q(due_at__gt=F("called_at"))),
            models.CheckConstraint(
                name="roll_call_closed_at_with_by",
                condition=Q(closed_at=None, closed_by="")
                | (Q(closed_at__isnull=False) & ~Q(closed_by="")),
            ),
        ]
        indexes = [models.Index(fields=["organ", "-called_at"], name="roll_call_by_organ")]


class RollAnswer(models.Model):
    """应答: one who was called; without an officer, a post where nobody is on duty."""

    call = models.ForeignKey(RollCall, on_delete=models.PROTECT, related_name="answers")
    organ = models.CharField("部门", max_length=64)
    officer = models.CharField("人员", max_length=64, blank=True)
    name = models.CharField("姓名", max_length=64, blank=True)
    part = models.CharField("职责", max_length=8, blank=True)
    answered_at = models.DateTimeField("应答时间", null=True)
    text = models.CharField("情况", max_length=200, blank=True)
    urged_at = models.DateTimeField("催促时间", null=True)
    urged = models.PositiveSmallIntegerField("催促次数", default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["call", "organ", "officer"], name="roll_answer_once"),
            models.CheckConstraint(
                name="roll_answer_by_somebody",
                condition=Q(answered_at=None) | ~Q(officer=""),
            ),
        ]
        indexes = [
            models.Index(
                fields=["officer"], condition=Q(answered_at=None), name="roll_answer_waiting"
            )
        ]
