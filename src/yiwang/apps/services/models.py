"""What services remembers: items, drafts, applications, policies, runs, candidates, payments."""

from django.db import models
from django.db.models import Q


class ServiceItem(models.Model):
    """政务服务事项: one thing an organ does for people on request, as installed."""

    ref = models.CharField("事项", max_length=120, unique=True)
    title = models.CharField("名称", max_length=200)
    organ = models.CharField("实施机构", max_length=64)
    basis = models.CharField("依据", max_length=300, blank=True)
    content = models.JSONField("内容")
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
    content = models.JSONField("事项内容")
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


class PolicyRun(models.Model):
    """政策运行: one judgement of a whole population, with everything needed to repeat it."""

    policy = models.ForeignKey(PolicyVersion, on_delete=models.PROTECT, related_name="runs")
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


class Payment(models.Model):
    """发放清单: what somebody granted receives, with the case and the record it stands on.

    The case is a policy's confirmation or somebody's own application; either lists once.
    """

    policy = models.CharField("政策", max_length=120, db_index=True)
    case = models.CharField("办件编号", max_length=32, unique=True)
    subject = models.CharField("主体", max_length=64)
    division = models.CharField("行政区划", max_length=32, blank=True)
    amount = models.DecimalField("每月金额", max_digits=12, decimal_places=2)
    from_month = models.CharField("起发月份", max_length=7)
    license = models.CharField("认定记录编号", max_length=32, blank=True)
    listed_at = models.DateTimeField("列入时间")
    listed_by = models.CharField("列入人", max_length=64)

    def __str__(self) -> str:
        return f"{self.case} {self.from_month}"
