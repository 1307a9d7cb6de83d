"""Typed lists that packs bring, and their dated entries."""

from django.db import models
from django.db.models import Q

from yiwang.apps.catalog.models.periods import period


class Register(models.Model):
    """名录: a typed list that packs bring (code tables, devices, divisions)."""

    ref = models.CharField("编号", max_length=120, unique=True)
    title = models.CharField("名称", max_length=200)
    organ = models.CharField("管理机构", max_length=60)
    key = models.CharField("主键", max_length=60)
    columns = models.JSONField("数据项")  # name to title
    source = models.CharField("来源", max_length=300)
    is_example = models.BooleanField("示例", default=False)


class RegisterEntry(models.Model):
    """名录条目: one entry with its validity; a changed one is closed and followed by a new."""

    register = models.ForeignKey(Register, on_delete=models.CASCADE, related_name="entries")
    key = models.CharField(max_length=120)
    values = models.JSONField()
    active_from = models.DateTimeField()
    active_until = models.DateTimeField(null=True)
    begun_by = models.CharField("起于变更", max_length=32, blank=True)  # empty: a pack
    ended_by = models.CharField("止于变更", max_length=32, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["register", "key"],
                condition=Q(active_until=None),
                name="register_entry_one_in_force",
            ),
            period("register_entry_period"),
        ]
