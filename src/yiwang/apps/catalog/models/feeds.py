"""How feeds are collected: their plan, each load with its decision, mapped columns, push keys."""

from django.db import models
from django.db.models import F, Q

from yiwang.apps.catalog.models.datasets import Dataset
from yiwang.apps.catalog.models.periods import period


class FeedPlanSetting(models.Model):
    """归集计划: when a feed is collected, and what makes a load wait for a decision."""

    dataset = models.OneToOneField(Dataset, on_delete=models.CASCADE, related_name="plan")
    cycle = models.CharField("归集周期", max_length=40, blank=True)  # kernel.cycles; empty: by hand
    is_active = models.BooleanField("启用", default=True)
    drop_limit = models.DecimalField("减少上限", max_digits=4, decimal_places=3)
    rejected_limit = models.DecimalField("隔离上限", max_digits=4, decimal_places=3)
    due_at = models.DateTimeField("最近应办时间", null=True)
    seen = models.CharField("已见文件", max_length=64, blank=True)  # digest of names, sizes, times
    set_by = models.CharField("设置人", max_length=64)
    set_at = models.DateTimeField("设置时间")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="feed_plan_limits_are_shares",
                condition=Q(drop_limit__range=(0, 1), rejected_limit__range=(0, 1)),
            )
        ]


class FeedLoad(models.Model):
    """归集作业: one attempt to load a feed, from the asking to its end or decision."""

    class State(models.TextChoices):
        WAITING = "waiting", "等待"
        RUNNING = "running", "进行中"
        HELD = "held", "待决定"
        DONE = "done", "已入库"
        SAME = "same", "无变化"
        REFUSED = "refused", "已作废"
        FAILED = "failed", "失败"

    run = models.CharField("批次", max_length=80, unique=True)
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="loads")
    mode = models.CharField("方式", max_length=10)  # whole, increment, backfill, push
    state = models.CharField("状态", max_length=8, choices=State.choices, default=State.WAITING)
    job = models.BigIntegerField("作业号", null=True)
    source = models.CharField("来源", max_length=200)
    asked_by = models.CharField("发起人", max_length=64)
    asked_at = models.DateTimeField("发起时间")
    begun_at = models.DateTimeField("开始时间", null=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    since = models.CharField("区间起", max_length=40, blank=True)
    until = models.CharField("区间止", max_length=40, blank=True)
    digest = models.CharField("来源摘要", max_length=64, blank=True)
    newest = models.CharField("最新数据时间", max_length=40, blank=True)
    read = models.PositiveBigIntegerField("读取", default=0)
    accepted = models.PositiveBigIntegerField("入库", default=0)
    rejected = models.PositiveBigIntegerField("隔离", default=0)
    inserted = models.PositiveBigIntegerField("新增", default=0)
    changed = models.PositiveBigIntegerField("变更", default=0)
    deleted = models.PositiveBigIntegerField("删除", default=0)
    same = models.PositiveBigIntegerField("未变", default=0)
    total = models.PositiveBigIntegerField("总行数", default=0)
    reasons = models.JSONField("暂缓原因", default=list)
    drift = models.JSONField("列变化", default=dict)  # missing: {column: name}, found: [names]
    unused = models.JSONField("未用的来源列", default=list)
    identified = models.PositiveBigIntegerField("有身份标识", null=True)  # of return feeds
    matched = models.PositiveBigIntegerField("与基础库比中", null=True)
    error = models.CharField("失败原因", max_length=1000, blank=True)
    decision = models.CharField("决定", max_length=10, blank=True)  # publish, map, accept, refuse
    decided_by = models.CharField("决定人", max_length=64, blank=True)
    decided_at = models.DateTimeField("决定时间", null=True)
    decision_reason = models.CharField("决定理由", max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["dataset", "-id"], name="feed_load_by_feed")]
        constraints = [
            models.CheckConstraint(
                name="feed_load_counts_balance",
                condition=Q(read=F("accepted") + F("rejected")),
            ),
            models.CheckConstraint(
                name="feed_load_decided_at_with_by",
                condition=Q(decided_at=None, decided_by="", decision="")
                | (Q(decided_at__isnull=False) & ~Q(decided_by="") & ~Q(decision="")),
            ),
            models.CheckConstraint(
                name="feed_load_held_with_reasons", condition=~Q(state="held") | ~Q(reasons=[])
            ),
            models.CheckConstraint(
                name="feed_load_matched_within_identified",
                condition=Q(identified=None, matched=None) | Q(matched__lte=F("identified")),
            ),
        ]


