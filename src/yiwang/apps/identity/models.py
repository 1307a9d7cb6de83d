"""What identity remembers: organs and posts, accounts and what they hold, sessions, limits."""

from django.db import models
from django.db.models import F, Q

from yiwang.apps.identity.duties import RESERVED, TITLES


class Organ(models.Model):
    """机构: an organ of the place; its line superior (条) may lie outside the place."""

    id = models.CharField("机构标识", max_length=60, primary_key=True)
    title = models.CharField("名称", max_length=120)
    division = models.CharField("行政区划", max_length=12)
    kind = models.CharField("类别", max_length=40, blank=True)
    superior = models.CharField("上级机构", max_length=60, blank=True)
    line_superior = models.CharField("条线上级", max_length=120, blank=True)
    is_active = models.BooleanField("在用", default=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.title


class Role(models.Model):
    """角色: a bundle of rights that a pack defines."""

    id = models.CharField("角色标识", max_length=120, primary_key=True)
    title = models.CharField("名称", max_length=120)
    description = models.CharField("说明", max_length=500, blank=True)
    is_active = models.BooleanField("在用", default=True)

    def __str__(self) -> str:
        return self.title


class RoleRight(models.Model):
    """角色权利: one right that a role brings; never one that belongs to a duty (三员)."""

    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="rights")
    right = models.CharField("权利", max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role", "right"], name="identity_role_right_once"),
            models.CheckConstraint(
                name="identity_role_right_not_reserved",
                condition=~Q(right__in=sorted(RESERVED)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role_id} {self.right}"


class Post(models.Model):
    """岗位: a place in an organ that brings roles to whoever holds it."""

    organ = models.ForeignKey(Organ, on_delete=models.CASCADE, related_name="posts")
    title = models.CharField("名称", max_length=120)
    roles = models.ManyToManyField(Role, related_name="posts")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organ", "title"], name="identity_post_once"),
        ]

    def __str__(self) -> str:
        return f"{self.organ_id} {self.title}"


class Account(models.Model):
    """账户: how a person or firm signs in. A citizen's or firm's account carries its subject."""

    class Kind(models.TextChoices):
        OFFICER = "officer", "工作人员"
        PERSON = "person", "自然人"
        FIRM = "firm", "法人"

    username = models.CharField("账户名", max_length=64, unique=True)
    kind = models.CharField("类别", max_length=8, choices=Kind.choices)
    name = models.CharField("姓名或名称", max_length=120)
    subject = models.CharField("主体号码", max_length=18, blank=True)
    duty = models.CharField("三员职责", max_length=8, blank=True, choices=sorted(TITLES.items()))
    is_active = models.BooleanField("在用", default=True)
    password = models.CharField("口令摘要", max_length=256)
    password_set_at = models.DateTimeField("口令设置时间")
    failures = models.PositiveSmallIntegerField("连续失败次数", default=0)
    locked_until = models.DateTimeField("锁定至", null=True)
    totp_secret = models.BinaryField("动态口令密钥（密文）", null=True)
    totp_since = models.DateTimeField("动态口令启用时间", null=True)
    totp_step = models.BigIntegerField("最近一次动态口令的时步", default=0)
    created_at = models.DateTimeField("建立时间")
    created_by = models.CharField("建立人", max_length=64)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="identity_account_kind_known",
                condition=Q(kind__in=["officer", "person", "firm"]),
            ),
            models.CheckConstraint(
                name="identity_account_one_duty",
                condition=Q(duty__in=["", *sorted(TITLES)]) & (Q(duty="") | Q(kind="officer")),
            ),
            models.CheckConstraint(
                name="identity_account_subject_iff_applicant",
                condition=Q(kind="officer", subject="") | (~Q(kind="officer") & ~Q(subject="")),
            ),
            models.UniqueConstraint(
                fields=["subject"],
                condition=~Q(subject=""),
                name="identity_account_one_per_subject",
            ),
            models.CheckConstraint(
                name="identity_account_totp_since_with_secret",
                condition=Q(totp_since=None) | Q(totp_secret__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.username


class Holding(models.Model):
    """任职: an account holds a post for a period, over some divisions."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="holdings")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="holdings")
    divisions = models.JSONField("覆盖区划", default=list)
    active_from = models.DateTimeField("起")
    active_until = models.DateTimeField("止", null=True)
    assigned_by = models.CharField("授予人", max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "post"],
                condition=Q(active_until=None),
                name="identity_holding_open_once",
            ),
            models.CheckConstraint(
                name="identity_holding_period",
                condition=Q(active_until=None) | Q(active_until__gte=F("active_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.post_id}"


class RoleLoan(models.Model):
    """角色借用: who holds one role holds another as well for a time, such as while a plan is on."""

    role = models.CharField("原角色", max_length=120)
    lent = models.CharField("借用的角色", max_length=120)
    why = models.CharField("缘由", max_length=120)
    since = models.DateTimeField("起")
    until = models.DateTimeField("止", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["role", "lent", "why"],
                condition=Q(until=None),
                name="identity_role_loan_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.lent}"


class Absence(models.Model):
    """离岗代办: an officer is away for some days, and a colleague of the organ does their work."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="absences")
    deputy = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="deputed")
    organ = models.CharField("机构", max_length=60)
    first_on = models.DateField("首日")
    last_on = models.DateField("末日")
    reason = models.CharField("事由", max_length=200)
    named_at = models.DateTimeField("指定时间")
    named_by = models.CharField("指定人", max_length=64)
    ended_at = models.DateTimeField("提前结束时间", null=True)
    ended_by = models.CharField("提前结束人", max_length=64, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="identity_absence_period", condition=Q(last_on__gte=F("first_on"))
            ),
            models.CheckConstraint(
                name="identity_absence_by_another", condition=~Q(account=F("deputy"))
            ),
            models.CheckConstraint(
                name="identity_absence_ended_at_with_by",
                condition=Q(ended_at=None, ended_by="")
                | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
            ),
        ]
        indexes = [models.Index(fields=["deputy", "last_on"], name="absence_by_deputy")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.first_on:%Y-%m-%d}"


class FormerPassword(models.Model):
    """曾用口令: digests of earlier passwords, so that they are not used again."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="former_passwords")
    password = models.CharField("口令摘要", max_length=256)
    replaced_at = models.DateTimeField("更换时间")

    def __str__(self) -> str:
        return f"{self.account_id} {self.replaced_at:%Y-%m-%d}"


class LiveSession(models.Model):
    """在线会话: one signed-in browser, with the assurance it was signed in with."""

    key = models.CharField("会话摘要", max_length=64, primary_key=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="sessions")
    organ = models.CharField("所在机构", max_length=60, blank=True)
    assurance = models.PositiveSmallIntegerField("保证级别")
    began_at = models.DateTimeField("开始时间")
    seen_at = models.DateTimeField("最近活动")

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="identity_session_assurance", condition=Q(assurance__range=(1, 3))
            ),
        ]

    def __str__(self) -> str:
        return self.key[:8]


class LimitValue(models.Model):
    """安全限值: a value of a security limit from a day on (see ``limits.py``)."""

    name = models.CharField("限值", max_length=40)
    value = models.PositiveIntegerField("值")
    active_from = models.DateField("起用日")
    set_at = models.DateTimeField("设置时间")
    set_by = models.CharField("设置人", max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["name", "active_from"], name="identity_limit_once"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.value}"
