"""The policy library: documents in versions, clause by clause, and how they relate."""

from django.db import models
from django.db.models import Q


class PolicyDocument(models.Model):
    """政策文件: one version of a policy document, from draft to repeal."""

    class State(models.TextChoices):
        DRAFT = "draft", "起草中"
        REVIEW = "review", "待审核"
        PUBLISHED = "published", "已发布"
        REPLACED = "replaced", "已被新版本取代"
        REPEALED = "repealed", "已废止"

    ref = models.CharField("文件编号", max_length=120)
    version = models.PositiveSmallIntegerField("版本")
    title = models.CharField("标题", max_length=300)
    number = models.CharField("文号", max_length=100, blank=True)
    issuer = models.CharField("发文机关", max_length=200, blank=True)
    organ = models.CharField("维护机构", max_length=64)
    topic = models.CharField("主题", max_length=60, blank=True)
    issued_on = models.DateField("成文日期", null=True)
    active_from = models.DateField("生效日期", null=True)
    active_until = models.DateField("失效日期", null=True)
    state = models.CharField("状态", max_length=9, choices=State, default=State.DRAFT)
    source = models.CharField("来源", max_length=200)
    digest = models.CharField("原文摘要", max_length=64)
    is_example = models.BooleanField("示例", default=False)
    folded = models.TextField("检索标题")
    drafted_by = models.CharField("起草人", max_length=64)
    drafted_at = models.DateTimeField("起草时间")
    published_by = models.CharField("发布人", max_length=64, blank=True)
    published_at = models.DateTimeField("发布时间", null=True)
    repealed_because = models.CharField("废止原因", max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ref", "version"], name="policy_document_version_once"),
            models.UniqueConstraint(
                fields=["ref"],
                condition=Q(state="published"),
                name="policy_document_one_published",
            ),
            models.CheckConstraint(
                name="policy_document_published_by_another",
                condition=Q(published_by="") | ~Q(published_by=models.F("drafted_by")),
            ),
        ]
        indexes = [models.Index(fields=["state", "topic"], name="policy_document_by_topic")]

    def __str__(self) -> str:
        return self.title


class DocumentClause(models.Model):
    """条款: one addressable piece of a document, as published and as it is searched."""

    document = models.ForeignKey(PolicyDocument, on_delete=models.CASCADE, related_name="clauses")
    key = models.CharField("条款编号", max_length=40)
    position = models.PositiveIntegerField("次序")
    label = models.CharField("标号", max_length=40, blank=True)
    level = models.PositiveSmallIntegerField("层级", default=0)
    text = models.TextField("条文")
    folded = models.TextField("检索文本")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["document", "key"], name="document_clause_once")
        ]

    def __str__(self) -> str:
        return self.label or self.key


class DocumentRelation(models.Model):
    """文件关系: a document repeals, amends, implements or is based on another."""

    class Kind(models.TextChoices):
        REPEALS = "repeals", "废止"
        AMENDS = "amends", "修改"
        IMPLEMENTS = "implements", "细化"
        BASED_ON = "based_on", "依据"

    document = models.ForeignKey(PolicyDocument, on_delete=models.CASCADE, related_name="relations")
    kind = models.CharField("关系", max_length=10, choices=Kind)
    target = models.CharField("对象", max_length=300)
    """The ref of a document of the library, or the title of one outside."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "kind", "target"], name="document_relation_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.target}"
