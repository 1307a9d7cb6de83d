"""What casework remembers: cases and incidents, their tasks, trail, evidence, signals, ratings."""

from django.db import models
from django.db.models import F, Q


class FlowVersion(models.Model):
    """流程版本: a flow as it was installed, frozen; a case keeps the version it began with."""

    ref = models.CharField("流程", max_length=120)
    version = models.CharField("版本", max_length=16)
    title = models.CharField("名称", max_length=120)
    content = models.JSONField("内容")
    number_prefix = models.CharField("编号前缀", max_length=6)
    installed_at = models.DateTimeField("安装时间")
    is_current = models.BooleanField("现行", default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ref", "version"], name="flow_version_once"),
            models.UniqueConstraint(
                fields=["ref"], condition=Q(is_current=True), name="flow_one_current"
            ),
        ]


class IncidentKind(models.Model):
    """事件类型: what a kind of incident is called, how its signals merge, which flow it takes."""

    ref = models.CharField("类型", max_length=120, unique=True)
    title = models.CharField("名称", max_length=120)
    content = models.JSONField("内容")
    flow = models.CharField("流程", max_length=120)
    installed_at = models.DateTimeField("安装时间")


class RoleHolder(models.Model):
    """岗位设置: an organ some post of which brings a role, as the place installed it."""

    organ = models.CharField("部门", max_length=64)
    role = models.CharField("角色", max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "organ"], name="role_holder_once")]


class NumberSeries(models.Model):
    """编号序列: the last number given out on a day."""

    prefix = models.CharField(max_length=6)
    day = models.DateField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["prefix", "day"], name="number_series_once")]


class Case(models.Model):
    """办件、事件: one matter with somebody's right or an observation, a clock, and one trail."""

    class State(models.TextChoices):
        OPEN = "open", "办理中"
        PAUSED = "paused", "已挂起"
        ENDED = "ended", "已办结"

    number = models.CharField("编号", max_length=32, unique=True)
    flow = models.ForeignKey(FlowVersion, on_delete=models.PROTECT, related_name="+")
    profile = models.CharField("类别", max_length=8, default="case")
    title = models.CharField("事项", max_length=200)
    subject = models.CharField("主体", max_length=64, blank=True, db_index=True)
    applicant = models.CharField("申请人", max_length=64, blank=True, db_index=True)
    organ = models.CharField("部门", max_length=64)
    division = models.CharField("行政区划", max_length=32)
    facts = models.JSONField("事实", default=dict)
    state = models.CharField("状态", max_length=8, choices=State, default=State.OPEN)
    step = models.CharField("环节或结果", max_length=64)
    last_step = models.CharField("办结前环节", max_length=64, blank=True)
    opened_at = models.DateTimeField("立案时间")
    opened_by = models.CharField("立案人", max_length=64)
    limit = models.CharField("时限", max_length=8, blank=True)
    """The item's own promise; empty when the flow's limit holds."""
    due_at = models.DateTimeField("办结期限", null=True)
    ended_at = models.DateTimeField("办结时间", null=True)
    version = models.PositiveIntegerField("版本", default=1)
    kind = models.CharField("事件类型", max_length=120, blank=True)
    object = models.CharField("对象", max_length=120, blank=True)
    grade = models.PositiveSmallIntegerField("等级", null=True)
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)
    signals = models.PositiveIntegerField("信号数", default=0)
    last_signal_at = models.DateTimeField("最近信号", null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="case_ended_at_when_ended",
                condition=Q(state="ended", ended_at__isnull=False)
                | (~Q(state="ended") & Q(ended_at=None)),
            ),
            models.CheckConstraint(
                name="case_incident_has_kind_and_grade",
                condition=Q(profile="case", kind="", grade=None)
                | (Q(profile="incident", grade__gte=1, grade__lte=4) & ~Q(kind="")),
            ),
            models.CheckConstraint(
                name="case_place_whole_or_none",
                condition=Q(lon=None, lat=None) | Q(lon__isnull=False, lat__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["kind", "object"],
                condition=~Q(state="ended") & ~Q(object=""),
                name="one_open_incident_per_kind_and_object",
            ),
        ]
        indexes = [
            models.Index(fields=["profile", "state", "-opened_at"], name="case_by_profile_state"),
            models.Index(fields=["kind", "state"], name="case_by_kind_state"),
        ]


