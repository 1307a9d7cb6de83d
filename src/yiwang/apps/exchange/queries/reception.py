"""What is shown of how society answers: requests, questions, re-uses."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count

from yiwang.apps.exchange.models import OpenRequest, Question, Release, Reuse
from yiwang.apps.exchange.queries.releases import release_row
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotFound


class OpenRequestUnknown(NotFound):
    """No request has this number, or the actor may not know it."""

    code = "exchange.open_request_unknown"


@dataclass(frozen=True)
class OpenRequestView:
    """开放申请 as applicant and organ see it."""

    number: str
    name: str
    title: str
    organ: str
    purpose: str
    state: str
    state_title: str
    asked_at: datetime
    decided_at: datetime | None
    reason: str
    active_until: datetime | None
    shown: str
    ended_at: datetime | None
    ended_reason: str
    uses: int


@dataclass(frozen=True)
class QuestionView:
    """公众反馈 without its author."""

    id: int
    name: str
    title: str
    text: str
    asked_at: datetime
    answer: str
    answered_at: datetime | None


@dataclass(frozen=True)
class ReuseView:
    """开放成果 without its author."""

    id: int
    name: str
    release: str
    title: str
    text: str
    link: str
    state: str
    state_title: str
    sent_at: datetime


def request_row(number: str, *, lock: bool = False) -> OpenRequest:
    """The stored request, or ``OpenRequestUnknown``."""
    rows = OpenRequest.objects.select_for_update(of=("self",)) if lock else OpenRequest.objects
    row = rows.select_related("release").filter(number=number).first()
    if row is None:
        raise OpenRequestUnknown(f"没有开放申请 {number[:40]}。", hint="请核对编号。")
    return row


def request_view(row: OpenRequest) -> OpenRequestView:
    """The stored request as a value."""
    return OpenRequestView(
        number=row.number,
        name=row.release.name,
        title=row.release.title,
        organ=row.release.organ,
        purpose=row.purpose,
        state=row.state,
        state_title=row.get_state_display(),
        asked_at=row.asked_at,
        decided_at=row.decided_at,
        reason=row.reason,
        active_until=row.active_until,
        shown=row.shown,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
        uses=row.uses.count(),
    )


def own_requests(name: str, *, actor: identity.Actor | None) -> list[OpenRequestView]:
    """The actor's own requests for a release, newest first; nobody else's."""
    if not isinstance(actor, identity.Applicant):
        return []
    rows = OpenRequest.objects.filter(release__name=name, applicant=actor.subject)
    return [request_view(row) for row in rows.select_related("release").order_by("-pk")]


def open_requests(
    *, actor: identity.Actor, offset: int = 0, limit: int = 50
) -> list[OpenRequestView]:
    """Requests that the actor's organ decides, those waiting first."""
    identity.require(actor, "exchange.release")
    organ = actor.organ if isinstance(actor, identity.Officer) else ""
    rows = OpenRequest.objects.filter(release__organ=organ).select_related("release")
    return [request_view(row) for row in rows.order_by("-state", "-pk")[offset : offset + limit]]


def questions_of(name: str) -> list[QuestionView]:
    """Answered questions about a release, newest first: what everybody sees."""
    rows = release_row(name).questions.filter(answered_at__isnull=False)
    return [_question(row) for row in rows.select_related("release").order_by("-pk")[:50]]


def questions_waiting(*, actor: identity.Actor) -> list[QuestionView]:
    """Questions that the actor's organ has not answered yet, oldest first."""
    identity.require(actor, "exchange.release")
    organ = actor.organ if isinstance(actor, identity.Officer) else ""
    rows = Question.objects.filter(release__organ=organ, answered_at=None)
    return [_question(row) for row in rows.select_related("release").order_by("pk")[:100]]


def _question(row: Question) -> QuestionView:
    return QuestionView(
        row.pk,
        row.release.name,
        row.release.title,
        row.text,
        row.asked_at,
        row.answer,
        row.answered_at,
    )


def reuses_of(name: str) -> list[ReuseView]:
    """Re-uses that are shown, newest first."""
    rows = release_row(name).reuses.filter(state=Reuse.State.SHOWN)
    return [_reuse(row) for row in rows.select_related("release").order_by("-pk")[:50]]


def reuses_waiting(*, actor: identity.Actor) -> list[ReuseView]:
    """Re-uses that the bureau has not looked at yet, oldest first."""
    identity.require(actor, "exchange.approve_release")
    rows = Reuse.objects.filter(state=Reuse.State.WAITING)
    return [_reuse(row) for row in rows.select_related("release").order_by("pk")[:100]]


def _reuse(row: Reuse) -> ReuseView:
    return ReuseView(
        row.pk,
        row.release.name,
        row.release.title,
        row.title,
        row.text,
        row.link,
        row.state,
        row.get_state_display(),
        row.sent_at,
    )


@dataclass(frozen=True)
class OpenTotals:
    """Counts for the first page of open data."""

    releases: int
    organs: int
    rows: int
    downloads: int
    by_theme: dict[str, int]


def open_totals() -> OpenTotals:
    """How much is open."""
    rows = Release.objects.filter(state=Release.State.PUBLISHED)
    themes = dict(rows.values_list("theme").annotate(n=Count("id")))
    counted = list(rows.values_list("organ", "rows", "downloads"))
    return OpenTotals(
        releases=len(counted),
        organs=len({organ for organ, _, _ in counted}),
        rows=sum(one for _, one, _ in counted),
        downloads=sum(one for _, _, one in counted),
        by_theme=themes,
    )
