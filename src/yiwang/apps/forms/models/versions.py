"""Each form as it was installed."""

from django.db import models
from django.db.models import Q

from yiwang.apps.journal.public import OrderedJSONField


class FormVersion(models.Model):
    """表单版本: a form as installed, frozen; answers name the version they were given to."""

    ref = models.CharField("表单", max_length=120)
    version = models.CharField("版本", max_length=16)
    title = models.CharField("名称", max_length=120)
    content = OrderedJSONField("内容")
    is_current = models.BooleanField("现行", default=True)
    installed_at = models.DateTimeField("安装时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ref", "version"], name="form_version_once"),
            models.UniqueConstraint(
                fields=["ref"], condition=Q(is_current=True), name="form_one_current"
            ),
        ]

    def __str__(self) -> str:
        return self.title
