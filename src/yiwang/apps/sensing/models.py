"""Devices and their points, what they sent, what was refused, which alerts stand, and drills.

Instants of readings are whole microseconds since 1970 (UTC), so that they are stored, compared
and sorted as numbers: thousands arrive in a second.
"""

from django.db import models
from django.db.models import Q


class Device(models.Model):
    """设备: one sensor or station, with its owner and its place."""

    id = models.CharField("设备编号", max_length=64, primary_key=True)
    stream = models.CharField("数据流", max_length=120, db_index=True)
    register = models.CharField("登记册", max_length=120, blank=True)
    title = models.CharField("名称", max_length=120)
    organ = models.CharField("管理单位", max_length=64)
    division = models.CharField("所在区划", max_length=32)
    lon = models.FloatField("经度")
    lat = models.FloatField("纬度")
    facts = models.JSONField("台账字段", default=dict)
    placed_at = models.DateTimeField("位置登记时间", null=True)
    token_digest = models.CharField("令牌摘要", max_length=64, blank=True)
    broker_password = models.CharField("消息服务器口令摘要", max_length=200, blank=True)
    wire_digest = models.CharField("现场协议口令摘要", max_length=64, blank=True)
    is_active = models.BooleanField("在用", default=True)

    def __str__(self) -> str:
        return f"{self.title}（{self.id}）"


class DeviceRoster(models.Model):
    """设备名册: one row, whose version is another after every change of a device or a point."""

    version = models.BigIntegerField("版本", default=0)

    def __str__(self) -> str:
        return str(self.version)


class Point(models.Model):
    """测点: one quantity that a device measures, a stream of readings."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="points")
    stream = models.CharField("数据流", max_length=120)
    facts = models.JSONField("说明", default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(name="point_once", fields=["device", "stream"]),
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.stream}"


class Reading(models.Model):
    """读数: a value at an instant; a point has one value at one instant, however often sent.

    This is the hot window; what is older lies in day files (``queries.history``).
    """

    pk = models.CompositePrimaryKey("point_id", "at")
    point = models.ForeignKey(
        Point, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    at = models.BigIntegerField("观测时间")
    value = models.FloatField("数值")
    received_at = models.BigIntegerField("接收时间")
    is_late = models.BooleanField("迟到", default=False)

    class Meta:
        indexes = [models.Index(fields=["at"], name="reading_by_time")]

    def __str__(self) -> str:
        return f"{self.point_id} {self.at} {self.value}"


class LatestReading(models.Model):
    """最新读数: the newest value of a point by time of observation."""

    point = models.OneToOneField(
        Point, on_delete=models.CASCADE, primary_key=True, related_name="latest"
    )
    at = models.BigIntegerField("观测时间")
    value = models.FloatField("数值")

    def __str__(self) -> str:
        return f"{self.point_id} {self.value}"


class WindowMark(models.Model):
    """时间窗标记: how many readings were stored of a point that rules look back at.

    An intake that keeps windows in memory knows by it whether another one stored meanwhile.
    """

    point = models.OneToOneField(
        Point, on_delete=models.CASCADE, primary_key=True, related_name="+"
    )
    stored = models.BigIntegerField("存入读数")

    def __str__(self) -> str:
        return f"{self.point_id} {self.stored}"


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
    due_at = models.DateTimeField("持续期满时间", null=True)
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
        indexes = [
            models.Index(
                fields=["due_at"],
                name="alert_waiting_by_due",
                condition=Q(raised_at=None, cleared_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.device_id}"


class MaintenanceWindow(models.Model):
    """维护时段: while it lasts, readings of a device are kept but raise no alert."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="maintenance")
    begins_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束")
    reason = models.CharField("原因", max_length=200)
    asked_by = models.CharField("登记人", max_length=64)
    asked_at = models.DateTimeField("登记时间")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="maintenance_ends_later", condition=Q(ends_at__gt=models.F("begins_at"))
            )
        ]

    def __str__(self) -> str:
        return f"{self.device_id} {self.begins_at:%F %R}"


class ThingsKey(models.Model):
    """感知接口密钥: lets a client of an organ read over SensorThings, and create if it may."""

    title = models.CharField("用途", max_length=120)
    organ = models.CharField("单位", max_length=64)
    digest = models.CharField("密钥摘要", max_length=64, unique=True)
    broker_password = models.CharField("消息服务器口令摘要", max_length=200, blank=True)
    """The key as the broker keeps it; empty where it was issued before brokers told of changes."""
    may_create = models.BooleanField("可以写入", default=False)
    is_active = models.BooleanField("在用", default=True)
    issued_at = models.DateTimeField("发放时间")

    def __str__(self) -> str:
        return f"{self.organ} {self.title}"


class ThingsEntity(models.Model):
    """感知实体: a sensor, property, place or feature that a SensorThings client described."""

    kind = models.CharField("类别", max_length=32, db_index=True)
    organ = models.CharField("单位", max_length=64)
    content = models.JSONField("内容", default=dict)

    def __str__(self) -> str:
        return f"{self.kind}({self.pk})"


class Drill(models.Model):
    """演练: a course of readings sent through the live alerts in a room of its own.

    It plays in virtual time, ``speed`` times as fast as the clock; no reading is stored and no
    incident opened.
    """

    title = models.CharField("名称", max_length=120)
    source = models.CharField("来源", max_length=120)
    organ = models.CharField("组织单位", max_length=64)
    begun_by = models.CharField("发起人", max_length=64)
    begun_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True)
    speed = models.IntegerField("倍速")
    plays_from = models.DateTimeField("虚拟开始")
    plays_until = models.DateTimeField("虚拟结束")
    readings = models.IntegerField("读数")
    expected = models.JSONField("应报", default=list)
    """``{kind, device, at}``: what ought to be noticed, since when it is truly the case."""

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="drill_plays_forward",
                condition=Q(plays_until__gt=models.F("plays_from")) & Q(speed__gte=1),
            )
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.begun_at:%F %R}"


class DrillIncident(models.Model):
    """演练事件: what an alert would have opened, and what the duty officers did with it."""

    drill = models.ForeignKey(Drill, on_delete=models.CASCADE, related_name="incidents")
    kind = models.CharField("事件类型", max_length=120)
    device = models.CharField("设备编号", max_length=64)
    title = models.CharField("设备", max_length=120)
    division = models.CharField("所在区划", max_length=32)
    alerts = models.JSONField("预警规则", default=list)
    value = models.FloatField("观测值", null=True)
    raised_at = models.DateTimeField("虚拟触发时间")
    cleared_at = models.DateTimeField("虚拟解除时间", null=True)
    shown_at = models.DateTimeField("显示时间")
    owner = models.CharField("应派单位", max_length=64)
    answer = models.CharField("答复", max_length=16, blank=True)
    """``dispatch`` or ``false``; empty while nobody answered."""
    organ = models.CharField("派遣单位", max_length=64, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    answered_by = models.CharField("答复人", max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="drill_answered_by_someone",
                condition=Q(answer="", answered_at=None) | Q(answered_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.device}"
