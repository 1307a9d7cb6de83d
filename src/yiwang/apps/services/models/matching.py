"""Policies that find people: what changed for whom, who was told, who said no; rules tried out."""

from django.db import models
from django.db.models import Q

from yiwang.apps.services.models.policies import PolicyVersion


class EligibilityChange(models.Model):
    """资格变化: somebody became entitled, or no longer is, because a value or the day changed."""

    policy = models.CharField("政策", max_length=120)
    version = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField("主体", max_length=64)
    division = models.CharField("行政区划", max_length=32, blank=True)
    event = models.CharField("事由", max_length=60)
    was = models.CharField("原结论", max_length=8)
    now = models.CharField("现结论", max_length=8)
    because = models.JSONField("改变的条件", default=list)
    values = models.JSONField("判断所据", default=dict)
    outputs = models.JSONField("结果", default=dict)
    snapshot = models.CharField("数据快照", max_length=64)
    as_of = models.DateField("判断日")
    at = models.DateTimeField("发现时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "subject", "snapshot", "as_of"], name="eligibility_change_once"
            ),
            models.CheckConstraint(
                name="eligibility_change_is_one", condition=~Q(was=models.F("now"))
            ),
        ]
        indexes = [models.Index(fields=["policy", "-id"], name="eligibility_change_by_policy")]

    def __str__(self) -> str:
        return f"{self.policy} {self.was} {self.now}"


class PolicyNotice(models.Model):
    """政策提醒: somebody was told that they may be entitled, and why."""

    policy = models.CharField("政策", max_length=120)
    subject = models.CharField("主体", max_length=64)
    text = models.CharField("内容", max_length=500)
    event = models.CharField("事由", max_length=60, blank=True)
    told_at = models.DateTimeField("提醒时间")
    read_at = models.DateTimeField("阅读时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "subject"], name="policy_notice_once")
        ]
        indexes = [models.Index(fields=["subject", "-id"], name="policy_notice_by_subject")]

    def __str__(self) -> str:
        return f"{self.policy} {self.told_at}"


class OptOut(models.Model):
    """不再提醒: somebody does not want to be told of a policy, or of any (empty)."""

    subject = models.CharField("主体", max_length=64)
    policy = models.CharField("政策", max_length=120, blank=True)
    at = models.DateTimeField("选择时间")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject", "policy"], name="opt_out_once")]

    def __str__(self) -> str:
        return self.policy or "*"


class DryRun(models.Model):
    """规则试算: a changed rule held against the population before it takes effect."""

    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="dry_runs")
    draft = models.JSONField("试算的规则")
    changes = models.JSONField("改动")
    as_of = models.DateField("判断日")
    snapshots = models.JSONField("数据快照")
    result = models.JSONField("结果")
    by = models.CharField("试算人", max_length=64)
    at = models.DateTimeField("试算时间")

    def __str__(self) -> str:
        return f"{self.policy_id} {self.as_of}"
