"""Rate finished cases, and let a bad rating begin its rectification, in one transaction.

A rating is kept whatever it says; one that smells of gaming is kept too, with why it does not
count. Nobody rates before the end, twice, or as one of the organ's own people.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Literal

from django.core import signing
from django.db import transaction

from yiwang.apps.casework import place
from yiwang.apps.casework.access import CaseNotYours, is_own, may_see, require_seeing
from yiwang.apps.casework.actions.opening import named, open_case
from yiwang.apps.casework.models import Case, Rating
from yiwang.apps.casework.queries.cases import find_case
from yiwang.apps.casework.queries.signals import reported_by
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.errors import Conflict, Invalid
from yiwang.kernel.limits import Limit
from yiwang.packkit.kinds.citizens import RatingScheme

Channel = Literal["portal", "window", "kiosk", "phone", "office"]
INVITED = "invited"
"""Who rates with an invitation and no account."""
SALT = "yiwang.casework.rating"


class NotYetEnded(Conflict):
    """Only a finished case can be rated."""

    code = "casework.not_yet_ended"


class AlreadyRated(Conflict):
    """A case is rated once."""

    code = "casework.already_rated"


class InvitationBroken(Invalid):
    """The invitation to rate was not made by this platform, or was changed."""

    code = "casework.invitation_broken"


@transaction.atomic
def rate(
    *,
    number: str,
    score: int,
    comment: str,
    actor: identity.Actor,
    at: datetime,
    channel: Channel = "portal",
    device: str = "",
) -> None:
    """评价: say how a finished case was handled, once, from 1 to 5; never by who handled it."""
    row = find_case(number, Case.objects.select_for_update(of=("self",)))
    _require_rating(actor, row)
    insider = not isinstance(actor, identity.Applicant) and _handled(row, actor.organ)
    _store(
        row,
        score,
        comment,
        who=named(actor)[0],
        at=at,
        channel=channel,
        device=device,
        excluded="insider" if insider else "",
    )


@transaction.atomic
def rate_invited(
    *,
    invitation: str,
    score: int,
    comment: str,
    at: datetime,
    looker: identity.Actor | None = None,
    device: str = "",
) -> str:
    """扫码评价: rate with the invitation printed on a receipt; returns the case's number."""
    if isinstance(looker, identity.Officer):
        raise CaseNotYours(
            "登录了工作人员账户的设备不能评价办件。", hint="请办事人用自己的手机扫码评价。"
        )
    number = invited_case(invitation)
    row = find_case(number, Case.objects.select_for_update(of=("self",)))
    _store(row, score, comment, who=INVITED, at=at, channel="window", device=device)
    return number


def invitation(number: str, *, actor: identity.Actor) -> str:
    """What the code on a receipt holds: it lets its bearer rate this case, and nothing else."""
    require_seeing(actor, find_case(number))
    return signing.Signer(salt=SALT).sign(number)


def invited_case(text: str) -> str:
    """The case that an invitation is for."""
    try:
        return signing.Signer(salt=SALT).unsign(text)
    except signing.BadSignature:
        raise InvitationBroken(
            "评价码不完整或已被改动。", hint="请重新扫描回执上的评价码。"
        ) from None


def _store(
    row: Case,
    score: int,
    comment: str,
    *,
    who: str,
    at: datetime,
    channel: Channel,
    device: str,
    excluded: str = "",
) -> None:
    if row.state != Case.State.ENDED:
        raise NotYetEnded(
            f"{row.number} 尚未办结，不能评价。", hint="办结后再评价。", number=row.number
        )
    if not 1 <= score <= 5:
        raise Invalid("评分只能是 1 到 5。", hint="请选择一档评价。")
    if Rating.objects.filter(case=row).exists():
        raise AlreadyRated(f"{row.number} 已经评价过。", hint="每件只评价一次。", number=row.number)
    scheme = place.rating_scheme(row.flow.ref, row.profile)
    hashed = hashlib.sha256(device.encode()).hexdigest() if device else ""
    excluded = excluded or (_suspicion(row, scheme, who, hashed, at) if scheme else "")
    is_bad = scheme is not None and score <= scheme.bad
    found = Rating(
        case=row,
        score=score,
        comment=comment.strip()[:500],
        rated_by=who,
        rated_at=at,
        channel=channel,
        device=hashed,
        excluded=excluded,
        is_bad=is_bad,
    )
    if scheme and is_bad and excluded != "insider":
        found.rectification = _rectify(row, found, scheme, at)
    found.save(force_insert=True)
    facts = {"score": score, "channel": channel, "rectification": found.rectification}
    journal.record("case.rated", subject=row.number, actor=who, at=at, case=row.number, facts=facts)


def _suspicion(
    row: Case, scheme: RatingScheme, who: str, device: str, at: datetime
) -> Literal["", "same_device", "same_hand"]:
    """Why a rating does not count: too many of one organ from one device, or by one hand."""
    begin = at - timedelta(days=Limit.parse(scheme.within).amount)
    lately = Rating.objects.filter(case__organ=row.organ, rated_at__gt=begin)
    if device and lately.filter(device=device).count() >= scheme.most_per_device:
        return "same_device"
    if who != INVITED and lately.filter(rated_by=who).count() >= scheme.most_per_hand:
        return "same_hand"
    return ""


def _rectify(row: Case, rating: Rating, scheme: RatingScheme, at: datetime) -> str:
    """A bad rating, counted or not, is looked into by people."""
    facts = {
        "被评价办件": row.number,
        "评价": f"{scheme.scores[rating.score - 1]}（{rating.score} 分）",
        "意见": rating.comment or "（未填写）",
    }
    begun = open_case(
        flow=scheme.rectification,
        subject="",
        title=f"差评整改：{row.title}"[:200],
        organ=row.organ,
        division=row.division,
        facts=facts,
        parties=scheme.parties,
        actor="casework",
        at=at,
    )
    return begun.number


def _handled(row: Case, organ: str) -> bool:
    return row.organ == organ or row.tasks.filter(organ=organ).exists()


def _require_rating(actor: identity.Actor, row: Case) -> None:
    who, _ = named(actor)
    if isinstance(actor, identity.Officer) and row.profile == "case":
        raise CaseNotYours("工作人员不能评价办件。", hint="由当事人评价。")
    reported = row.profile == "incident" and row.pk in reported_by(who)
    if not (is_own(actor, row) or reported or may_see(actor, row)):
        raise CaseNotYours("您不能评价此件。", hint="由当事人或上报人评价。")
    if row.trail.filter(actor=who).exclude(verb="open").exists() and not is_own(actor, row):
        raise CaseNotYours(
            "经办人不能评价自己办理的事项。", hint="由当事人、上报人或未经办的同事评价。"
        )
