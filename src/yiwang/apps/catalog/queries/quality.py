"""Quality over time: scores by table and organ, their history, and what is still wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import QuerySet

from yiwang.apps.catalog import scoring
from yiwang.apps.catalog.models import Bulletin, CollectionRun, Dataset, FeedLoad, Rectification
from yiwang.apps.catalog.queries.runs import RunView, collections
from yiwang.apps.identity import public as identity
from yiwang.kernel.clock import CHINA
from yiwang.kernel.errors import NotFound

_CENT = Decimal("0.01")
_DAYS = {"P1D": 1, "P7D": 7, "P1W": 7, "P1M": 31, "P3M": 92, "P1Y": 366}
_GRACE = 2
"""A feed is late when nothing came for so many of its cycles."""


class BulletinUnknown(NotFound):
    """There is no bulletin of this number."""

    code = "catalog.bulletin_unknown"


@dataclass(frozen=True, kw_only=True)
class OrganScore:
    """An organ's feeds in a period: mean of their last scores, what is late and what is open."""

    organ: str
    title: str
    score: Decimal | None
    feeds: int
    late: int
    rejected: int
    read: int
    dimensions: Mapping[str, Decimal]
    open_cases: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TableScore:
    """A feed's last score and how it moved since the load before."""

    ref: str
    title: str
    organ: str
    score: Decimal | None
    before: Decimal | None
    read: int
    rejected: int
    flagged: int
    collected_at: datetime
    case: str
    left: int | None
    """Rows still wrong of the open rectification."""


@dataclass(frozen=True, kw_only=True)
class RectificationView:
    """整改 as pages show it."""

    case: str
    ref: str
    title: str
    organ: str
    run: str
    rows: int
    left: int
    checked_run: str
    opened_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class BulletinView:
    """质量通报: lines ranked, best first."""

    number: str
    since: date
    until: date
    issued_at: datetime
    issued_by: str
    lines: tuple[Mapping[str, object], ...]


def table_scores(*, organ: str = "") -> list[TableScore]:
    """The last score of every feed, worst first."""
    rows = Dataset.objects.filter(kind=Dataset.Kind.FEED, active_until=None)
    rows = rows.filter(organ=organ) if organ else rows
    found = [one for dataset in rows if (one := _table(dataset)) is not None]
    return sorted(found, key=lambda one: (one.score is None, one.score, one.ref))


def organ_scores(*, since: date, until: date, at: datetime) -> list[OrganScore]:
    """Organs by the quality of what they delivered in a period (``until`` exclusive)."""
    titles = {one.id: one.title for one in identity.organs()}
    by_organ: dict[str, list[Dataset]] = {}
    for dataset in Dataset.objects.filter(kind=Dataset.Kind.FEED, active_until=None):
        by_organ.setdefault(dataset.organ, []).append(dataset)
    found = [
        _organ(organ, titles.get(organ, organ), datasets, since, until, at)
        for organ, datasets in by_organ.items()
    ]
    return sorted(
        found, key=lambda one: (one.score is None, -(one.score or 0), one.late, one.organ)
    )


def score_history(ref: str, *, limit: int = 60) -> list[RunView]:
    """The scored loads of a feed, oldest first."""
    return list(
        reversed([one for one in collections(ref=ref, limit=limit) if one.score is not None])
    )


def organ_history(organ: str, *, days: int, at: datetime) -> list[tuple[date, Decimal]]:
    """An organ's mean score by day of the last ``days``, days without a load left out."""
    rows = CollectionRun.objects.filter(
        dataset__organ=organ, score__isnull=False, collected_at__gte=at - timedelta(days=days)
    )
    by_day: dict[date, list[Decimal]] = {}
    for score, collected_at in rows.values_list("score", "collected_at"):
        by_day.setdefault(collected_at.astimezone(CHINA).date(), []).append(score)
    return [(day, _mean(scores)) for day, scores in sorted(by_day.items())]


