"""How society answers: requests for conditional data, their use, questions, re-uses, stars."""

from django.db import models
from django.db.models import Q

from yiwang.apps.exchange.models.releases import Release


class OpenRequest(models.Model):
    """开放申请: a person or firm asks for a conditional release, with purpose and agreement."""

    class State(models.TextChoices):
        WAITING = "waiting", "待审核"
        AGREED = "agreed", "已同意"
        REFUSED = "refused", "不同意"
        ENDED = "ended", "已收回"

    number = models.CharField("申请编号", max_length=40, unique=True)  # of its case
    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="requests")
    applicant = models.CharField("申请人", max_length=64, db_index=True)
    purpose = models.CharField("用途", max_length=500)
    state = models.CharField("状态", max_length=10, choices=State.choices)
    asked_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64, null=True)
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField("意见", max_length=500, blank=True)
    active_until = models.DateTimeField(null=True)
    digest = models.CharField("密钥摘要", max_length=64, null=True, unique=True)
    shown = models.CharField("密钥前几位", max_length=12, blank=True)
    ended_by = models.CharField("收回人", max_length=64, null=True)
    ended_at = models.DateTimeField("收回时间", null=True)
    ended_reason = models.CharField("收回理由", max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="open_request_decided_at_with_by",
                condition=Q(decided_at=None, decided_by=None)
                | Q(decided_at__isnull=False, decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="open_request_ended_at_with_by",
                condition=Q(ended_at=None, ended_by=None)
                | Q(ended_at__isnull=False, ended_by__isnull=False, state="ended"),
            ),
            models.UniqueConstraint(
                fields=["release", "applicant"],
                condition=Q(state="waiting"),
                name="open_request_one_waiting",
            ),
        ]


class OpenUse(models.Model):
    """开放使用记录: one fetch of a conditional release under a key."""

    request = models.ForeignKey(OpenRequest, on_delete=models.PROTECT, related_name="uses")
    version = models.PositiveIntegerField("版本")
    form = models.CharField("形式", max_length=10)
    at = models.DateTimeField(db_index=True)


class Question(models.Model):
    """公众反馈: what somebody asks or reports about a release; shown once it is answered."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="questions")
    author = models.CharField("提出人（假名）", max_length=80)
    text = models.CharField("内容", max_length=1000)
    asked_at = models.DateTimeField()
    answer = models.CharField("答复", max_length=2000, blank=True)
    answered_by = models.CharField(max_length=64, null=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="question_answered_at_with_by",
                condition=Q(answered_at=None, answered_by=None)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
            )
        ]


class Reuse(models.Model):
    """开放成果: what somebody made with a release; shown once the bureau has looked at it."""

    class State(models.TextChoices):
        WAITING = "waiting", "待审核"
        SHOWN = "shown", "已展示"
        REFUSED = "refused", "不予展示"

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="reuses")
    author = models.CharField("提交人（假名）", max_length=80)
    title = models.CharField("成果名称", max_length=120)
    text = models.CharField("简介", max_length=1000)
    link = models.URLField("网址", max_length=300, blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices)
    sent_at = models.DateTimeField()
    decided_by = models.CharField(max_length=64, null=True)
    decided_at = models.DateTimeField(null=True)


class Stars(models.Model):
    """数据集评分: one to five stars of one account for one release, the latest counts."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="stars")
    author = models.CharField("评分人（假名）", max_length=80)
    stars = models.PositiveSmallIntegerField("星")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["release", "author"], name="stars_once"),
            models.CheckConstraint(name="stars_1_to_5", condition=Q(stars__gte=1, stars__lte=5)),
        ]
