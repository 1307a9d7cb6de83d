"""What was pushed into consumers' own databases."""

from django.db import models
from django.db.models import Q

from yiwang.apps.exchange.models.grants import Grant


class PushRecord(models.Model):
    """推送记录: one delivery of a grant into the consumer's own table, whole or what changed."""

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="pushes")
    call = models.CharField("调用编号", max_length=26, blank=True)
    since = models.CharField("自快照", max_length=80, blank=True)  # empty: the whole table
    snapshot = models.CharField("快照", max_length=80, blank=True)
    added = models.PositiveIntegerField("新增", default=0)
    changed = models.PositiveIntegerField("变更", default=0)
    removed = models.PositiveIntegerField("删除", default=0)
    total = models.PositiveIntegerField("表中行数", default=0)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    fault = models.CharField("故障", max_length=60, blank=True)
    sentence = models.CharField("说明", max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="push_done_has_snapshot",
                condition=Q(ended_at=None) | ~Q(fault="") | ~Q(snapshot=""),
            )
        ]
