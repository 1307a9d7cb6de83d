"""授权代办: let another apply for one, act under such a letter, and take it back.

The agent applies in the principal's name and sees what the form knows of them; every use is on
record under both numbers. The principal's file, licences and cases stay closed to the agent.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.apps.services.desks import applicant_in
from yiwang.apps.services.models import Proxy
from yiwang.kernel import masking
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Invalid, NotAllowed, YiwangError
from yiwang.kernel.identifiers import gbt11643

LONGEST_DAYS = 180


class ProxyRefused(Invalid):
    """A letter of authority needs an agent's number, a reason and a period."""

    code = "services.proxy_refused"


class NoProxy(NotAllowed):
    """There is no letter of authority in force from this principal to this agent."""

    code = "services.no_proxy"


@dataclass(frozen=True)
class ProxyView:
    """A letter of authority as its two sides see it."""

    id: int
    principal_name: str
    agent: str
    """Masked."""
    reason: str
    active_from: date
    active_until: date
    is_in_force: bool
    ended_at: datetime | None
    uses: int
    last_used_at: datetime | None


@transaction.atomic
def give_proxy(
    *, agent: str, reason: str, days: int, actor: identity.Actor | None, at: datetime
) -> int:
    """授权: the agent may apply for the actor from today, for ``days`` days at most."""
    principal = applicant_in(actor)
    if principal.assisted_by:
        raise ProxyRefused("代办时不能再授权他人。", hint="请由本人登录后授权。")
    try:
        number = gbt11643.check(agent.strip().upper()).text
    except YiwangError as refusal:
        raise ProxyRefused("代办人的公民身份号码有误。", hint="请照身份证逐位核对。") from refusal
    if number == principal.subject:
        raise ProxyRefused("不能授权给自己。", hint="请填写代办人的号码。")
    if not reason.strip() or not 1 <= days <= LONGEST_DAYS:
        raise ProxyRefused("请写明事由，期限为 1 至 180 天。", hint="如“腿脚不便，由儿子代办”。")
    on = local_date(at)
    row = Proxy.objects.create(
        principal=principal.subject,
        principal_kind=principal.kind,
        principal_name=principal.name,
        agent=number,
        reason=reason.strip()[:200],
        active_from=on,
        active_until=on + timedelta(days=days),
        given_at=at,
    )
    _record("proxy.given", row, principal.subject, at)
    return row.pk


@transaction.atomic
def end_proxy(proxy: int, *, actor: identity.Actor | None, at: datetime) -> None:
    """收回授权: from this instant the agent can do nothing more; the actor gave it."""
    principal = applicant_in(actor)
    row = Proxy.objects.filter(pk=proxy, principal=principal.subject, ended_at=None).first()
    if row is None:
        raise NoProxy("没有这份授权，或已经收回。", hint="刷新页面查看最新状态。")
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    _record("proxy.ended", row, principal.subject, at)


@transaction.atomic
def begin_acting(proxy: int, *, actor: identity.Actor | None, at: datetime) -> identity.Applicant:
    """开始代办: the principal as applicant, by the agent's hand; on record."""
    row = _in_force(proxy, applicant_in(actor).subject, at)
    Proxy.objects.filter(pk=row.pk).update(uses=F("uses") + 1, last_used_at=at)
    _record("proxy.used", row, row.agent, at)
    return _principal(row)


def acting_for(proxy: int, *, actor: identity.Actor | None, at: datetime) -> identity.Applicant:
    """Whom the actor acts for, as long as the letter is in force."""
    return _principal(_in_force(proxy, applicant_in(actor).subject, at))


def proxies_given(*, actor: identity.Actor | None, at: datetime) -> list[ProxyView]:
    """The letters that the actor gave, newest first."""
    rows = Proxy.objects.filter(principal=applicant_in(actor).subject).order_by("-id")
    return [_view(row, at) for row in rows[:50]]


def proxies_held(*, actor: identity.Actor | None, at: datetime) -> list[ProxyView]:
    """The letters in force under which the actor may act."""
    rows = Proxy.objects.filter(agent=applicant_in(actor).subject, ended_at=None)
    return [one for one in (_view(row, at) for row in rows.order_by("-id")) if one.is_in_force]


def _in_force(proxy: int, agent: str, at: datetime) -> Proxy:
    row = Proxy.objects.filter(pk=proxy, agent=agent, ended_at=None).first()
    if row is None or not row.active_from <= local_date(at) < row.active_until:
        raise NoProxy("没有有效的授权，不能代办。", hint="请委托人在“授权代办”中授权，或延长期限。")
    return row


def _principal(row: Proxy) -> identity.Applicant:
    kind = "firm" if row.principal_kind == "firm" else "person"
    return identity.Applicant(
        subject=row.principal,
        kind=kind,  # type: ignore[arg-type] # one of the two, as the line above says
        name=row.principal_name,
        assisted_by=row.agent,
    )


def _view(row: Proxy, at: datetime) -> ProxyView:
    in_force = row.ended_at is None and row.active_from <= local_date(at) < row.active_until
    return ProxyView(
        id=row.pk,
        principal_name=row.principal_name,
        agent=masking.mask_id_number(row.agent),
        reason=row.reason,
        active_from=row.active_from,
        active_until=row.active_until,
        is_in_force=in_force,
        ended_at=row.ended_at,
        uses=row.uses,
        last_used_at=row.last_used_at,
    )


def _record(event: str, row: Proxy, actor: str, at: datetime) -> None:
    journal.record(
        event,
        subject=row.principal,
        actor=actor,
        at=at,
        purpose=row.reason,
        facts={"proxy": row.pk, "until": row.active_until.isoformat()},
    )
