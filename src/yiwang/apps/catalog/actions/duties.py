"""Who in an organ answers for a duty of its data, registered by the data bureau."""

from datetime import datetime

from django.db import transaction

from yiwang.apps.catalog.models import DataDuty
from yiwang.apps.catalog.queries.lists import DUTIES
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Invalid


@transaction.atomic
def set_duty(
    *, organ: str, duty: str, username: str, officer: identity.Actor, at: datetime
) -> None:
    """登记数据职责: from now on this officer of the organ answers for the duty."""
    identity.require(officer, "catalog.check")
    if duty not in DUTIES:
        raise Invalid(f"没有职责“{duty}”。", hint=f"职责有：{'、'.join(DUTIES.values())}。")
    holder = identity.officer(username, at=at)
    if holder.organ != organ:
        raise Invalid(
            f"账户 {username} 不在该机构任职。", hint="请先由安全管理员授予该机构的岗位。"
        )
    DataDuty.objects.filter(organ=organ, duty=duty, active_from__gte=at).delete()
    DataDuty.objects.filter(organ=organ, duty=duty, active_until=None).update(active_until=at)
    DataDuty.objects.create(
        organ=organ,
        duty=duty,
        username=username,
        post="、".join(holder.posts)[:120],
        set_by=officer.username,
        active_from=at,
    )
    facts = {"duty": duty, "holder": username}
    journal.record("catalog.duty_set", subject=organ, actor=officer.username, at=at, facts=facts)
