"""Who is away, and which colleague of the same organ does their work meanwhile.

A deputy gets no right and no role: they may do the tasks of whoever they stand for, on record
under both names (``casework.access``). Nothing has to be taken back: it ends with the last day.
"""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Q

from yiwang.apps.identity.access import may, require
from yiwang.apps.identity.actor import Officer
from yiwang.apps.identity.models import Absence, Account
from yiwang.apps.identity.queries import AccountUnknown, absent_on, officer_of, officers_with
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid, NotFound

MANAGE = "identity.absence.manage"
LONGEST = 366
"""Days that one absence may last; whoever is away longer gives up the post."""


class DeputyUnfit(Invalid):
    """The deputy is not a colleague of the same organ who handles cases."""

    code = "identity.deputy_unfit"


class AbsencePeriodWrong(Invalid):
    """The days are in the past, in the wrong order, or too many."""

    code = "identity.absence_period_wrong"


class AbsenceOverlaps(Conflict):
    """One of the two is away, or stands for somebody, on some of the days already."""

    code = "identity.absence_overlaps"


class AbsenceUnknown(NotFound):
    """There is no such absence that lasts or is to come."""

    code = "identity.absence_unknown"


@dataclass(frozen=True, slots=True)
class AbsenceView:
    """One absence: who is away, who stands in, from which day to which."""

    id: int
    username: str
    name: str
    deputy: str
    deputy_name: str
    first_on: date
    last_on: date
    reason: str
    named_by: str
    is_now: bool
    may_end: bool


@transaction.atomic
def name_deputy(
    *,
    username: str,
    deputy: str,
    first_on: date,
    last_on: date,
    reason: str,
    officer: Officer,
    at: datetime,
) -> None:
    """指定代办人: by who goes away, or by their organ's manager, for whole days, both included."""
    if username != officer.username:
        require(officer, MANAGE)
    _demand_period(first_on, last_on, reason, at)
    away, stand_in = _locked(username, deputy)
    _demand_colleagues(away, stand_in, officer.organ, at)
    _demand_free(away, stand_in, first_on, last_on)
    Absence.objects.create(
        account=away,
        deputy=stand_in,
        organ=officer.organ,
        first_on=first_on,
        last_on=last_on,
        reason=reason.strip(),
        named_at=at,
        named_by=officer.username,
    )
    journal.record(
        "identity.deputy_named",
        subject=username,
        actor=officer.username,
        at=at,
        facts={"deputy": deputy, "from": first_on.isoformat(), "to": last_on.isoformat()},
    )


@transaction.atomic
def end_absence(*, absence: int, officer: Officer, at: datetime) -> None:
    """提前结束: whoever was away is back, or the days are not taken; by them or the manager."""
    row = (
        Absence.objects.select_for_update(of=("self",))
        .select_related("account")
        .filter(pk=absence, organ=officer.organ, ended_at=None, last_on__gte=local_date(at))
        .first()
    )
    if row is None:
        raise AbsenceUnknown("这次离岗已经结束。", hint="刷新页面查看最新状态。")
    if row.account.username != officer.username:
        require(officer, MANAGE)
    row.ended_at, row.ended_by = at, officer.username
    row.save(update_fields=["ended_at", "ended_by"])
    journal.record(
        "identity.absence_ended", subject=row.account.username, actor=officer.username, at=at
    )


def absences(*, officer: Officer, at: datetime) -> list[AbsenceView]:
    """What lasts or is to come: one's own and those one stands in for; all to the manager."""
    rows = Absence.objects.filter(
        organ=officer.organ, ended_at=None, last_on__gte=local_date(at)
    ).select_related("account", "deputy")
    is_manager = may(officer, MANAGE)
    if not is_manager:
        rows = rows.filter(
            Q(account__username=officer.username) | Q(deputy__username=officer.username)
        )
    lasting = set(rows.filter(absent_on(at)).values_list("pk", flat=True))
    return [
        AbsenceView(
            id=row.pk,
            username=row.account.username,
            name=row.account.name,
            deputy=row.deputy.username,
            deputy_name=row.deputy.name,
            first_on=row.first_on,
            last_on=row.last_on,
            reason=row.reason,
            named_by=row.named_by,
            is_now=row.pk in lasting,
            may_end=is_manager or row.account.username == officer.username,
        )
        for row in rows.order_by("first_on", "pk")
    ]


def colleagues(*, officer: Officer, at: datetime) -> list[Officer]:
    """Who of the officer's organ handles cases, and so can be away or stand in."""
    found = officers_with("case.handle", organ=officer.organ, at=at)
    return sorted(found, key=lambda one: one.name)


def _locked(*usernames: str) -> list[Account]:
    """The officers' accounts, each locked, in an order that two callers cannot cross."""
    rows = (
        Account.objects.select_for_update()
        .filter(username__in=usernames, is_active=True, kind=Account.Kind.OFFICER)
        .order_by("pk")
    )
    found = {one.username: one for one in rows}
    if missing := [one for one in usernames if one not in found]:
        raise AccountUnknown(
            "没有这个账户，或它已停用。", hint="请从列表中选择本单位的同事。", account=missing[0]
        )
    return [found[one] for one in usernames]


def _demand_period(first_on: date, last_on: date, reason: str, at: datetime) -> None:
    if first_on < local_date(at) or last_on < first_on:
        raise AbsencePeriodWrong(
            "起止日期不对：首日不能早于今天，末日不能早于首日。", hint="请重新选择日期。"
        )
    if (last_on - first_on).days >= LONGEST:
        raise AbsencePeriodWrong(
            f"一次离岗最长 {LONGEST} 天。", hint="更长的离岗请由安全管理员免去任职。"
        )
    if not reason.strip():
        raise AbsencePeriodWrong("请填写离岗事由。", hint="如：年休、出差、病假。")


def _demand_colleagues(absent: Account, deputy: Account, organ: str, at: datetime) -> None:
    if not officer_of(absent, organ=organ, at=at).posts:
        raise DeputyUnfit(f"{absent.name}在本单位没有任职。", hint="请选择本单位的同事。")
    chosen = officer_of(deputy, organ=organ, at=at)
    if deputy == absent or not chosen.posts or "case.handle" not in chosen.rights:
        raise DeputyUnfit(
            f"{deputy.name}不能代办：代办人须是本单位另一位有办件权利的工作人员。",
            hint="请从列表中选择本单位的同事。",
        )


def _demand_free(absent: Account, deputy: Account, first_on: date, last_on: date) -> None:
    """No chains: nobody is away twice, stands in while away, or goes away while standing in."""
    taken = Absence.objects.filter(ended_at=None, first_on__lte=last_on, last_on__gte=first_on)
    for row in taken.select_related("account", "deputy"):
        if row.account_id in (absent.pk, deputy.pk):
            raise AbsenceOverlaps(
                f"{row.account.name}在 {row.first_on} 至 {row.last_on} 已登记离岗。",
                hint="请换一位代办人，或先结束那次离岗。",
            )
        if row.deputy_id == absent.pk:
            raise AbsenceOverlaps(
                f"{absent.name}在 {row.first_on} 至 {row.last_on} 正为{row.account.name}代办。",
                hint="请单位管理人员先为其另行指定代办人。",
            )