class StepTask(models.Model):
    """环节任务: one stay of a case at one step, waiting for a role; what work-lists read."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    step = models.CharField("环节", max_length=64)
    title = models.CharField("名称", max_length=120)
    role = models.CharField("岗位角色", max_length=120)
    organ = models.CharField("部门", max_length=64)
    division = models.CharField("行政区划", max_length=32)
    is_territorial = models.BooleanField("按辖区办理", default=False)
    flow_ref = models.CharField("流程", max_length=120)
    entered_at = models.DateTimeField("到达时间")
    due_at = models.DateTimeField("环节期限", null=True)
    soonest_due_at = models.DateTimeField("最近期限", null=True)
    warn_at = models.DateTimeField("黄灯时间", null=True)
    is_paused = models.BooleanField("挂起", default=False)
    left_at = models.DateTimeField("离开时间", null=True)
    left_by = models.CharField("办理人", max_length=64, blank=True)
    verb = models.CharField("操作", max_length=16, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=Q(left_at=None), name="task_one_waiting_per_case"
            ),
            models.CheckConstraint(
                name="task_left_at_with_by",
                condition=Q(left_at=None, left_by="", verb="")
                | (Q(left_at__isnull=False) & ~Q(left_by="") & ~Q(verb="")),
            ),
            models.CheckConstraint(
                name="task_left_after_entered",
                condition=Q(left_at=None) | Q(left_at__gte=F("entered_at")),
            ),
        ]
        indexes = [
            models.Index(
                fields=["role", "soonest_due_at", "id"],
                condition=Q(left_at=None),
                name="task_waiting_by_role",
            )
        ]


class TrailEntry(models.Model):
    """办理留痕: who did what to a case, when and why. Never changed, never removed (triggers)."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="trail")
    sequence = models.PositiveIntegerField("序号")
    at = models.DateTimeField("时间")
    actor = models.CharField("办理人", max_length=64)
    actor_name = models.CharField("姓名", max_length=64)
    verb = models.CharField("操作", max_length=16)
    from_step = models.CharField("自", max_length=64, blank=True)
    to_step = models.CharField("至", max_length=64)
    title = models.CharField("说明", max_length=200)
    reason = models.TextField("理由", blank=True)
    division = models.CharField("行政区划", max_length=32, blank=True)
    entry = models.CharField("日志号", max_length=32, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "sequence"], name="trail_in_sequence")
        ]


class Evidence(models.Model):
    """佐证材料: what was handed in with an act, by name: a text, or a file by its digest."""

    trail = models.ForeignKey(TrailEntry, on_delete=models.PROTECT, related_name="evidence")
    name = models.CharField("名称", max_length=64)
    text = models.TextField("内容", blank=True)
    digest = models.CharField("摘要", max_length=64, blank=True)
    kind = models.CharField("格式", max_length=40, blank=True)
    size = models.PositiveIntegerField("大小", default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["trail", "name"], name="evidence_name_once"),
            models.CheckConstraint(
                name="evidence_text_or_file",
                condition=(Q(digest="") & ~Q(text="")) | (~Q(digest="") & ~Q(kind="")),
            ),
        ]


class Signal(models.Model):
    """事件信号: one report or alarm; several about one thing are one incident."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="signal_rows")
    kind = models.CharField("类型", max_length=120)
    source = models.CharField("来源", max_length=64)
    object = models.CharField("对象", max_length=120, blank=True)
    lon = models.FloatField("经度", null=True)
    lat = models.FloatField("纬度", null=True)
    division = models.CharField("行政区划", max_length=32)
    summary = models.CharField("概述", max_length=500)
    facts = models.JSONField("事实", default=dict)
    at = models.DateTimeField("时间")
    reported_by = models.CharField("报告人", max_length=64)


class Rating(models.Model):
    """好差评: what the applicant, or the reporter of an incident, thinks of how it went."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="rating")
    score = models.PositiveSmallIntegerField("评分")
    comment = models.CharField("意见", max_length=500, blank=True)
    rated_by = models.CharField("评价人", max_length=64)
    rated_at = models.DateTimeField("评价时间")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="rating_score_1_to_5", condition=Q(score__gte=1, score__lte=5)
            )
        ]
