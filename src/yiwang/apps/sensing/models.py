"""Devices, what they sent, what was refused, and which alerts stand."""

from django.db import models
from django.db.models import Q


class Device(models.Model):
    """设备: one sensor or station, with its owner and its place."""

    id = models.CharField("设备编号", max_length=64, primary_key=True)
    stream = models.CharField("数据流", max_length=120, db_index=True)
    title = models.CharField("名称", max_length=120)
    organ = models.CharField("管理单位", max_length=64)
    division = models.CharField("所在区划", max_length=32)
    lon = models.FloatField("经度")
    lat = models.FloatField("纬度")
    facts = models.JSONField("台账字段", default=dict)
    token_digest = models.CharField("令牌摘要", max_length=64, blank=True)
    is_active = models.BooleanField("在用", default=True)

    def __str__(self) -> str:
        return f"{self.title}（{self.id}）"


class Reading(models.Model):
    """读数: a value at an instant; a device has one value at one instant, however often sent."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="readings")
    at = models.DateTimeField("观测时间")
    value = models.FloatField("数值")
    received_at = models.DateTimeField("接收时间")
    is_late = models.BooleanField("迟到", default=False)

    class Meta:
        constraints = [models.UniqueConstraint(name="reading_once", fields=["device", "at"])]

    def __str__(self) -> str:
        return f"{self.device_id} {self.at:%F %T} {self.value}"


class LatestReading(models.Model):
    """最新读数: the newest value of a device by time of observation."""

    device = models.OneToOneField(
        Device, on_delete=models.CASCADE, primary_key=True, related_name="latest"
    )
    at = models.DateTimeField("观测时间")
    value = models.FloatField("数值")

    def __str__(self) -> str:
        return f"{self.device_id} {self.value}"


class QuarantinedMessage(models.Model):
    """隔离报文: a message that was not accepted, kept with the reason."""

    received_at = models.DateTimeField("接收时间", db_index=True)
    channel = models.CharField("通道", max_length=16)
    device_text = models.CharField("自称设备", max_length=64, blank=True)
    reason = models.CharField("原因", max_length=40)
    payload = models.TextField("报文（截断）", max_length=2000)

    def __str__(self) -> str:
        return f"{self.reason} {self.device_text}"


class AlertState(models.Model):
    """预警状态: a rule that holds on a device, first waiting out its time, then raised."""

    rule = models.CharField("预警规则", max_length=120)
    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="alerts")
    since = models.DateTimeField("条件成立时间")
    raised_at = models.DateTimeField("触发时间", null=True)
    incident = models.CharField("事件编号", max_length=32, null=True)
    cleared_at = models.DateTimeField("解除时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="alert_one_open",
                fields=["rule", "device"],
                condition=Q(cleared_at=None),
            ),
            models.CheckConstraint(
                name="alert_raised_with_incident",
                condition=Q(raised_at=None, incident=None)
                | Q(raised_at__isnull=False, incident__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.device_id}"
