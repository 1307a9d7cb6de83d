"""What incidents need beside cases: links, call-backs, keys of reporting systems, map tiles."""

from django.db import models
from django.db.models import F, Q

from yiwang.apps.casework.models.cases import Case, Signal


class CaseLink(models.Model):
    """关联件: two matters that belong together, such as an approval and its supervision."""

    class Relation(models.TextChoices):
        MERGED = "merged", "并入"
        SPLIT = "split", "拆出"
        SUPERVISION = "supervision", "审管联动"
        INSTRUCTION = "instruction", "指令"
        RELATED = "related", "相关"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="links")
    other = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="linked_from")
    relation = models.CharField("关系", max_length=12, choices=Relation)
    at = models.DateTimeField("时间")
    by = models.CharField("关联人", max_length=64)
    until_at = models.DateTimeField("解除时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "other", "relation"], name="case_link_once"),
            models.CheckConstraint(name="case_link_to_another", condition=~Q(case=F("other"))),
        ]


class SignalMove(models.Model):
    """信号改归: a signal that counts with another incident than the one it was reported to.

    The signal itself never changes; the last move says where it counts.
    """

    signal = models.ForeignKey(Signal, on_delete=models.PROTECT, related_name="moves")
    origin = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="moved_signals")
    is_last = models.BooleanField("最近一次", default=True)
    at = models.DateTimeField("时间")
    by = models.CharField("办理人", max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["signal"], condition=Q(is_last=True), name="signal_move_one_last"
            )
        ]


class CallBack(models.Model):
    """回访: what the reporter said when asked how an incident was handled."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="call_backs")
    at = models.DateTimeField("时间")
    by = models.CharField("回访人", max_length=64)
    is_reached = models.BooleanField("已接通")
    is_satisfied = models.BooleanField("满意", null=True)
    text = models.CharField("记录", max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="call_back_says_only_who_was_reached",
                condition=Q(is_reached=True) | Q(is_satisfied=None),
            )
        ]


class IntakeKey(models.Model):
    """上报密钥: a system that may report incidents, for an organ; only a digest is kept."""

    name = models.CharField("名称", max_length=64, unique=True)
    organ = models.CharField("部门", max_length=64)
    digest = models.CharField("摘要", max_length=64, unique=True)
    kinds = models.JSONField("可上报类型", default=list)
    """Kinds of incident it may report; empty: those that the public may report."""
    issued_at = models.DateTimeField("发放时间")
    issued_by = models.CharField("发放人", max_length=64)
    revoked_at = models.DateTimeField("停用时间", null=True)


class MapTile(models.Model):
    """地图网块: how many incidents of a kind, state and division lie in a square of the map.

    Kept with every opening and move, so that a map of a million incidents reads a few rows.
    """

    zoom = models.PositiveSmallIntegerField("层级")
    x = models.IntegerField()
    y = models.IntegerField()
    division = models.CharField("行政区划", max_length=32)
    kind = models.CharField("事件类型", max_length=120)
    is_ended = models.BooleanField("已结案")
    count = models.IntegerField("件数", default=0)
    lon_sum = models.FloatField("经度之和", default=0)
    lat_sum = models.FloatField("纬度之和", default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["zoom", "is_ended", "x", "y", "division", "kind"], name="map_tile_once"
            )
        ]
