"""Whether listed systems answer, as the platform itself measured it."""

from django.db import models
from django.db.models import Q

from yiwang.apps.catalog.models.lists import ListEntry


class SystemProbe(models.Model):
    """系统探测: one question a day over each kind of address; the latest of a day stands."""

    entry = models.ForeignKey(ListEntry, on_delete=models.CASCADE, related_name="probes")
    kind = models.CharField("地址类型", max_length=10)  # ipv4, ipv6
    probed_on = models.DateField("探测日期")
    probed_at = models.DateTimeField("探测时间")
    is_answered = models.BooleanField("有应答")
    note = models.CharField("未应答原因", max_length=200, blank=True)
    leads_to = models.CharField("转到的主机", max_length=255, blank=True)  # to sign in, mostly

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "kind", "probed_on"], name="system_probe_once_a_day"
            ),
            models.CheckConstraint(
                name="system_probe_known_kind", condition=Q(kind__in=["ipv4", "ipv6"])
            ),
            models.CheckConstraint(
                name="system_probe_says_why_not",
                condition=Q(is_answered=True, note="") | (Q(is_answered=False) & ~Q(note="")),
            ),
        ]