class ColumnMapping(models.Model):
    """列对应: a decision on a column that the source renamed or gave up."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="mappings")
    column = models.CharField("字段", max_length=120)
    source = models.CharField(
        "来源列", max_length=200, blank=True
    )  # empty: the source has it no more
    reason = models.CharField("理由", max_length=500, blank=True)
    decided_by = models.CharField("决定人", max_length=64)
    active_from = models.DateTimeField("起")
    active_until = models.DateTimeField("止", null=True)
    ended_by = models.CharField("取消人", max_length=64, blank=True)  # empty: a later one took over
    end_reason = models.CharField("取消理由", max_length=500, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "column"],
                condition=Q(active_until=None),
                name="column_mapping_one_in_force",
            ),
            period("column_mapping_period"),
        ]


class PushKey(models.Model):
    """推送密钥: lets a department's system push rows of one feed; only its digest is kept."""

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="push_keys")
    digest = models.CharField("摘要", max_length=64, unique=True)
    made_by = models.CharField("发放人", max_length=64)
    made_at = models.DateTimeField("发放时间")
    stopped_at = models.DateTimeField("停用时间", null=True)


class ReturnRequest(models.Model):
    """回流申请: data of an upper level that the place asks back, and the feed that brings it."""

    class State(models.TextChoices):
        ASKED = "asked", "已申请"
        AGREED = "agreed", "已同意"
        RECEIVING = "receiving", "回流中"
        REFUSED = "refused", "未同意"
        ENDED = "ended", "已终止"

    title = models.CharField("数据名称", max_length=200)
    level = models.CharField("上级", max_length=20)  # nation, province, city
    provider = models.CharField("上级部门", max_length=120)
    organ = models.CharField("申请机构", max_length=60)
    purpose = models.CharField("用途", max_length=500)
    basis = models.CharField("依据", max_length=300, blank=True)
    feed = models.CharField("接入表", max_length=120, blank=True)  # pack.feed
    state = models.CharField("状态", max_length=10, choices=State.choices)
    asked_by = models.CharField("申请人", max_length=64)
    asked_on = models.DateField("申请日期")
    answered_on = models.DateField("答复日期", null=True)
    answer = models.CharField("答复", max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="return_request_level_known",
                condition=Q(level__in=["nation", "province", "city"]),
            ),
            models.CheckConstraint(
                name="return_request_receiving_has_feed",
                condition=~Q(state="receiving") | ~Q(feed=""),
            ),
        ]


class Rectification(models.Model):
    """整改: failing rows of a feed handed to its owner as a case, and how many still fail."""

    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="rectifications")
    case = models.CharField("办件编号", max_length=32, unique=True)
    run = models.CharField("发现批次", max_length=80)
    rows = models.PositiveBigIntegerField("问题行数")
    left = models.PositiveBigIntegerField("仍有问题")
    checked_run = models.CharField("复核批次", max_length=80)
    opened_at = models.DateTimeField("开出时间")
    closed_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["dataset"], condition=Q(closed_at=None), name="rectification_one_open"
            ),
            models.CheckConstraint(
                name="rectification_left_within_rows", condition=Q(left__lte=F("rows"))
            ),
        ]


class Bulletin(models.Model):
    """质量通报: the organs ranked by the quality of their feeds in a period."""

    number = models.CharField("通报编号", max_length=40, unique=True)
    since = models.DateField("起")
    until = models.DateField("止")
    issued_at = models.DateTimeField("发出时间")
    issued_by = models.CharField("发出人", max_length=64)
    lines = models.JSONField("内容")  # one per organ, ranked

    class Meta:
        constraints = [
            models.CheckConstraint(name="bulletin_period", condition=Q(until__gt=F("since")))
        ]
