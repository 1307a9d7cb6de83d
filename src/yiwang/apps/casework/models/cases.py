"""Cases and incidents, their tasks, trail, evidence, signals, ratings."""

from django.db import models
from django.db.models import F, Q

from yiwang.apps.casework.models.listed import LISTED, OfIncident
from yiwang.apps.journal.public import OrderedJSONField


class FlowVersion(models.Model):
    """流程版本: a flow as it was installed, frozen; a case keeps the version it began with."""

    ref = models.CharField("流程", max_length=120)
    version = models.CharField("版本", max_length=16)
    title = models.CharField("名称", max_length=120)
    content = OrderedJSONField("内容")
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
    legal_limit = models.CharField("法定时限", max_length=8, blank=True)
    """As ``limit``: the item's own."""
    due_at = models.DateTimeField("办结期限", null=True)
    legal_due_at = models.DateTimeField("法定期限", null=True)
    provisional = models.PositiveSmallIntegerField("暂算年份", null=True)
    """The year whose working days its limits count by weekdays until it is announced."""
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
            models.Index(fields=["organ", "step", "id"], name="case_by_organ_step"),
            # Newest first; the further columns let a filter pass rows by without reading them.
            models.Index(fields=["organ", "id", "flow", "division"], name="case_by_organ"),
            models.Index(fields=["organ", "state", "id"], name="case_by_organ_state"),
            models.Index(
                fields=["state", "id", "grade", "kind"],
                condition=Q(grade__isnull=False),
                name="incident_by_state",
            ),
            models.Index(
                fields=["kind", "id"], condition=Q(grade__isnull=False), name="incident_by_kind"
            ),
            models.Index(
                fields=["organ", "id", "ended_at", "grade", "kind"],
                condition=Q(grade__isnull=False),
                name="incident_by_organ",
            ),
            models.Index(fields=["object"], condition=~Q(object=""), name="incident_by_object"),
            models.Index(fields=["profile", "id"], name="case_by_profile"),
            models.Index(
                fields=["lat", "lon", "ended_at", "grade", "kind", "division"],
                condition=Q(lat__isnull=False),
                name="case_by_place",
            ),
            models.Index(
                fields=["division", "profile", "id", "state", "grade", "kind"],
                name="case_by_division",
            ),
            models.Index(
                fields=["provisional"],
                condition=Q(provisional__isnull=False),
                name="case_provisional",
            ),
        ]


