"""One-things: as installed, as filed, and how each member stands; guides."""

from django.db import models
from django.db.models import Q

from yiwang.apps.journal.public import OrderedJSONField


class ServiceBundle(models.Model):
    """一件事: several items of several organs that people want done at once, as installed."""

    ref = models.CharField("一件事", max_length=120, unique=True)
    title = models.CharField("名称", max_length=200)
    organ = models.CharField("牵头部门", max_length=64)
    basis = models.CharField("依据", max_length=300, blank=True)
    content = OrderedJSONField("内容")
    search_text = models.TextField("检索文字", default="")
    is_active = models.BooleanField("在用", default=True)
    installed_at = models.DateTimeField("安装时间")

    def __str__(self) -> str:
        return self.title


class ServiceGuide(models.Model):
    """智能导办: questions that narrow to a situation, as installed."""

    ref = models.CharField("导办", max_length=120, unique=True)
    title = models.CharField("名称", max_length=200)
    content = OrderedJSONField("内容")
    search_text = models.TextField("检索文字", default="")
    is_active = models.BooleanField("在用", default=True)

    def __str__(self) -> str:
        return self.title


class BundleFiling(models.Model):
    """联办申请: one form, filed once, for several organs; frozen as it was filed."""

    number = models.CharField("联办编号", max_length=32, unique=True)
    bundle = models.CharField("一件事", max_length=120)
    title = models.CharField("名称", max_length=200)
    organ = models.CharField("牵头部门", max_length=64)
    content = OrderedJSONField("内容")
    subject = models.CharField("主体", max_length=64)
    token = models.CharField("提交凭据", max_length=36)
    answers = models.JSONField("填写内容")
    materials = models.JSONField("材料")
    files = models.JSONField("文件", default=dict)
    saved_fields = models.PositiveSmallIntegerField("免填项数")
    all_fields = models.PositiveSmallIntegerField("填报项数")
    repeated_fields = models.PositiveSmallIntegerField("合并去重项数")
    filed_at = models.DateTimeField("提交时间")
    ended_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "token"], name="bundle_once_per_token"),
            models.UniqueConstraint(
                fields=["bundle", "subject"],
                condition=Q(ended_at=None),
                name="bundle_one_open_per_applicant",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class BundlePart(models.Model):
    """联办事项: how one member of a filed one-thing stands."""

    class State(models.TextChoices):
        PENDING = "pending", "等前面的事项"
        WAITING = "waiting", "办理中"
        GRANTED = "granted", "已准予"
        DENIED = "denied", "未准予"
        HELD = "held", "先前已有，不用办"
        DROPPED = "dropped", "随其他事项停止"
        UNDOING = "undoing", "已准予，正在撤回"
        UNDONE = "undone", "已撤回"
        WITHDRAWN = "withdrawn", "已由申请人撤回"

    filing = models.ForeignKey(BundleFiling, models.PROTECT, related_name="parts")
    member = models.CharField("联办事项", max_length=64)
    item = models.CharField("事项", max_length=120)
    title = models.CharField("名称", max_length=200)
    organ = models.CharField("实施机构", max_length=64)
    state = models.CharField("状态", max_length=9, choices=State, default=State.PENDING)
    because = models.CharField("原因", max_length=300, blank=True)
    case = models.CharField("办件编号", max_length=32, blank=True)
    license = models.CharField("证照编号", max_length=40, blank=True)
    late_case = models.CharField("督办编号", max_length=32, blank=True)
    undo_case = models.CharField("撤回办件编号", max_length=32, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["filing", "member"], name="bundle_part_once"),
            models.CheckConstraint(
                name="bundle_part_state_known",
                condition=Q(
                    state__in=[
                        "pending",
                        "waiting",
                        "granted",
                        "denied",
                        "held",
                        "dropped",
                        "undoing",
                        "undone",
                        "withdrawn",
                    ]
                ),
            ),
        ]
        indexes = [
            models.Index(fields=["case"], name="bundle_part_by_case"),
            models.Index(fields=["undo_case"], name="bundle_part_by_undo"),
            models.Index(fields=["state"], name="bundle_part_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.member}"
