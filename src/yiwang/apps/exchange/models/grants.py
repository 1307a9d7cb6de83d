"""What was granted, and the keys that open it."""

from django.db import models
from django.db.models import F, Q

from yiwang.apps.exchange.models.demands import Demand


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
    system = models.CharField("使用系统", max_length=80, blank=True)
    assurance = models.CharField("调用凭据", max_length=8, default="key")  # key, signed
    stale_minutes = models.PositiveIntegerField("可用旧副本（分钟）", default=0)
    smallest_group = models.PositiveSmallIntegerField("最小群组", default=10)
    target = models.CharField("推送目标", max_length=80, blank=True)
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
            models.CheckConstraint(
                name="grant_assurance_known", condition=Q(assurance__in=("key", "signed"))
            ),
        ]


class Key(models.Model):
    """密钥: the secret of a grant, kept as a digest only, or the public half of a signing key."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="keys")
    digest = models.CharField(max_length=64, unique=True)
    shown = models.CharField("前几位", max_length=12)  # enough to tell keys apart
    kind = models.CharField("种类", max_length=8, default="secret")  # secret, ed25519, sm2
    public = models.TextField("公钥", blank=True)
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
            ),
            models.CheckConstraint(
                name="key_public_iff_signing",
                condition=Q(kind="secret", public="")
                | (Q(kind__in=("ed25519", "sm2")) & ~Q(public="")),
            ),
        ]


class Nonce(models.Model):
    """一次性随机数: seen with a signature of this key; the same again is a replay."""

    key = models.ForeignKey(Key, on_delete=models.PROTECT, related_name="nonces")
    nonce = models.CharField(max_length=64)
    until = models.DateTimeField(db_index=True)  # afterwards the signature is too old anyway

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "nonce"], name="nonce_once")]


class Retry(models.Model):
    """重试标识: a call that the caller may repeat without being counted again."""

    key = models.ForeignKey(Key, on_delete=models.PROTECT, related_name="retries")
    token = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)  # of what was asked: another question is refused
    call = models.CharField(max_length=26)
    times = models.PositiveIntegerField(default=0)  # repeated; only a few are free of the quota
    until = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "token"], name="retry_token_once")]


class SourceRoute(models.Model):
    """直连数源: a table answered by the provider's own database until it is materialised."""

    table = models.CharField("数据表", max_length=120)
    source = models.CharField("来源", max_length=80)  # a name in sources.yaml, never an address
    relation = models.CharField("来源表", max_length=120)
    columns = models.JSONField("字段对应")
    set_by = models.CharField(max_length=64)
    set_at = models.DateTimeField()
    ended_by = models.CharField(max_length=64, null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["table"], condition=Q(ended_at=None), name="source_route_one_in_force"
            ),
            models.CheckConstraint(
                name="source_route_ended_at_with_by",
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]