class Party(OfIncident):
    """参与部门: an organ that a case's flow knows by a name, beside the case's own organ."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="parties")
    name = models.CharField("名称", max_length=64)
    organ = models.CharField("部门", max_length=64)
    division = models.CharField("行政区划", max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "name"], name="party_name_once")]
        indexes = [models.Index(fields=["organ", "case", *LISTED], name="party_by_organ")]


FILTERED = ("is_territorial", "warn_at", "step", "flow_ref")


class StepTask(OfIncident):
    """环节任务: one piece of work of one post at one stay of a case; what work-lists read.

    ``is_present`` tells the tasks of the stay that lasts; ``machine.Task`` is the same, pure.
    """

    class Asked(models.TextChoices):
        BEFORE = "before", "前加签"
        AFTER = "after", "后加签"
        DELEGATE = "delegate", "委派"
        ASSIST = "assist", "协办"
        EXTEND = "extend", "延期"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="tasks")
    number = models.PositiveIntegerField("序号")
    member = models.CharField("会签成员", max_length=64, blank=True)
    asked = models.CharField("加签或委派", max_length=8, blank=True, choices=Asked)
    asker = models.PositiveIntegerField("由哪项任务提出", default=0)
    officer = models.CharField("承办人", max_length=64, blank=True)
    is_present = models.BooleanField("本次停留", default=True)
    is_held = models.BooleanField("等待他人", default=False)
    to = models.CharField("去向", max_length=64, blank=True)
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
    late_at = models.DateTimeField("逾期自动办理时间", null=True)
    """When the move that counts as made by silence is made; null where the flow has none."""
    unattended_until = models.DateTimeField("等待领取至", null=True)
    """When the task goes one tier up if nobody took it; null where it does not."""
    is_paused = models.BooleanField("挂起", default=False)
    left_at = models.DateTimeField("离开时间", null=True)
    left_by = models.CharField("办理人", max_length=64, blank=True)
    verb = models.CharField("操作", max_length=16, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="task_number_once"),
            models.UniqueConstraint(
                fields=["case", "member"],
                condition=Q(left_at=None, asked=""),
                name="task_one_waiting_per_member",
            ),
            models.CheckConstraint(name="task_has_one_post", condition=~Q(role="") & ~Q(organ="")),
            models.CheckConstraint(
                name="task_waits_only_in_its_stay", condition=Q(is_present=True) | ~Q(left_at=None)
            ),
            models.CheckConstraint(
                name="task_asked_by_another",
                condition=Q(asked="", asker=0) | (~Q(asked="") & Q(asker__gte=1)),
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
        indexes = (
            [
                models.Index(
                    fields=fields, condition=Q(left_at=None), name=f"task_waiting_by_{name}"
                )
                for name, fields in (
                    # What a work-list filters by stands in its indexes, so that rows that it does
                    # not show are not read.
                    ("role", ["role", "soonest_due_at", "id", "division", *FILTERED]),
                    ("role_in_place", ["role", "division", "soonest_due_at", "id", *FILTERED]),
                    ("organ", ["organ", "role", "soonest_due_at", "id", "division", *FILTERED]),
                    ("organ_due", ["organ", "soonest_due_at", "id"]),
                    ("organ_warn", ["organ", "warn_at", "id"]),
                )
            ]
            + [
                models.Index(
                    fields=["late_at"],
                    condition=Q(left_at=None, late_at__isnull=False),
                    name="task_late",
                ),
                models.Index(
                    fields=["unattended_until"],
                    condition=Q(left_at=None, officer="", unattended_until__isnull=False),
                    name="task_unattended",
                ),
                models.Index(fields=["organ", "case", *LISTED], name="task_by_organ_case"),
            ]
            + [
                models.Index(
                    fields=fields,
                    condition=Q(is_territorial=True, grade__isnull=False),
                    name=f"incident_task_by_{name}",
                )
                for name, fields in (
                    ("role", ["role", "case", "division", "is_territorial", *LISTED]),
                    ("division", ["role", "division", "case", "is_territorial", *LISTED]),
                )
            ]
        )


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
    task = models.PositiveIntegerField("任务", default=0)
    detail = models.JSONField("详情", default=dict)
    """What replaying needs beside the rest: the post named, the pause that began."""
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
    cell = models.CharField("网格", max_length=32, blank=True)
    """The grid cell of its place; empty: no place was given, or it lies outside every cell."""
    address = models.CharField("地址", max_length=200, blank=True)
    channel = models.CharField("渠道", max_length=16, default="platform")
    origin = models.CharField("来源编号", max_length=120, null=True)
    """The sender's own id of it: the same again is the same signal."""
    token = models.CharField("查询凭证", max_length=32, null=True, unique=True)
    contact = models.JSONField("联系方式", default=dict)
    """What the reporter left for a call back; seen by those who handle, never published."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "origin"],
                condition=Q(origin__isnull=False),
                name="signal_origin_once",
            )
        ]
        indexes = [
            models.Index(fields=["reported_by", "-id"], name="signal_by_reporter"),
            models.Index(fields=["source", "at"], name="signal_by_source"),
        ]


class Rating(models.Model):
    """好差评: what the applicant, or the reporter of an incident, thinks of how it went."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="rating")
    score = models.PositiveSmallIntegerField("评分")
    comment = models.CharField("意见", max_length=500, blank=True)
    rated_by = models.CharField("评价人", max_length=64)
    rated_at = models.DateTimeField("评价时间")
    channel = models.CharField("渠道", max_length=8, default="portal")
    device = models.CharField("设备摘要", max_length=64, blank=True)
    excluded = models.CharField("不计入的原因", max_length=12, blank=True)
    is_bad = models.BooleanField("差评", default=False)
    rectification = models.CharField("整改办件", max_length=32, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="rating_score_1_to_5", condition=Q(score__gte=1, score__lte=5)
            )
        ]
        indexes = [models.Index(fields=["-rated_at"], name="rating_by_time")]
