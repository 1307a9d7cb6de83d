"""What society does with open data: asks for it, fetches it, asks about it, shows what it made."""

import secrets
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F

from yiwang.apps.casework import public as casework
from yiwang.apps.exchange.actions.releases import ReleaseMalformed, ReleaseNotInState
from yiwang.apps.exchange.holding import digest_of
from yiwang.apps.exchange.models import (
    DownloadCount,
    OpenRequest,
    OpenUse,
    Question,
    Release,
    Reuse,
    Stars,
)
from yiwang.apps.exchange.queries.reception import OpenRequestView, request_row, request_view
from yiwang.apps.exchange.queries.releases import ReleaseUnknown, ReleaseView, release_row
from yiwang.apps.identity import public as identity
from yiwang.apps.journal import public as journal
from yiwang.kernel.clock import local_date
from yiwang.kernel.errors import Conflict, Invalid, NotAllowed

FLOW = "base.open_application"
VALID = timedelta(days=365)
PER_DAY = 200
"""Fetches a day under one key."""


class AgreementMissing(Invalid):
    """A request for conditional data without purpose or without the promise."""

    code = "exchange.open_agreement_missing"


class RequestAlreadyWaiting(Conflict):
    """The same applicant waits for an answer to the same request."""

    code = "exchange.open_request_waiting"


class RequestAlreadyDecided(Conflict):
    """The request was decided before."""

    code = "exchange.open_request_decided"


class OpenKeyRefused(NotAllowed):
    """A conditional dataset was asked for without a key that is good for it now."""

    code = "exchange.open_key_refused"


class OpenQuotaOver(NotAllowed):
    """The key has been used as often as a day allows."""

    code = "exchange.open_quota_over"
    status = 429


class ApplicantsOnly(NotAllowed):
    """Only a person or firm does this, with an account of their own."""

    code = "exchange.open_applicants_only"


def _open(name: str, *, lock: bool = False) -> Release:
    row = release_row(name, lock=lock)
    if row.state != Release.State.PUBLISHED:
        raise ReleaseUnknown("没有这个开放数据集。", hint="请核对名字，或在开放数据首页检索。")
    return row


def _applicant(actor: identity.Actor | None) -> identity.Applicant:
    if not isinstance(actor, identity.Applicant):
        raise ApplicantsOnly("这里供个人和企业办理。", hint="请用个人或企业账户登录。")
    return actor


@transaction.atomic
def request_release(
    name: str, *, purpose: str, has_agreed: bool, actor: identity.Actor | None, at: datetime
) -> OpenRequestView:
    """申请有条件开放: say what for and agree; the organ that provides answers in working days."""
    applicant, row = _applicant(actor), _open(name)
    if row.terms != Release.Terms.CONDITIONAL:
        raise ReleaseNotInState("这个数据集无条件开放，不必申请。", hint="请直接下载。")
    if not 5 <= len(purpose.strip()) <= 500 or not has_agreed:
        raise AgreementMissing(
            "申请需写明用途（5 至 500 字），并同意数据利用约定。", hint="请补充后重新提交。"
        )
    if row.requests.filter(applicant=applicant.subject, state=OpenRequest.State.WAITING).exists():
        raise RequestAlreadyWaiting("您的申请正在审核。", hint="可在“我的办件”查看进展。")
    case = casework.open_case(
        flow=FLOW,
        subject=row.name,
        title=f"申请有条件开放：{row.title}",
        organ=row.organ,
        division=identity.organ(row.organ).division,
        facts={"dataset": row.title, "purpose": purpose.strip()},
        applicant=applicant.subject,
        actor=applicant,
        at=at,
    )
    made = OpenRequest.objects.create(
        number=case.number,
        release=row,
        applicant=applicant.subject,
        purpose=purpose.strip(),
        state=OpenRequest.State.WAITING,
        asked_at=at,
    )
    journal.record(
        "exchange.open_requested",
        subject=row.name,
        actor=applicant.subject,
        at=at,
        case=case.number,
    )
    return request_view(made)


