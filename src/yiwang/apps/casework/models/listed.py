"""What tasks and parties say of their incident, so that lists need not read it for each."""

from django.db import models


class OfIncident(models.Model):
    """What a list of incidents is filtered by, as the incident itself says it; of other cases,
    nothing. Lists read it here, in the order of an index, instead of in a case for each row."""

    is_ended = models.BooleanField("已结案", null=True)
    kind = models.CharField("事件类型", max_length=120, null=True)
    grade = models.PositiveSmallIntegerField("等级", null=True)

    class Meta:
        abstract = True


LISTED = ("is_ended", "kind", "grade")
