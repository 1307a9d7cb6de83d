"""好差评: which finished cases may be rated, what was said, and what the numbers come to.

Residents see the numbers of every organ; an organ its own ratings with the words; who watches
over all organs, all of them. Who rated is told to nobody.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from yiwang.apps.casework import place
from yiwang.apps.casework.access import is_own
from yiwang.apps.casework.models import Case, CaseLink, FlowVersion, IncidentKind, Rating
from yiwang.apps.casework.queries.cases import frozen_flow
from yiwang.apps.casework.queries.signals import reported_by
from yiwang.apps.casework.scores import Score, in_order
from yiwang.apps.casework.standing import Standing, standing
from yiwang.apps.identity import public as identity
from yiwang.kernel.errors import NotAllowed
from yiwang.kernel.limits import Limit

EXCLUDED = {
    "same_device": "同一设备评价过多",
    "same_hand": "同一人评价过多",
    "insider": "承办部门内部人员",
}
"""Why a rating is kept but not counted."""
CHANNELS = {
    "portal": "网站、手机",
    "window": "窗口扫码",
    "kiosk": "自助机",
    "phone": "电话",
    "office": "内部",
}
RECTIFYING = "整改中"


@dataclass(frozen=True)
class ToRate:
    """A finished case that invites a rating, or what was said of it."""

    number: str
    title: str
    organ: str
    ended_at: datetime
    scores: tuple[str, ...]
    """What 1 to 5 are called, the worst first."""
    score: int = 0
    comment: str = ""
    rectification: Standing | None = None
    """Where the rectification of a bad rating stands."""


@dataclass(frozen=True)
class RatingView:
    """One rating as the organ sees it."""

    number: str
    title: str
    organ: str
    score: int
    score_title: str
    comment: str
    channel: str
    rated_at: datetime
    is_bad: bool
    excluded: str
    rectification: str
    rectification_title: str


def to_rate(actor: identity.Applicant, *, limit: int = 50) -> list[ToRate]:
    """The applicant's finished cases, and the incidents that they reported, that may be rated,
    newest first; rated ones after them."""
    rows = _finished_of(actor).order_by("-ended_at")
    found = [_to_rate(row, actor) for row in rows[:limit]]
    return sorted(found, key=lambda one: bool(one.score))


def rating_of(number: str, *, actor: identity.Applicant) -> ToRate | None:
    """The same of one case; None while it is under way, or when it invites no rating."""
    row = _finished_of(actor).filter(number=number).first()
    return _to_rate(row, actor) if row else None


def _finished_of(actor: identity.Applicant) -> QuerySet[Case]:
    """An incident is of everybody whose report counts with it, until one of them has rated it;
    one that became part of another is rated there."""
    own = Q(applicant=actor.subject) | Q(subject=actor.subject)
    said_by_another = Q(profile="incident", rating__isnull=False) & ~Q(
        rating__rated_by=actor.subject
    )
    part = CaseLink.objects.filter(
        case=OuterRef("pk"), relation=CaseLink.Relation.MERGED, until_at=None
    )
    rows = Case.objects.filter(own | Q(pk__in=reported_by(actor.subject)), state=Case.State.ENDED)
    rows = rows.filter(_rated_flows()).exclude(said_by_another).exclude(Exists(part))
    return rows.select_related("flow", "rating")


def invited(number: str) -> ToRate | None:
    """What the bearer of an invitation sees: the title and the end, nothing about anybody."""
    row = Case.objects.filter(number=number, state=Case.State.ENDED)
    found = row.filter(_rated_flows()).select_related("flow", "rating").first()
    return _to_rate(found, None) if found else None


def scores(*, since: datetime, until: datetime, at: datetime, profile: str = "case") -> list[Score]:
    """What people said of each organ's cases that ended in a period, in order; for everybody."""
    scheme = place.rating_scheme("", profile)
    if scheme is None:
        return []
    late = at - timedelta(days=Limit.parse(scheme.default_after).amount)
    rows = Case.objects.filter(
        _rated_flows(profile), state=Case.State.ENDED, ended_at__gte=since, ended_at__lt=until
    )
    counts = Q(rating__excluded="", rating__isnull=False)
    found = rows.values("organ").annotate(
        ended=Count("id"),
        said=Count("rating", filter=counts),
        good=Count("rating", filter=counts & Q(rating__is_bad=False)),
        excluded=Count("rating", filter=~Q(rating__excluded="")),
        defaults=Count("id", filter=Q(rating=None, ended_at__lt=late)),
    )
    outcomes = _outcomes(rows)
    return in_order(
        [Score(**one, few=scheme.few, outcomes=outcomes.get(one["organ"], {})) for one in found]
    )


def ratings(
    *, officer: identity.Officer, organ: str = "", only_bad: bool = False, limit: int = 200
) -> list[RatingView]:
    """What was said, newest first: of one's own organ, or of all for who watches."""
    watches = identity.may(officer, "rating.watch")
    if not watches and not identity.may(officer, "case.see"):
        raise NotAllowed("您无权查看评价。", hint="需要“查看本部门、本辖区的办件”权限。")
    rows = Rating.objects.select_related("case__flow").order_by("-rated_at", "-id")
    wanted = organ if watches else officer.organ
    if wanted:
        rows = rows.filter(case__organ=wanted)
    if only_bad:
        rows = rows.filter(is_bad=True)
    return [_rating_view(row) for row in rows[:limit]]


def _rated_flows(profile: str = "") -> Q:
    """Cases of the flows that people go through: those of items and policies, and incidents'."""
    refs = place.rated_flows(profile)
    return Q(flow__in=FlowVersion.objects.filter(ref__in=refs))


def _to_rate(row: Case, actor: identity.Applicant | None) -> ToRate:
    scheme = place.rating_scheme(row.flow.ref, row.profile)
    rating = getattr(row, "rating", None)
    begun = rating.rectification if rating else ""
    assert row.ended_at is not None
    return ToRate(
        number=row.number,
        # The title of an incident holds what its first reporter wrote.
        title=row.title if actor is None or is_own(actor, row) else _kind_title(row),
        organ=row.organ,
        ended_at=row.ended_at,
        scores=scheme.scores if scheme else (),
        score=rating.score if rating else 0,
        comment=rating.comment if rating else "",
        rectification=standing(begun) if begun else None,
    )


def _kind_title(row: Case) -> str:
    return str(IncidentKind.objects.values_list("title", flat=True).get(ref=row.kind))


def _outcomes(rows: QuerySet[Case]) -> Mapping[str, Mapping[str, int]]:
    """For each organ, where the rectifications of its bad ratings stand."""
    begun = rows.filter(rating__is_bad=True).exclude(rating__rectification="")
    organs = dict(begun.values_list("rating__rectification", "organ"))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in Case.objects.filter(number__in=organs).select_related("flow"):
        ends = frozen_flow(row.flow).ends
        found[organs[row.number]][ends.get(row.step, RECTIFYING)] += 1
    return found


def _rating_view(row: Rating) -> RatingView:
    scheme = place.rating_scheme(row.case.flow.ref, row.case.profile)
    return RatingView(
        number=row.case.number,
        title=row.case.title,
        organ=row.case.organ,
        score=row.score,
        score_title=scheme.scores[row.score - 1] if scheme else str(row.score),
        comment=row.comment,
        channel=CHANNELS.get(row.channel, row.channel),
        rated_at=row.rated_at,
        is_bad=row.is_bad,
        excluded=EXCLUDED.get(row.excluded, ""),
        rectification=row.rectification,
        rectification_title=standing(row.rectification).title if row.rectification else "",
    )