def rectifications(*, is_open: bool | None = None, limit: int = 200) -> list[RectificationView]:
    """整改 cases of feeds, newest first."""
    rows = Rectification.objects.select_related("dataset").order_by("-id")
    if is_open is not None:
        rows = rows.filter(closed_at__isnull=is_open)
    same = "case run rows left checked_run opened_at closed_at".split()
    return [
        RectificationView(
            **{name: getattr(row, name) for name in same},
            ref=row.dataset.ref,
            title=row.dataset.title,
            organ=row.dataset.organ,
        )
        for row in rows[:limit]
    ]


def bulletins() -> list[BulletinView]:
    """Every bulletin, newest first."""
    return [_bulletin(row) for row in Bulletin.objects.order_by("-since", "-until")]


def bulletin(number: str) -> BulletinView:
    """One bulletin, or ``BulletinUnknown``."""
    row = Bulletin.objects.filter(number=number).first()
    if row is None:
        raise BulletinUnknown(f"没有质量通报 {number}。", hint="从质量通报列表进入。")
    return _bulletin(row)


def _bulletin(row: Bulletin) -> BulletinView:
    same = "number since until issued_at issued_by".split()
    return BulletinView(**{name: getattr(row, name) for name in same}, lines=tuple(row.lines))


def _table(dataset: Dataset) -> TableScore | None:
    runs = list(CollectionRun.objects.filter(dataset=dataset).order_by("-id")[:2])
    if not runs:
        return None
    last = runs[0]
    one = Rectification.objects.filter(dataset=dataset, closed_at=None).first()
    return TableScore(
        ref=dataset.ref,
        title=dataset.title,
        organ=dataset.organ,
        score=last.score,
        before=runs[1].score if len(runs) > 1 else None,
        read=last.read,
        rejected=last.rejected,
        flagged=last.flagged,
        collected_at=last.collected_at,
        case=one.case if one else "",
        left=one.left if one else None,
    )


def _organ(
    organ: str, title: str, datasets: list[Dataset], since: date, until: date, at: datetime
) -> OrganScore:
    begin = datetime(since.year, since.month, since.day, tzinfo=CHINA)
    end = datetime(until.year, until.month, until.day, tzinfo=CHINA)
    rows = CollectionRun.objects.filter(dataset__in=datasets)
    within = rows.filter(collected_at__gte=begin, collected_at__lt=end)
    last = {row.dataset_id: row for row in within.order_by("id")}
    scored = [row.score for row in last.values() if row.score is not None]
    points: dict[str, list[Decimal]] = {}
    for row in last.values():
        for part in row.dimensions.all():
            points.setdefault(part.dimension, []).append(part.score)
    return OrganScore(
        organ=organ,
        title=title,
        score=_mean(scored) if scored else None,
        feeds=len(datasets),
        late=sum(_is_late(one, rows, min(end, at)) for one in datasets),
        rejected=sum(row.rejected for row in last.values()),
        read=sum(row.read for row in last.values()),
        dimensions={
            scoring.TITLES.get(name, name): _mean(values) for name, values in points.items()
        },
        open_cases=tuple(
            Rectification.objects.filter(dataset__in=datasets, closed_at=None).values_list(
                "case", flat=True
            )
        ),
    )


def _is_late(dataset: Dataset, rows: QuerySet[CollectionRun], at: datetime) -> bool:
    """Whether nothing was delivered (not even the same again) for two cycles."""
    days = _DAYS.get(dataset.cycle)
    if days is None:
        return False
    since = at - timedelta(days=days * _GRACE)
    same = FeedLoad.objects.filter(dataset=dataset, state="same", ended_at__gte=since)
    return not (rows.filter(dataset=dataset, collected_at__gte=since).exists() or same.exists())


def _mean(scores: list[Decimal]) -> Decimal:
    return (sum(scores, Decimal(0)) / len(scores)).quantize(_CENT, ROUND_HALF_UP)
