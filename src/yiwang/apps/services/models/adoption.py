"""The master list of items in versions, and what organs make of it for their own division."""

from django.db import models
from django.db.models import Q

from yiwang.apps.journal.public import OrderedJSONField


class ItemVersion(models.Model):
    """事项版本: an item's standard elements as they were from one installation to the next."""

    ref = models.CharField("事项", max_length=120)
    number = models.PositiveIntegerField("版本号")
    digest = models.CharField("摘要", max_length=16)
    content = OrderedJSONField("要素")
    installed_at = models.DateTimeField("安装时间")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ref", "number"], name="item_version_once")]

    def __str__(self) -> str:
        return f"{self.ref} {self.number}"


class ItemAdoption(models.Model):
    """事项认领: an organ handles an item of the master list for its own division.

    Only what may be local is its own; every other element is the master's.
    """

    item = models.CharField("事项", max_length=120)
    organ = models.CharField("实施机构", max_length=64)
    division = models.CharField("区划", max_length=12)
    version = models.PositiveIntegerField("认领的版本号")
    promised_limit = models.CharField("承诺时限", max_length=8)
    channels = models.JSONField("办理渠道")
    address = models.CharField("办理地点", max_length=200)
    hours = models.CharField("办理时间", max_length=100)
    phone = models.CharField("咨询电话", max_length=30)
    adopted_by = models.CharField("认领人", max_length=64)
    adopted_at = models.DateTimeField("认领时间")
    ended_at = models.DateTimeField("终止时间", null=True)
    ended_by = models.CharField("终止人", max_length=64, null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "organ"], condition=Q(ended_at=None), name="item_adopted_once"
            ),
            models.CheckConstraint(
                name="item_adoption_ended_with_by",
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["item", "division"], name="adoption_by_division")]

    def __str__(self) -> str:
        return f"{self.item} {self.organ}"
