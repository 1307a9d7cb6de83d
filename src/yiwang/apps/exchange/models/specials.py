"""Super-administrator and mayor accounts: wide, short, four-eyed, and looked at afterwards."""

from django.db import models
from django.db.models import F, Q

from yiwang.apps.exchange.models.grants import Grant


class SpecialGrant(models.Model):
    """特别授权: one officer may look up many tables for one purpose in one case, for some hours."""

    class Kind(models.TextChoices):
        SUPER = "super", "超级管理员"
        MAYOR = "mayor", "市（县）长账号"

    class State(models.TextChoices):
        WAITING = "waiting", "待第二人审批"
        OPEN = "open", "已开放"
        REFUSED = "refused", "不予开放"

    number = models.CharField("编号", max_length=40, unique=True)
    kind = models.CharField("种类", max_length=6, choices=Kind.choices)
    holder = models.CharField("使用人", max_length=64, db_index=True)
    organ = models.CharField("使用机构", max_length=60)
    tables = models.JSONField("数据表")
    purpose = models.CharField("用途", max_length=200)
    basis = models.CharField("法律依据", max_length=300)
    case = models.CharField("办件编号", max_length=64)
    hours = models.PositiveSmallIntegerField("开放时长（小时）")
    state = models.CharField("状态", max_length=8, choices=State.choices)
    asked_at = models.DateTimeField("申请时间")
    decided_by = models.CharField("审批人", max_length=64, null=True)
    decided_at = models.DateTimeField("审批时间", null=True)
    reason = models.CharField("审批意见", max_length=500, blank=True)
    active_until = models.DateTimeField("开放至", null=True)
    closed_at = models.DateTimeField("提前关闭", null=True)
    reviewed_by = models.CharField("审查人", max_length=64, null=True)
    reviewed_at = models.DateTimeField("审查时间", null=True)
    has_finding = models.BooleanField("发现问题", default=False)
    review = models.CharField("审查意见", max_length=500, blank=True)
    finding = models.CharField("问题办件", max_length=40, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="special_bound_to_purpose_and_case", condition=~Q(purpose="") & ~Q(case="")
            ),
            models.CheckConstraint(
                name="special_four_eyes",
                condition=Q(decided_by=None) | ~Q(decided_by=F("holder")),
            ),
            models.CheckConstraint(
                name="special_reviewed_by_another",
                condition=Q(reviewed_by=None)
                | (~Q(reviewed_by=F("holder")) & ~Q(reviewed_by=F("decided_by"))),
            ),
            models.CheckConstraint(
                name="special_open_until",
                condition=~Q(state="open")
                | Q(active_until__isnull=False, decided_at__isnull=False),
            ),
        ]


class SpecialTable(models.Model):
    """特别授权所用的共享授权: every look-up goes through the gate under one of these."""

    special = models.ForeignKey(SpecialGrant, on_delete=models.PROTECT, related_name="members")
    grant = models.OneToOneField(Grant, on_delete=models.PROTECT, related_name="special")
