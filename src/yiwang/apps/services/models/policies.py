"""Policies: versions, batches with frozen evidence, runs, candidates, confirmations."""

from django.db import models
from django.db.models import Q


class PolicyVersion(models.Model):
    """政策版本: a policy with its rules as installed; a run names the version it judged by."""

    ref = models.CharField("政策", max_length=120)
    version = models.CharField("版本", max_length=16)
    title = models.CharField("名称", max_length=200)
    organ = models.CharField("主管机构", max_length=64)
    content = models.JSONField("内容")
    is_current = models.BooleanField("现行", default=True)
    installed_at = models.DateTimeField("安装时间")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ref", "version"], name="policy_version_once"),
            models.UniqueConstraint(
                fields=["ref"], condition=Q(is_current=True), name="policy_one_current"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PolicyBatch(models.Model):
    """政策批次: policies judged over one population in one pass; its evidence is a lake snapshot.

    The evidence holds one row per subject: every value that was looked at and, per policy, which
    conditions failed or could not be judged, what was missing, and what was given.
    """

    table = models.CharField("判断所据的表", max_length=128)
    evidence = models.CharField("证据表", max_length=128)
    snapshot = models.CharField("证据快照", max_length=64)
    inputs = models.JSONField("所据数据快照")
    as_of = models.DateField("判断日")
    at = models.DateTimeField("运行时间")
    by = models.CharField("运行人", max_length=64)
    people = models.PositiveIntegerField("判断主体数")
    policies = models.PositiveSmallIntegerField("政策数")
    seconds = models.FloatField("用时")

    class Meta:
        indexes = [models.Index(fields=["table", "id"], name="policy_batch_by_table")]

    def __str__(self) -> str:
        return f"{self.table} {self.as_of}"


class PolicyRun(models.Model):
    """政策运行: one judgement of a whole population, with everything needed to repeat it."""

    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="runs")
    batch = models.ForeignKey(PolicyBatch, on_delete=models.PROTECT, related_name="runs", null=True)
    prefix = models.CharField("证据列前缀", max_length=8, default="")
    """What the policy's columns in the batch's evidence begin with."""
    as_of = models.DateField("判断日")
    at = models.DateTimeField("运行时间")
    by = models.CharField("运行人", max_length=64)
    snapshots = models.JSONField("数据快照")
    parameters = models.JSONField("参数")
    judged = models.PositiveIntegerField("判断人数")
    yes = models.PositiveIntegerField("符合")
    no = models.PositiveIntegerField("不符合")
    unknown = models.PositiveIntegerField("无法判断")
    failed = models.JSONField("不符合原因")
    amount = models.DecimalField("合计金额", max_digits=14, decimal_places=2, null=True)
    seconds = models.FloatField("用时")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="policy_run_counts_balance",
                condition=Q(judged=models.F("yes") + models.F("no") + models.F("unknown")),
            )
        ]

    def __str__(self) -> str:
        return f"{self.policy_id} {self.as_of}"


class Candidate(models.Model):
    """候选人: who a run found entitled, or could not judge, and why. Never changed (trigger)."""

    run = models.ForeignKey(PolicyRun, on_delete=models.PROTECT, related_name="candidates")
    subject = models.CharField("主体", max_length=64)
    division = models.CharField("行政区划", max_length=32, blank=True)
    verdict = models.CharField("结论", max_length=8)
    unknown = models.JSONField("无法判断的条件", default=list)
    missing = models.JSONField("缺少的数据", default=list)
    decided = models.PositiveSmallIntegerField("适用档次", null=True)
    outputs = models.JSONField("结果", default=dict)
    values = models.JSONField("判断所据", default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "subject"], name="candidate_once_per_run"),
            models.CheckConstraint(
                name="candidate_verdict_known", condition=Q(verdict__in=["yes", "unknown"])
            ),
        ]
        indexes = [models.Index(fields=["run", "verdict", "id"], name="candidate_by_verdict")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.verdict}"


class Confirmation(models.Model):
    """认定: the case in which a candidate is confirmed; one open or granted per person."""

    policy = models.CharField("政策", max_length=120)
    subject = models.CharField("主体", max_length=64)
    candidate = models.OneToOneField(Candidate, on_delete=models.PROTECT, related_name="confirmed")
    case = models.CharField("办件编号", max_length=32, unique=True)
    state = models.CharField("状态", max_length=8, default="waiting")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["policy", "subject"],
                condition=Q(state__in=["waiting", "granted"]),
                name="confirmation_one_live_per_person",
            )
        ]

    def __str__(self) -> str:
        return self.case
