"""What credentials remembers: kinds of licence, licences, and every use of them."""

from django.db import models
from django.db.models import F, Q

from yiwang.apps.journal.public import OrderedJSONField


class LicenseKind(models.Model):
    """证照类型: what a kind of licence holds and shows, as installed; frozen by version."""

    ref = models.CharField("类型", max_length=120)
    version = models.CharField("版本", max_length=16)
    title = models.CharField("名称", max_length=120)
    content = OrderedJSONField("内容")
    installed_at = models.DateTimeField("安装时间")
    is_current = models.BooleanField("现行", default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ref", "version"], name="license_kind_version_once"),
            models.UniqueConstraint(
                fields=["ref"], condition=Q(is_current=True), name="license_kind_one_current"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class LicenseSeries(models.Model):
    """证照编号序列: the last licence number given out with a prefix on a day."""

    prefix = models.CharField(max_length=6)
    day = models.DateField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prefix", "day"], name="license_series_once")
        ]

    def __str__(self) -> str:
        return f"{self.prefix} {self.day}"


class License(models.Model):
    """电子证照: a signed record of what somebody holds; its record never changes (trigger)."""

    class State(models.TextChoices):
        VALID = "valid", "有效"
        SUSPENDED = "suspended", "已暂停"
        REVOKED = "revoked", "已撤销"
        REPLACED = "replaced", "已换发"

    number = models.CharField("证照编号", max_length=32, unique=True)
    kind = models.ForeignKey(LicenseKind, on_delete=models.PROTECT, related_name="+")
    holder = models.CharField("持有人", max_length=64, db_index=True)
    organ = models.CharField("颁发机构", max_length=64)
    record = models.TextField("记录")
    digest = models.CharField("摘要", max_length=64)
    signature = models.CharField("签名", max_length=128)
    token_signature = models.BinaryField("二维码签名")
    key = models.CharField("密钥", max_length=64)
    case = models.CharField("办件编号", max_length=32, blank=True)
    issued_at = models.DateTimeField("颁发时间")
    issued_by = models.CharField("颁发人", max_length=64)
    valid_until = models.DateField("有效期至", null=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.VALID)
    state_reason = models.CharField("状态原因", max_length=500, blank=True)
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "case"], condition=~Q(case=""), name="license_once_per_case"
            ),
            # With its condition it is an index, so that SQLite keeps the table and its triggers.
            models.UniqueConstraint(
                fields=["replaces"],
                condition=Q(replaces__isnull=False),
                name="license_replaced_once",
            ),
            models.CheckConstraint(
                name="license_stopped_with_reason",
                condition=Q(state="valid") | ~Q(state_reason=""),
            ),
        ]
        indexes = [
            models.Index(fields=["holder", "-issued_at"], name="license_by_holder"),
            models.Index(fields=["organ", "-id"], name="license_by_organ"),
        ]

    def __str__(self) -> str:
        return self.number


class LicenseUse(models.Model):
    """用证记录: one issue, look, suspension or revocation. Never changed or removed (trigger)."""

    license = models.ForeignKey(License, on_delete=models.PROTECT, related_name="uses")
    at = models.DateTimeField("时间")
    act = models.CharField("动作", max_length=16)
    actor = models.CharField("使用人", max_length=64)
    actor_name = models.CharField("名称", max_length=64)
    result = models.CharField("结果", max_length=16, blank=True)
    reason = models.CharField("事由", max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["license", "-at"], name="license_use_by_license")]

    def __str__(self) -> str:
        return f"{self.license_id} {self.act}"


class ShownCode(models.Model):
    """主体码: one showing of a personal or enterprise code: its purpose, verifier and reading."""

    id = models.CharField("编号", max_length=32, primary_key=True)
    purpose = models.CharField("用途", max_length=120)
    content = OrderedJSONField("用途内容")
    holder = models.CharField("持码人", max_length=64)
    holder_kind = models.CharField("持码人类别", max_length=8)
    holder_name = models.CharField("名称", max_length=128)
    verifier = models.CharField("核验方", max_length=64)
    made_at = models.DateTimeField("亮码时间")
    expires_at = models.DateTimeField("失效时间")
    used_at = models.DateTimeField("读取时间", null=True)
    used_by = models.CharField("读取人", max_length=64, blank=True)
    used_by_name = models.CharField("读取人名称", max_length=128, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="shown_code_used_at_with_by",
                condition=Q(used_at=None, used_by="") | (Q(used_at__isnull=False) & ~Q(used_by="")),
            ),
            models.CheckConstraint(
                name="shown_code_used_in_time",
                condition=Q(used_at=None) | Q(used_at__lt=F("expires_at")),
            ),
        ]
        indexes = [models.Index(fields=["holder", "-made_at"], name="shown_code_by_holder")]

    def __str__(self) -> str:
        return self.purpose


class RefusedReading(models.Model):
    """被拒读码: somebody tried to read a code and was told nothing; its holder sees it."""

    shown = models.ForeignKey(ShownCode, on_delete=models.PROTECT, related_name="refused")
    at = models.DateTimeField("时间")
    actor_name = models.CharField("名称", max_length=128)
    reason = models.CharField("原因", max_length=64)

    def __str__(self) -> str:
        return f"{self.shown_id} {self.reason}"