@transaction.atomic
def decide_open_request(
    number: str, *, agree: bool, reason: str, officer: identity.Officer, at: datetime
) -> OpenRequestView:
    """审定开放申请: by the organ that provides; agreed, the applicant takes a key."""
    row = request_row(number, lock=True)
    identity.require(officer, "exchange.release", organ=row.release.organ)
    if row.state != OpenRequest.State.WAITING:
        raise RequestAlreadyDecided(f"申请 {number} 已审定。", hint="请刷新页面。")
    ReleaseMalformed.unless((agree or bool(reason.strip()), "reason", "不同意时应当说明理由。"))
    casework.act(
        number=row.number,
        verb="approve" if agree else "refuse",
        officer=officer,
        at=at,
        reason=reason,
    )
    settle_request(row, agree=agree, reason=reason, by=officer.username, at=at)
    return request_view(row)


def settle_request(row: OpenRequest, *, agree: bool, reason: str, by: str, at: datetime) -> None:
    """Let a request say what was decided in its case; agreed, a key may be taken."""
    row.state = OpenRequest.State.AGREED if agree else OpenRequest.State.REFUSED
    row.decided_by, row.decided_at, row.reason = by, at, reason[:500]
    row.active_until = at + VALID if agree else None
    row.save()
    event = "exchange.open_request_agreed" if agree else "exchange.open_request_refused"
    journal.record(event, subject=row.release.name, actor=by, at=at, case=row.number)


@transaction.atomic
def end_open_request(
    number: str, *, reason: str, officer: identity.Officer, at: datetime
) -> OpenRequestView:
    """收回开放授权: the organ ends what it had agreed to; the next fetch is refused with why."""
    row = request_row(number, lock=True)
    identity.require(officer, "exchange.release", organ=row.release.organ)
    if row.state != OpenRequest.State.AGREED:
        raise ReleaseNotInState(
            f"申请 {number} 当前为“{row.get_state_display()}”，不能收回。", hint="请刷新页面。"
        )
    ReleaseMalformed.unless((bool(reason.strip()), "reason", "收回时应当说明理由，申请人会看到。"))
    row.state, row.ended_reason = OpenRequest.State.ENDED, reason.strip()[:500]
    row.ended_by, row.ended_at = officer.username, at
    row.save(update_fields=["state", "ended_reason", "ended_by", "ended_at"])
    journal.record(
        "exchange.open_request_ended",
        subject=row.release.name,
        actor=officer.username,
        at=at,
        case=number,
    )
    return request_view(row)


@transaction.atomic
def take_open_key(number: str, *, actor: identity.Actor | None, at: datetime) -> str:
    """领取密钥: shown once; taking another makes the former void."""
    applicant, row = _applicant(actor), request_row(number, lock=True)
    if row.applicant != applicant.subject or row.state != OpenRequest.State.AGREED:
        raise ReleaseNotInState("没有可领取密钥的申请。", hint="申请同意后才能领取。")
    secret = f"yo_{secrets.token_urlsafe(32)}"
    row.digest, row.shown = digest_of(secret), secret[:9]
    row.save(update_fields=["digest", "shown"])
    journal.record(
        "exchange.open_key_taken",
        subject=row.release.name,
        actor=applicant.subject,
        at=at,
        case=number,
    )
    return secret


def admit_open_use(release: ReleaseView, *, form: str, key: str, at: datetime) -> None:
    """Let a fetch pass and count it; a conditional dataset only under a key in force.

    Unconditional fetches are counted by day and form without anybody's name; keyed ones are on
    record one by one.
    """
    with transaction.atomic():
        if release.terms == "conditional":
            _record_keyed(release, form=form, key=key, at=at)
        row, _ = DownloadCount.objects.get_or_create(
            release_id=Release.objects.only("pk").get(ident=release.ident).pk,
            day=local_date(at),
            form=form,
        )
        DownloadCount.objects.filter(pk=row.pk).update(times=F("times") + 1)
        Release.objects.filter(ident=release.ident).update(downloads=F("downloads") + 1)


