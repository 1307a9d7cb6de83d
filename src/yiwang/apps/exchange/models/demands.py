"""Who asked for what. No personal value is kept."""

from django.db import models
from django.db.models import Q


class Demand(models.Model):
    """数据需求: an organ asks for columns of a table, for a purpose, on a legal basis."""

    class State(models.TextChoices):
        WAITING = "waiting", "待提供方答复"
        AGREED = "agreed", "已同意"
        REFUSED = "refused", "不同意"
        WITHDRAWN = "withdrawn", "已撤回"

    number = models.CharField("需求编号", max_length=40, unique=True)
    case = models.CharField("办件编号", max_length=40, unique=True)
    organ = models.CharField("需求机构", max_length=60, db_index=True)
    provider = models.CharField("提供机构", max_length=60, db_index=True)
    table = models.CharField("数据表", max_length=120)
    columns = models.JSONField("字段")
    lookup = models.JSONField("查询条件", default=list)
    clear = models.JSONField("不脱敏字段", default=list)
    rows = models.TextField("行范围", blank=True)
    purpose = models.CharField("用途", max_length=200)
    basis = models.CharField("法律依据", max_length=300)
    quota_per_day = models.PositiveIntegerField("每日配额")
    rate_per_second = models.PositiveIntegerField("每秒频率")
    max_grade = models.PositiveSmallIntegerField("最高级别")
    valid_days = models.PositiveIntegerField("授权期限（日）")
    system = models.CharField("使用系统", max_length=80, blank=True)
    assurance = models.CharField("调用凭据", max_length=8, default="key")  # key, signed
    stale_minutes = models.PositiveIntegerField("可用旧副本（分钟）", default=0)
    smallest_group = models.PositiveSmallIntegerField("最小群组", default=10)
    target = models.CharField("推送目标", max_length=80, blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices)
    opened_by = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=64, null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField("审定意见", max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="demand_decided_at_with_by",
                condition=Q(decided_at=None, decided_by=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="demand_decided_iff_not_waiting",
                condition=Q(state="waiting", decided_at=None)
                | (~Q(state="waiting") & Q(decided_at__isnull=False)),
            ),
        ]
