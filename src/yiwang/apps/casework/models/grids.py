"""Grids: cells, who works in them, visits, rounds, and what came in from phones."""

from django.db import models
from django.db.models import F, Q


class GridCell(models.Model):
    """网格: an area with a code of its own, within a division; the smallest place of governance."""

    code = models.CharField("网格编码", max_length=32)
    title = models.CharField("名称", max_length=120)
    division = models.CharField("行政区划", max_length=32)
    area = models.JSONField("范围")
    """A GeoJSON Polygon or MultiPolygon, WGS 84 longitude and latitude."""
    west = models.FloatField()
    south = models.FloatField()
    east = models.FloatField()
    north = models.FloatField()
    source = models.CharField("来源", max_length=200)
    is_synthetic = models.BooleanField("演示数据", default=False)
    """Made up: says nothing about where a real cell lies."""
    active_from = models.DateField("起")
    active_until = models.DateField("止", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["code"], condition=Q(active_until=None), name="grid_cell_once"
            ),
            models.CheckConstraint(
                name="grid_cell_period",
                condition=Q(active_until=None) | Q(active_until__gte=F("active_from")),
            ),
        ]
        indexes = [
            models.Index(fields=["south", "north", "west", "east"], name="grid_cell_by_box"),
            models.Index(fields=["division"], name="grid_cell_by_division"),
        ]


class GridPost(models.Model):
    """网格员: an officer who works in a cell, with the duties they carry there."""

    cell = models.ForeignKey(GridCell, on_delete=models.PROTECT, related_name="posts")
    officer = models.CharField("网格员", max_length=64)
    duties = models.JSONField("职责", default=list)
    active_from = models.DateTimeField("起")
    active_until = models.DateTimeField("止", null=True)
    assigned_by = models.CharField("指派人", max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["cell", "officer"], condition=Q(active_until=None), name="grid_post_once"
            )
        ]
        indexes = [models.Index(fields=["officer", "active_until"], name="grid_post_by_officer")]


class Visit(models.Model):
    """走访: somebody was there, when and where, and what they noted."""

    officer = models.CharField("走访人", max_length=64)
    cell = models.CharField("网格", max_length=32, blank=True)
    division = models.CharField("行政区划", max_length=32)
    duty = models.CharField("职责", max_length=64, blank=True)
    about = models.CharField("走访对象", max_length=120)
    text = models.CharField("记录", max_length=500, blank=True)
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)
    is_in_cell = models.BooleanField("在本网格内", default=False)
    digest = models.CharField("照片摘要", max_length=64, blank=True)
    at = models.DateTimeField("走访时间")
    received_at = models.DateTimeField("收到时间")

    class Meta:
        indexes = [
            models.Index(fields=["cell", "at"], name="visit_by_cell"),
            models.Index(fields=["officer", "at"], name="visit_by_officer"),
        ]


class FieldEntry(models.Model):
    """离线记录: one thing a phone did while it was offline or not, and what became of it.

    The phone names it; the same again gives the same answer and is done once.
    """

    class Outcome(models.TextChoices):
        DONE = "done", "已生效"
        CONFLICT = "conflict", "有冲突"
        REFUSED = "refused", "未接受"

    officer = models.CharField("人员", max_length=64)
    name = models.CharField("记录号", max_length=64)
    kind = models.CharField("类别", max_length=16)
    made_at = models.DateTimeField("手机时间")
    received_at = models.DateTimeField("收到时间")
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)
    outcome = models.CharField("结果", max_length=8, choices=Outcome)
    answer = models.JSONField("答复", default=dict)
    digest = models.CharField("内容摘要", max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["officer", "name"], name="field_entry_once")]
        indexes = [models.Index(fields=["officer", "-received_at"], name="field_entry_by_officer")]


class RoundMark(models.Model):
    """巡查轮次: the tasks of a round that began at a due time."""

    round = models.CharField("巡查", max_length=120)
    due_at = models.DateTimeField("应开始时间")
    begun_at = models.DateTimeField("开始时间")
    count = models.PositiveIntegerField("任务数", default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "due_at"], name="round_mark_once")]