def _record_keyed(release: ReleaseView, *, form: str, key: str, at: datetime) -> None:
    found = (
        OpenRequest.objects.select_for_update()
        .filter(digest=digest_of(key), release__ident=release.ident)
        .first()
        if key
        else None
    )
    if found and found.state == OpenRequest.State.ENDED:
        raise OpenKeyRefused(
            f"密钥已由提供机构收回：{found.ended_reason}",
            hint="如仍需使用，请说明情况后重新申请。",
        )
    if found is None or found.state != OpenRequest.State.AGREED:
        raise OpenKeyRefused(
            f"“{release.title}”为有条件开放，需要密钥。", hint="请登录后申请，同意后领取密钥。"
        )
    if found.active_until is None or at >= found.active_until:
        raise OpenKeyRefused("密钥已到期。", hint="请重新申请。")
    if found.uses.filter(at__gt=at - timedelta(days=1)).count() >= PER_DAY:
        raise OpenQuotaOver(f"24 小时内已使用 {PER_DAY} 次。", hint="请稍后再试。")
    OpenUse.objects.create(request=found, version=release.version, form=form, at=at)


@transaction.atomic
def ask_about(name: str, *, text: str, actor: identity.Actor | None, at: datetime) -> None:
    """公众反馈: a question or a fault; answered by the organ, and shown with its answer."""
    applicant, row = _applicant(actor), _open(name)
    if not 5 <= len(text.strip()) <= 1000:
        raise AgreementMissing("请用 5 至 1000 字写明问题。", hint="请补充后重新提交。")
    Question.objects.create(
        release=row,
        author=journal.pseudonym(applicant.subject),
        text=text.strip(),
        asked_at=at,
    )
    journal.record("exchange.open_question", subject=name, actor=applicant.subject, at=at)


@transaction.atomic
def answer_question(question: int, *, answer: str, officer: identity.Officer, at: datetime) -> None:
    """答复反馈: the answer is public together with the question."""
    row = Question.objects.select_for_update().select_related("release").get(pk=question)
    identity.require(officer, "exchange.release", organ=row.release.organ)
    ReleaseMalformed.unless(
        (2 <= len(answer.strip()) <= 2000, "answer", "请写答复（2 至 2000 字）。")
    )
    row.answer, row.answered_by, row.answered_at = answer.strip(), officer.username, at
    row.save()
    journal.record(
        "exchange.open_answered", subject=row.release.name, actor=officer.username, at=at
    )


@transaction.atomic
def send_reuse(
    name: str,
    *,
    title: str,
    text: str,
    link: str,
    actor: identity.Actor | None,
    at: datetime,
) -> None:
    """提交开放成果: what was made with the data; shown once the bureau has looked at it."""
    applicant, row = _applicant(actor), _open(name)
    is_web = not link or link.startswith(("https://", "http://"))
    if not title.strip() or not text.strip() or not is_web or len(link) > 300:
        raise AgreementMissing(
            "成果需有名称和简介，网址以 https:// 或 http:// 开头。", hint="请补充后重新提交。"
        )
    Reuse.objects.create(
        release=row,
        author=journal.pseudonym(applicant.subject),
        title=title.strip()[:120],
        text=text.strip()[:1000],
        link=link,
        state=Reuse.State.WAITING,
        sent_at=at,
    )
    journal.record("exchange.open_reuse_sent", subject=name, actor=applicant.subject, at=at)


@transaction.atomic
def decide_reuse(reuse: int, *, agree: bool, officer: identity.Officer, at: datetime) -> None:
    """审核开放成果: shown or not."""
    identity.require(officer, "exchange.approve_release")
    row = Reuse.objects.select_for_update().select_related("release").get(pk=reuse)
    row.state = Reuse.State.SHOWN if agree else Reuse.State.REFUSED
    row.decided_by, row.decided_at = officer.username, at
    row.save()
    journal.record(
        f"exchange.open_reuse_{row.state}",
        subject=row.release.name,
        actor=officer.username,
        at=at,
    )


@transaction.atomic
def rate_release(name: str, *, stars: int, actor: identity.Actor | None, at: datetime) -> None:
    """评分: one to five stars; the latest of an account counts."""
    applicant, row = _applicant(actor), _open(name)
    if not 1 <= stars <= 5:
        raise AgreementMissing("评分为一至五星。", hint="请重新选择。")
    author = journal.pseudonym(applicant.subject)
    try:
        Stars.objects.update_or_create(
            release=row, author=author, defaults={"stars": stars, "at": at}
        )
    except IntegrityError:  # the same account twice at once: the other stands
        return
