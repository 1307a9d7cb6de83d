"""Payments: the roll, monthly batches checked by a second person, lines, recoveries."""

from django.db import models
from django.db.models import Q


class Payment(models.Model):
    """发放清单: what somebody granted receives, with the case and the record it stands on.

    The case is a policy's confirmation or somebody's own application; either lists once.
    """

    policy = models.CharField("政策", max_length=120, db_index=True)
    case = models.CharField("办件编号", max_length=32, unique=True)
    subject = models.CharField("主体", max_length=64)
    division = models.CharField("行政区划", max_length=32, blank=True)
    amount = models.DecimalField("每月金额", max_digits=12, decimal_places=2)
    from_month = models.CharField("起发月份", max_length=7)
    license = models.CharField("认定记录编号", max_length=32, blank=True)
    listed_at = models.DateTimeField("列入时间")
    listed_by = models.CharField("列入人", max_length=64)

    def __str__(self) -> str:
        return f"{self.case} {self.from_month}"


class PaymentStop(models.Model):
    """停发: from which month somebody no longer receives, and why."""

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="stop")
    from_month = models.CharField("停发月份", max_length=7)
    because = models.CharField("停发原因", max_length=300)
    found_by = models.CharField("发现方式", max_length=20)
    """``recheck``, ``event`` or ``officer``."""
    by = models.CharField("停发人", max_length=64)
    at = models.DateTimeField("停发时间")

    def __str__(self) -> str:
        return f"{self.payment_id} {self.from_month}"


class PaymentBatch(models.Model):
    """发放批次: one policy's payments of one month, made by one officer and checked by another."""

    class State(models.TextChoices):
        MADE = "made", "待复核"
        CHECKED = "checked", "已复核"
        EXPORTED = "exported", "已导出"
        RETURNED = "returned", "已回盘"
        DISCARDED = "discarded", "已作废"

    policy = models.CharField("政策", max_length=120)
    month = models.CharField("发放月份", max_length=7)
    number = models.PositiveSmallIntegerField("第几批")
    state = models.CharField("状态", max_length=9, choices=State, default=State.MADE)
    made_by = models.CharField("编制人", max_length=64)
    made_at = models.DateTimeField("编制时间")
    checked_by = models.CharField("复核人", max_length=64, blank=True)
    checked_at = models.DateTimeField("复核时间", null=True)
    note = models.CharField("复核意见", max_length=500, blank=True)
    digest = models.CharField("清单摘要", max_length=64)
    exported_at = models.DateTimeField("导出时间", null=True)
    returned_at = models.DateTimeField("回盘时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "month", "number"], name="payment_batch_once"
            ),
            models.CheckConstraint(
                name="payment_batch_checked_by_another",
                condition=Q(checked_by="") | ~Q(checked_by=models.F("made_by")),
            ),
            models.CheckConstraint(
                name="payment_batch_exported_after_check",
                condition=Q(exported_at=None) | ~Q(checked_by=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy} {self.month}"


class PaymentLine(models.Model):
    """发放明细: one payment of a batch; nobody is paid twice for one period (constraint)."""

    class State(models.TextChoices):
        WAITING = "waiting", "待发放"
        PAID = "paid", "已发放"
        FAILED = "failed", "发放失败"
        BLOCKED = "blocked", "无可用账户"
        VOID = "void", "已作废"

    batch = models.ForeignKey(PaymentBatch, on_delete=models.PROTECT, related_name="lines")
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="lines")
    policy = models.CharField("政策", max_length=120)
    subject = models.CharField("主体", max_length=64)
    period = models.CharField("所属期", max_length=7)
    """``2026-11`` for a month, ``2026`` for a year, ``once``."""
    amount = models.DecimalField("金额", max_digits=12, decimal_places=2)
    account = models.CharField("账号", max_length=32, blank=True)
    state = models.CharField("状态", max_length=8, choices=State)
    result = models.CharField("回盘说明", max_length=200, blank=True)
    division = models.CharField("行政区划", max_length=32, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "subject", "period"],
                condition=Q(state__in=["waiting", "paid"]),
                name="payment_line_once_per_period",
            )
        ]
        indexes = [models.Index(fields=["batch", "state"], name="payment_line_by_state")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.period}"


class Recovery(models.Model):
    """补贴追回: the case about what was paid although the benefit had ended."""

    payment = models.OneToOneField(Payment, on_delete=models.PROTECT, related_name="recovery")
    case = models.CharField("办件编号", max_length=32, unique=True)
    amount = models.DecimalField("应追回金额", max_digits=12, decimal_places=2)
    state = models.CharField("状态", max_length=9, default="waiting")
    opened_at = models.DateTimeField("立案时间")

    def __str__(self) -> str:
        return self.case
