"""Demands, grants, keys and metered calls. No personal value is kept in any of them."""

from django.db import models
from django.db.models import F, Q


class Demand(models.Model):
    """数据需求: an organ asks for columns of a table, for a purpose, on a legal basis."""

    class State(models.TextChoices):
        WAITING = "waiting", "待提供方审定"
        AGREED = "agreed", "已同意"
        REFUSED = "refused", "不同意"

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


class Grant(models.Model):
    """共享授权: what one organ may read of one table, for what, how often and until when."""

    number = models.CharField("授权编号", max_length=40, unique=True)
    demand = models.OneToOneField(Demand, on_delete=models.PROTECT, related_name="grant")
    organ = models.CharField("使用机构", max_length=60, db_index=True)
    provider = models.CharField("提供机构", max_length=60, db_index=True)
    table = models.CharField("数据表", max_length=120, db_index=True)
    columns = models.JSONField("字段")
    lookup = models.JSONField("查询条件")
    clear = models.JSONField("不脱敏字段")
    rows = models.TextField("行范围", blank=True)
    purpose = models.CharField("用途", max_length=200)
    basis = models.CharField("法律依据", max_length=300)
    quota_per_day = models.PositiveIntegerField("每日配额")
    rate_per_second = models.PositiveIntegerField("每秒频率")
    max_grade = models.PositiveSmallIntegerField("最高级别")
    active_from = models.DateTimeField()
    active_until = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=64, null=True)
    withdrawn_reason = models.CharField(max_length=500, blank=True)
    version = models.PositiveIntegerField(default=1)  # grows with each change, so copies are stale

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="grant_period", condition=Q(active_until__gt=F("active_from"))
            ),
            models.CheckConstraint(
                name="grant_withdrawn_at_with_by",
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
            models.CheckConstraint(
                name="grant_max_grade_1_to_4",
                condition=Q(max_grade__gte=1, max_grade__lte=4),
            ),
        ]


class Key(models.Model):
    """密钥: the secret of a grant, kept as a digest only; the text is shown once."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="keys")
    digest = models.CharField(max_length=64, unique=True)
    shown = models.CharField("前几位", max_length=12)  # enough to tell keys apart
    issued_by = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    revoked_by = models.CharField(max_length=64, null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="key_revoked_at_with_by",
                condition=Q(revoked_at=None, revoked_by=None)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False),
            )
        ]


class DailyUse(models.Model):
    """当日用量: answered calls of a grant on one local day; the quota is counted here."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="uses")
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grant", "day"], name="daily_use_once")]


class CallRecord(models.Model):
    """调用记录: one call of the gate, answered or refused, without any personal value."""

    number = models.CharField("调用编号", max_length=26, unique=True)
    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, null=True, related_name="calls")
    organ = models.CharField("调用机构", max_length=60, blank=True, db_index=True)
    table = models.CharField("数据表", max_length=120)
    columns = models.JSONField("所要字段")
    lookup = models.JSONField("查询条件名")  # names only, never values
    purpose = models.CharField("用途", max_length=200, blank=True)
    case = models.CharField("办件编号", max_length=64, blank=True)
    code = models.CharField("结果", max_length=40)  # allowed, or the check that failed
    status = models.PositiveSmallIntegerField("状态码")
    checks = models.JSONField("核对过程")
    rows = models.PositiveIntegerField("返回行数")
    masked = models.JSONField("脱敏字段", default=list)
    micros = models.PositiveIntegerField("用时（微秒）")
    entry = models.CharField("留痕编号", max_length=80)
    at = models.DateTimeField(db_index=True)

    class Meta:
        indexes = [models.Index(fields=["grant", "at"], name="call_by_grant_at")]
        constraints = [
            models.CheckConstraint(
                name="call_refused_gives_no_rows", condition=Q(code="allowed") | Q(rows=0)
            ),
            models.CheckConstraint(
                name="call_allowed_has_grant",
                condition=~Q(code="allowed") | Q(grant__isnull=False),
            ),
        ]
