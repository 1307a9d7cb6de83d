"""What people ask for: items as installed, drafts, applications."""

from django.db import models
from django.db.models import Q

from yiwang.apps.journal.public import OrderedJSONField


class ServiceItem(models.Model):
    """政务服务事项: one thing an organ does for people on request, as installed."""

    ref = models.CharField("事项", max_length=120, unique=True)
    title = models.CharField("名称", max_length=200)
    organ = models.CharField("实施机构", max_length=64)
    basis = models.CharField("依据", max_length=300, blank=True)
    content = OrderedJSONField("内容")
    search_text = models.TextField("检索文字", default="")
    version = models.PositiveIntegerField("版本号", default=1)
    is_active = models.BooleanField("在用", default=True)
    installed_at = models.DateTimeField("安装时间")

    def __str__(self) -> str:
        return self.title


class Draft(models.Model):
    """申请草稿: what somebody has filled in so far, kept so that they can go on later."""

    item = models.CharField("事项", max_length=120)
    subject = models.CharField("主体", max_length=64)
    token = models.CharField("提交凭据", max_length=36)
    answers = models.JSONField("填写内容", default=dict)
    agreed = models.JSONField("已承诺的材料", default=list)
    files = models.JSONField("已上传的材料", default=dict)
    saved_at = models.DateTimeField("保存时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["item", "subject"], name="draft_one_per_applicant")
        ]

    def __str__(self) -> str:
        return self.item


class Application(models.Model):
    """申请: what somebody asked for, with the answers and materials it was filed with."""

    class State(models.TextChoices):
        WAITING = "waiting", "办理中"
        GRANTED = "granted", "已准予"
        DENIED = "denied", "未准予"
        WITHDRAWN = "withdrawn", "已撤回"

    item = models.CharField("事项", max_length=120)
    content = OrderedJSONField("事项内容")
    subject = models.CharField("主体", max_length=64)
    case = models.CharField("办件编号", max_length=32, unique=True)
    token = models.CharField("提交凭据", max_length=36)
    answers = models.JSONField("填写内容")
    materials = models.JSONField("材料")
    verdict = models.CharField("规则判断", max_length=8, blank=True)
    outputs = models.JSONField("规则结果", default=dict)
    license = models.CharField("证照类型", max_length=120, blank=True)
    state = models.CharField("状态", max_length=9, choices=State, default=State.WAITING)
    saved_fields = models.PositiveSmallIntegerField("免填项数")
    saved_materials = models.PositiveSmallIntegerField("免交份数")
    all_fields = models.PositiveSmallIntegerField("填报项数", default=0)
    all_materials = models.PositiveSmallIntegerField("材料份数", default=0)
    filed_at = models.DateTimeField("提交时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item", "subject"],
                condition=Q(state="waiting"),
                name="application_one_waiting_per_applicant",
            ),
            models.UniqueConstraint(fields=["subject", "token"], name="application_once_per_token"),
            models.CheckConstraint(
                name="application_state_known",
                condition=Q(state__in=["waiting", "granted", "denied", "withdrawn"]),
            ),
        ]
        indexes = [models.Index(fields=["license", "state"], name="application_by_license")]

    def __str__(self) -> str:
        return self.case
