"""What was called and how often. No personal value is kept."""

from django.db import models
from django.db.models import Q

from yiwang.apps.exchange.models.grants import Grant


class DailyUse(models.Model):
    """当日用量: answered calls of a grant on one local day, and within the second called last.

    Quota and rate are counted here, in the transaction that records the call, so they are exact
    whatever number of gate processes there are.
    """

    grant = models.ForeignKey(Grant, on_delete=models.PROTECT, related_name="uses")
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)
    second = models.BigIntegerField(default=0)  # since 1970
    in_second = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["grant", "day"], name="daily_use_once")]


class CallRecord(models.Model):
    """调用记录: one call of the gate, answered or refused, without any personal value."""

    number = models.CharField("调用编号", max_length=26)
    grant = models.ForeignKey(
        Grant, on_delete=models.PROTECT, null=True, related_name="calls", db_index=False
    )  # the index by grant and time serves both
    organ = models.CharField("调用机构", max_length=60, blank=True)
    table = models.CharField("数据表", max_length=120)
    columns = models.JSONField("所要字段")
    lookup = models.JSONField("查询条件名")  # names only, never values
    purpose = models.CharField("用途", max_length=200, blank=True)
    case = models.CharField("办件编号", max_length=64, blank=True)
    code = models.CharField("结果", max_length=40)  # allowed, or the check that failed
    status = models.PositiveSmallIntegerField("状态码")
    checks = models.JSONField("核对过程")
    rows = models.PositiveIntegerField("返回行数")
    masked = models.JSONField("脱敏字段", default=list)
    micros = models.PositiveIntegerField("用时（微秒）")
    entry = models.CharField("留痕编号", max_length=80)
    at = models.DateTimeField(db_index=True)
    ended_at = models.DateTimeField("答复完毕", null=True)
    form = models.CharField("形式", max_length=10, default="lookup")
    system = models.CharField("调用系统", max_length=80, blank=True)
    bytes_in = models.PositiveBigIntegerField("请求字节", default=0)
    bytes_out = models.PositiveBigIntegerField("答复字节", default=0)
    fault = models.CharField("故障", max_length=40, blank=True)
    used = models.PositiveIntegerField("当日第几次", default=0)
    is_stale = models.BooleanField("旧副本", default=False)
    repeats = models.CharField("重试的调用", max_length=26, blank=True)
    mark = models.CharField("水印", max_length=8, blank=True)

    class Meta:
        indexes = [  # few: every answered call is entered into each before it is answered
            models.Index(fields=["grant", "at"], name="call_by_grant_at"),
            models.Index(fields=["mark"], name="call_by_mark", condition=~Q(mark="")),
        ]
        constraints = [
            # `unique=True` would bring PostgreSQL a second index, for LIKE
            models.UniqueConstraint(fields=["number"], name="call_number_once"),
            models.CheckConstraint(
                name="call_refused_gives_no_rows",
                condition=Q(code="allowed") | Q(code="broken") | Q(rows=0),
            ),
            models.CheckConstraint(
                name="call_allowed_has_grant",
                condition=~Q(code="allowed") | Q(grant__isnull=False),
            ),
        ]
